"""What the console's metrics say of all tenants, as looks and people have left it in Postgres."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from models_app.incidents import services as incidents
from models_app.incidents.models import Incident
from models_app.monitoring.latest_rates import latest_rates
from models_app.monitors.models import Look
from models_app.monitors.order import LOOKED_BACK, SETTLED, last_hour, order_looks
from models_app.monitors.run import run_look
from muse_site import console_metrics
from scoring.models import HourProfile
from tenants.roles import Role
from tenants.scope import platform_scope, tenant_scope
from tests.factories import World, make_person, serve
from tests.models_app.monitors.worlds import count, intent_of

pytestmark = pytest.mark.django_db

HOURS = 30


@pytest.fixture
def world() -> World:
    """An intent that was scored in the last hours, and looked at after the latest."""
    world, until = serve(), last_hour(timezone.now())
    count(world, until - timedelta(hours=HOURS), HOURS)
    order_looks(now=until + SETTLED)
    with tenant_scope(world.tenant.pk):
        look = Look.objects.get(until=until)
    run_look(world.tenant.pk, look.pk)
    return world


def value(client: Client, line: str) -> float | None:
    page = client.get("/metrics").content.decode()
    found = re.search(rf"^{re.escape(line)} (\S+)$", page, re.MULTILINE)
    return float(found.group(1)) if found else None


def test_alert_rates__of_an_intent_that_was_looked_at__are_those_of_its_last_day(client: Client, world: World) -> None:
    with tenant_scope(world.tenant.pk):
        rows = list(HourProfile.objects.filter(hour__gte=last_hour(timezone.now()) - timedelta(days=1)))
        number = intent_of(world).pk
    events, alerts = sum(row.events for row in rows), sum(row.alerts["review"] for row in rows)
    place = f'{{intent="{number}",tenant="{world.tenant.pk}",threshold="review"}}'
    assert value(client, f"muse_alert_rate_events{place}") == events > 0
    assert value(client, f"muse_alert_rate{place}") == pytest.approx(alerts / events)
    assert value(client, f"muse_alert_rate_target{place}") == pytest.approx(0.05)
    assert value(client, 'muse_looks{state="succeeded"}') == 1
    assert world.tenant.slug not in client.get("/metrics").content.decode()


def test_alert_rates__of_a_transform_that_nobody_knows__have_no_target(world: World) -> None:
    with tenant_scope(world.tenant.pk):
        HourProfile.objects.update(transform=world.transform.pk + 1_000)
    with platform_scope():
        assert {(each.threshold, each.target) for each in latest_rates()} == {("decline", None), ("review", None)}


def test_alert_rates__of_an_intent_that_is_not_scored_any_more__are_not_told(world: World) -> None:
    with platform_scope():
        assert latest_rates(now=timezone.now() + LOOKED_BACK) == []


def test_alert_rates__of_many_thresholds_and_transforms__take_two_queries(world: World) -> None:
    with (
        platform_scope(),
        CaptureQueriesContext(
            connection,
        ) as asked,
    ):
        latest_rates()
    assert len(asked) == 2


def test_incidents__while_they_go_on__are_told_by_kind_and_each_by_itself(client: Client, world: World) -> None:
    analyst = make_person(role=Role.ANALYST, tenant=world.tenant)
    none = {f'muse_incidents{{kind="{kind}",state="{state}"}}' for kind in Incident.Kind for state in Incident.GOING_ON}
    assert {value(client, line) for line in none} == {0.0}
    since = last_hour(timezone.now())
    with tenant_scope(world.tenant.pk):
        incident = Incident.objects.create(
            tenant=world.tenant,
            intent=intent_of(world),
            kind=Incident.Kind.RISK,
            since=since,
            seen_at=since,
            a_year=0.1,
        )
    place = f'intent="{incident.intent_id}",kind="risk"'
    own = f'muse_incident_since_timestamp_seconds{{{place},state="%s",tenant="{world.tenant.pk}"}}'
    assert value(client, own % "open") == since.timestamp()
    assert value(client, 'muse_incidents{kind="risk",state="open"}') == 1
    with tenant_scope(world.tenant.pk):
        incidents.acknowledge(actor=analyst, incident=incident, note="")
    assert value(client, 'muse_incidents{kind="risk",state="open"}') == 0
    assert value(client, own % "acknowledged") == since.timestamp()
    with tenant_scope(world.tenant.pk):
        incidents.close(actor=analyst, incident=incident, note="a test", is_usual=False)
    assert value(client, own % "acknowledged") is None


def test_page__while_postgres_does_not_answer__is_there_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OSError

    monkeypatch.setattr(console_metrics, "latest_rates", away)
    assert console_metrics.page() == b""
