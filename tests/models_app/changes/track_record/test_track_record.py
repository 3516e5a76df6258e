"""The track record: what evidence foretold of a release, and what came, over the services, REST and the page."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from models_app import tasks
from models_app.changes import reviewing
from models_app.changes.track_record.came import write_down_what_came
from models_app.changes.track_record.models import TrackRecord
from models_app.statistics.evidence import examine, stored, verdict_of
from models_app.statistics.evidence.forecast import Forecast
from models_app.statistics.held_out import HeldOutRate
from scoring.models import MinuteStatistics, Release
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import World, add_evidence, make_change, make_person, serve, set_threshold
from tests.models_app.conftest import Api
from tests.models_app.statistics.evidence.test_examine import observed, question

WEEK = timedelta(days=7)
HELD = HeldOutRate(0.3, 0.05, 50, 1_000, 0.05, 0.04, 0.06)


@pytest.fixture
def world(db: None) -> World:
    world = serve("acme")
    set_threshold(world, 0.3)
    return world


def foretold(world: World) -> str:
    """Evidence's text, with a forecast of 4 to 6 % at the world's threshold."""
    found = examine(world.intent.name, observed(2_000), question(0.05))
    (each,) = found.thresholds
    threshold = replace(each, name="review", score=0.3, forecast=Forecast(7_000, 0.04, 0.06, []), held_out=HELD)
    found = replace(found, thresholds=[threshold])
    return stored.text_of([found], verdict_of([found]))


def published(world: World, text: str) -> Release:
    """The release of a change request that was approved on such evidence."""
    author, approver = (make_person(role=Role.APPROVER, tenant=world.tenant) for _ in range(2))
    change = make_change(world, author=author)
    evidence, digest = add_evidence(change), hashlib.sha256(text.encode()).hexdigest()
    with platform_scope():
        type(evidence).objects.filter(pk=evidence.pk).update(result=text, digest=digest)
        reviewing.submit(actor=author, change=change)
        done = reviewing.approve(actor=approver, change=change, document_digest=change.digest, evidence_digest=digest)
        if done.release is None:
            done = reviewing.publish_change(actor=approver, change=change)
    assert done.release is not None
    return done.release


def scored(world: World, release: Release, at: Any, events: int, alerts: int) -> None:
    with platform_scope():
        MinuteStatistics.objects.create(
            tenant=world.tenant, intent=world.intent.name, minute=at.replace(second=0, microsecond=0),
            release=release.number, predictor="p@1", transform=1, events=events, alerts={"review": alerts},
        )  # fmt: skip


def follow(release: Release, after: timedelta, document: str | None = None) -> None:
    """Another release, so much later: of the same document, or of another. Releases cannot be changed, only added."""
    with platform_scope(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO scoring_release (tenant_id, number, document, digest, published_at, reason)"
            " SELECT tenant_id, number + 1, coalesce(%s, document), digest, published_at + %s, reason"
            " FROM scoring_release WHERE id = %s",
            [document, after, release.pk],
        )


def recorded(release: Release) -> TrackRecord:
    with platform_scope():
        return TrackRecord.objects.select_related("release").get(release=release)


def test_publication__with_evidence__keeps_what_was_foretold(world: World) -> None:
    row = recorded(published(world, foretold(world)))
    assert (row.threshold, row.score, row.low, row.high, row.held_out) == ("review", 0.3, 0.04, 0.06, 0.05)
    assert (row.target, row.since) == (pytest.approx(0.05), row.release.published_at)
    assert (row.until, row.rate, row.days, row.inside) == (None, None, None, None)


def test_publication__with_evidence_of_nothing__keeps_nothing(world: World) -> None:
    published(world, '{"intents": [], "number": 1}')
    with platform_scope():
        assert not TrackRecord.objects.exists()


@pytest.mark.parametrize(("alerts", "inside"), [(50, True), (90, False)])
def test_came__after_a_week__is_the_rate_of_that_week_alone(world: World, alerts: int, inside: bool) -> None:
    release = published(world, foretold(world))
    at = release.published_at
    scored(world, release, at + timedelta(days=2), 600, alerts - 20)
    scored(world, release, at + timedelta(days=6), 400, 20)
    scored(world, release, at + timedelta(days=7, hours=1), 400, 400)
    assert write_down_what_came(now=at + WEEK) == 0  # what is counted a little later is missing yet
    assert write_down_what_came(now=at + WEEK + timedelta(hours=2)) == 1
    row = recorded(release)
    assert (row.events, row.alerts, row.rate, row.days, row.inside) == (1000, alerts, alerts / 1000, 7.0, inside)
    assert write_down_what_came(now=at + 2 * WEEK) == 0  # once for ever


def test_came__when_another_release_serves_the_intent_otherwise__is_a_part_and_not_judged(world: World) -> None:
    release = published(world, foretold(world))
    at = release.published_at
    follow(release, timedelta(days=2), world.release.document)
    scored(world, release, at + timedelta(days=1), 100, 5)
    scored(world, release, at + timedelta(days=3), 100, 99)
    assert write_down_what_came(now=at + timedelta(days=2, hours=2)) == 1
    row = recorded(release)
    assert (row.events, row.rate, row.days, row.inside) == (100, 0.05, 2.0, None)


def test_came__when_another_release_leaves_the_intent_as_it_is__goes_on(world: World) -> None:
    release = published(world, foretold(world))
    at = release.published_at
    follow(release, timedelta(days=2))
    assert write_down_what_came(now=at + timedelta(days=3)) == 0
    with platform_scope():
        second = Release.objects.get(tenant=world.tenant, number=release.number + 1)
    scored(world, second, at + timedelta(days=5), 1000, 50)
    assert write_down_what_came(now=at + timedelta(days=8)) == 1
    assert recorded(release).inside is True


def test_task__by_itself__leaves_what_is_not_over(world: World) -> None:
    release = published(world, foretold(world))
    assert tasks.write_down_what_came() == 0
    assert recorded(release).until is None


def test_rest__track_record__is_paged_and_of_the_tenant_alone(api: Callable[..., Api], world: World) -> None:
    release = published(world, foretold(world))
    scored(world, release, release.published_at + timedelta(days=1), 1000, 50)
    write_down_what_came(now=release.published_at + timedelta(days=8))
    path = f"tenants/{world.tenant.slug}/intents/{world.intent.name}/track-record"
    found = api("viewer", world.tenant).get(path, limit=1).json()
    assert found["count"] == 1
    (row,) = found["results"]
    assert (row["release"], row["low"], row["high"], row["held_out"]) == (release.number, 0.04, 0.06, 0.05)
    assert (row["rate"], row["days"], row["inside"]) == (0.05, 7.0, True)
    stranger = api("admin", serve("globex").tenant)
    assert stranger.get(path).status_code == 404


def test_page__of_an_intent__shows_the_track_record_or_says_that_there_is_none(world: World) -> None:
    client, address = Client(), f"/tenants/{world.tenant.slug}/intents/{world.intent.name}"
    client.force_login(make_person(role=Role.VIEWER, tenant=world.tenant))
    assert "Nothing was forecast yet." in client.get(address).content.decode()
    release = published(world, foretold(world))
    assert "No such week is over yet." in client.get(address).content.decode()
    scored(world, release, release.published_at + timedelta(days=1), 1000, 55)
    write_down_what_came(now=release.published_at + timedelta(days=8))
    page = " ".join(client.get(address).content.decode().split())
    table = page[page.index("Track record") :]
    for phrase in ("1 of 1 alert rates of whole weeks lay inside, 100 %.", "4 to 6 %", "5.5 %", "yes"):
        assert phrase in table


def test_page_of_an_intent__with_more_rows__takes_no_more_queries(world: World) -> None:
    client, address = Client(), f"/tenants/{world.tenant.slug}/intents/{world.intent.name}"
    client.force_login(make_person(role=Role.VIEWER, tenant=world.tenant))
    row, counts = recorded(published(world, foretold(world))), []
    for number in range(2):
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        counts.append(len(captured))
        with platform_scope():
            more = [TrackRecord(**{**_values(row), "threshold": f"{number}-{each}"}) for each in range(3)]
            TrackRecord.objects.bulk_create(more)
    assert counts[0] == counts[1]


def _values(row: TrackRecord) -> dict[str, Any]:
    names = ("tenant_id", "release_id", "intent", "score", "target", "low", "high", "since")
    return {name: getattr(row, name) for name in names}
