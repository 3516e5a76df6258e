"""A table in quarantine is told of: in Postgres, on Home and Serving, over REST, by a notification; once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from models_app.changes.models import ChangeRequest
from models_app.monitoring import attention
from models_app.monitoring.quarantine import tell_of_quarantined_tables
from models_app.notifications.models import Notification
from scoring.consumer.consumer import LaneState
from scoring.consumer.quarantine import QuarantineState
from scoring.consumer.reporter import Reporter
from scoring.lake.delta import TableName
from scoring.models import ConsumerLane, QuarantinedTable
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.factories import World, make_change, make_person, make_webhook, serve

SINCE = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def world(db: None, segments: Path) -> World:
    return serve("acme")


def state(world: World, records: int = 12, lost: int = 0) -> QuarantineState:
    table = TableName(world.tenant.pk, world.intent.name, "events")
    return QuarantineState(table, "SchemaMismatchError: <no>", SINCE, records, 4096, lost)


def lane() -> LaneState:
    return LaneState("0", position=1, behind_bytes=0, events=5, duplicates=1, dropped=0, lost_events=0, conflicts=2)


def page(path: str, role: str, tenant: Tenant | None = None) -> str:
    client = Client()
    client.force_login(make_person(role=role, tenant=tenant), "django.contrib.auth.backends.ModelBackend")
    return " ".join(client.get(path).content.decode().split())


def rows() -> list[tuple[int, int]]:
    with platform_scope():
        return list(QuarantinedTable.objects.values_list("records", "lost"))


def test_reporter__table_in_quarantine__is_a_row_until_it_is_over(world: World) -> None:
    reporter = Reporter("m")
    reporter.report([lane()], [state(world)])
    reporter.report([lane()], [state(world, 20, 3)])
    assert rows() == [(20, 3)]
    assert ConsumerLane.objects.get().conflicts == 2
    Reporter("another").report([], [])
    assert rows() == [(20, 3)]
    reporter.report([lane()], [])
    assert rows() == []


def test_reporter__table_of_an_erased_tenant__is_left_out(world: World) -> None:
    gone = QuarantineState(TableName(10**6, "x", "events"), "", SINCE, 1, 1, 0)
    Reporter("m").report([lane()], [gone, state(world)])
    assert rows() == [(12, 0)]


@pytest.fixture
def quarantine_world(world: World) -> World:
    Reporter("m").report([lane()], [state(world)])
    return world


def test_home__of_those_who_see_the_tenant__says_it(quarantine_world: World) -> None:
    for tenant in (None, quarantine_world.tenant):
        found = page("/", "viewer", tenant)
        assert "A table of events cannot be written, and is in quarantine" in found
        assert "12 records wait on m. SchemaMismatchError: &lt;no&gt;" in found
    assert "quarantine" not in page("/", "viewer", serve().tenant)


def test_troubles__more_than_there_is_room_for__begin_with_tables_in_quarantine(quarantine_world: World) -> None:
    author = make_person(role="analyst", tenant=quarantine_world.tenant)
    soon = timezone.now() + timedelta(hours=20)
    for _ in range(3):
        make_change(quarantine_world, author=author)
    with platform_scope():
        ChangeRequest.objects.filter(tenant=quarantine_world.tenant).update(expires_at=soon)
        found = attention.troubles(author, shared=False, most=2)
    assert [row.kind for row in found] == ["quarantine", "change"]


def test_serving__with_a_table_in_quarantine__never_says_that_it_keeps_up(quarantine_world: World) -> None:
    found = page("/serving", "viewer")
    assert "Tables in quarantine" in found
    assert ">up to date<" not in found
    assert "Nothing is lost while they are behind" not in found
    Reporter("m").report([lane()], [])
    found = page("/serving", "viewer")
    assert "Tables in quarantine" not in found
    assert ">up to date<" in found


def test_quarantine__in_postgres__everybody_is_told_once(quarantine_world: World) -> None:
    make_webhook(quarantine_world.tenant)
    assert tell_of_quarantined_tables() == 1
    assert tell_of_quarantined_tables() == 0
    with platform_scope():
        row = Notification.objects.get()
        assert (
            row.title == "Acme: the table of card-payments's events cannot be written: its records wait in quarantine"
        )
        assert row.data["reason"] == "SchemaMismatchError: <no>"
        assert row.deliveries.count() == 1
