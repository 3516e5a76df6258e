"""Alert rates over time: what counts in which bucket, what marks its way, and who sees it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from models_app.catalog.references import mathematical
from models_app.changes.models import ChangeRequest
from models_app.monitoring.marks import Kind, marks_of
from models_app.monitoring.rates_over_time import Bucket, Series, series_of
from models_app.transforms.models import Fit
from scoring.models import DayStatistics, HourProfile
from scoring.services import publish_document
from tenants.models import Intent
from tenants.roles import Role
from tenants.scope import platform_scope, tenant_scope
from tests.factories import World, make_change, make_person, make_reference, make_transform, serve
from tests.models_app.conftest import Api, fields
from tests.watching import make_incident, make_refresh, make_standing_approval

MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)  # a Monday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def world(db: None) -> World:
    return serve("acme")


def intent_of(world: World) -> Intent:
    return Intent.objects.select_related("tenant__review_policy").get(pk=world.intent.pk)


def hours(world: World, first: datetime, alerts: list[int], events: int = 1_000, **fields: object) -> None:
    common: dict[str, Any] = {"tenant": world.tenant, "intent": world.intent.name, "thresholds": {"review": 0.9}}
    common |= {"transform": world.transform.pk} | fields
    with tenant_scope(world.tenant.pk):
        for place, count in enumerate(alerts):
            at = first + place * HOUR
            HourProfile.objects.create(hour=at, events=events, alerts={"review": count}, **common)


def days(world: World, first: datetime, alerts: list[int], events: int = 1_000) -> None:
    common = {"tenant": world.tenant, "intent": world.intent.name, "transform": world.transform.pk}
    with tenant_scope(world.tenant.pk):
        for place, count in enumerate(alerts):
            day = (first + place * DAY).date()
            DayStatistics.objects.create(
                day=day, events=events, alerts={"review": count}, thresholds={"review": 0.9}, **common
            )


def only(found: Any) -> Series:
    (series,) = found
    return series


def test_series__of_hours__has_a_point_for_each_with_its_target_and_interval(world: World) -> None:
    hours(world, MIDNIGHT, [10, 30, 0])
    with tenant_scope(world.tenant.pk):
        series = only(series_of(intent_of(world), MIDNIGHT, MIDNIGHT + DAY, Bucket.HOUR))
    target = float(mathematical(world.transform.reference).alert_rate(0.9))
    assert [(point.at, point.alerts) for point in series.points] == [
        (MIDNIGHT, 10), (MIDNIGHT + HOUR, 30), (MIDNIGHT + 2 * HOUR, 0)
    ]  # fmt: skip
    assert all(point.low <= point.rate <= point.high for point in series.points)
    assert series.points[0].target == pytest.approx(target)
    assert series.tolerance == 0.1


def test_series__of_two_transforms_in_a_bucket__has_the_target_of_each_by_its_events(world: World) -> None:
    other = make_transform(world.intent, world.predictor, reference=make_reference(2.0, 3.0))
    hours(world, MIDNIGHT, [1], events=3_000)
    hours(world, MIDNIGHT, [1], events=1_000, transform=other.pk)
    with tenant_scope(world.tenant.pk):
        together = only(series_of(intent_of(world), MIDNIGHT, MIDNIGHT + HOUR, Bucket.HOUR)).points[0]
        HourProfile.objects.filter(transform=other.pk).delete()
        alone = only(series_of(intent_of(world), MIDNIGHT, MIDNIGHT + HOUR, Bucket.HOUR)).points[0]
    assert (together.events, together.alerts) == (4_000, 2)
    assert together.target is not None
    assert alone.target is not None
    assert together.target > alone.target


def test_series__of_an_unknown_transform__has_no_target(world: World) -> None:
    hours(world, MIDNIGHT, [5], transform=0)
    with tenant_scope(world.tenant.pk):
        series = only(series_of(intent_of(world), MIDNIGHT, MIDNIGHT + HOUR, Bucket.HOUR, widen=True))
    assert series.points[0].target is None


@pytest.mark.parametrize(
    ("bucket", "expected"), [(Bucket.SIX_HOURS, [6, 6, 6, 6]), (Bucket.HOUR, [1] * 24)], ids=["six", "one"]
)
def test_series__in_wider_buckets__sums_the_hours(world: World, bucket: Bucket, expected: list[int]) -> None:
    hours(world, MIDNIGHT, [1] * 24)
    with tenant_scope(world.tenant.pk):
        series = only(series_of(intent_of(world), MIDNIGHT, MIDNIGHT + DAY, bucket))
    assert [point.alerts for point in series.points] == expected


def test_series__with_few_alerts__is_widened_until_they_tell_something(world: World) -> None:
    hours(world, MIDNIGHT, [0] * 24, events=10, transform=0)
    hours(world, MIDNIGHT + DAY, [1] * 24, events=10, transform=0)
    with tenant_scope(world.tenant.pk):
        series = only(series_of(intent_of(world), MIDNIGHT, MIDNIGHT + 7 * DAY, Bucket.HOUR, widen=True))
        short = only(series_of(intent_of(world), MIDNIGHT, MIDNIGHT + 2 * DAY, Bucket.HOUR, widen=True))
    assert [(series.bucket, point.alerts) for point in series.points] == [(Bucket.DAY, 0), (Bucket.DAY, 24)]
    assert (short.bucket, len(short.points)) == (Bucket.SIX_HOURS, 8)


def test_series__of_weeks__begin_on_mondays(world: World) -> None:
    days(world, MIDNIGHT - DAY, [10, 20, 30])
    with tenant_scope(world.tenant.pk):
        series = only(series_of(intent_of(world), MIDNIGHT - DAY, MIDNIGHT + 7 * DAY, Bucket.WEEK))
    assert [(point.at, point.alerts) for point in series.points] == [(MIDNIGHT - 7 * DAY, 10), (MIDNIGHT, 50)]


def test_marks__of_a_release_a_rollback_a_fit_and_an_incident__name_who_and_link(world: World) -> None:
    change, person = make_change(world), make_person(role=Role.APPROVER)
    with platform_scope():
        transform = change.routes[world.intent.name][0]["live"]["transform"]
        parts = {"tenant": world.tenant, "intent": world.intent, "predictor": world.predictor}
        reference = world.transform.reference
        fit = Fit.objects.create(
            **parts, reference=reference, source={"kind": "recorded"}, state="succeeded", transform_id=transform
        )
        released = publish_document(tenant=world.tenant, document=change.document, actor=person, reason="x")
        ChangeRequest.objects.filter(pk=change.pk).update(release=released, state="published")
        back = publish_document(
            tenant=world.tenant, document=world.release.document, actor=person, reason="y", republishes=world.release
        )
        incident = make_incident(world.intent)
        now = timezone.now()
        marks = marks_of(intent_of(world), now - DAY, now + HOUR)
    found = {(mark.kind, mark.number) for mark in marks}
    assert found == {
        (Kind.RELEASE, 1), (Kind.RELEASE, released.number), (Kind.FIT, fit.pk), (Kind.ROLLBACK, back.number),
        (Kind.INCIDENT, incident.pk),
    }  # fmt: skip
    assert {mark.who for mark in marks if mark.kind is Kind.ROLLBACK} == {str(person)}
    assert not next(mark for mark in marks if mark.kind is Kind.INCIDENT).is_over


def test_marks__of_a_refresh__are_one_that_names_it_and_what_it_went_live_by(world: World) -> None:
    change, approval = make_change(world), make_standing_approval(world)
    refresh = make_refresh(world.intent, outcome="live", change_request=change)
    with platform_scope():
        released = publish_document(tenant=world.tenant, document=change.document, actor=None, reason="x")
        published = {"release": released, "state": "published", "standing_approval": approval}
        ChangeRequest.objects.filter(pk=change.pk).update(**published)
        now = timezone.now()
        mark, _ = marks_of(intent_of(world), now - DAY, now + HOUR)
    assert (mark.kind, mark.number) == (Kind.REFRESH, released.number)
    assert mark.words == f"Refresh {refresh.pk} goes live with release {released.number}"
    assert mark.who == f"standing approval {approval.number}"
    text = visitor(world).get(page(world)).content.decode()
    assert mark.words in text


def test_marks__of_a_change_to_another_intent__are_not_there(world: World) -> None:
    change = make_change(world)
    with platform_scope():
        released = publish_document(tenant=world.tenant, document=change.document, actor=None, reason="x")
        ChangeRequest.objects.filter(pk=change.pk).update(release=released, state="published", routes={"refunds": []})
        now = timezone.now()
        marks = marks_of(intent_of(world), now - DAY, now + HOUR)
    assert [mark.number for mark in marks] == [world.release.number]


def test_page__of_any_range__takes_as_many_queries(world: World) -> None:
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    hours(world, now - 23 * HOUR, [50] * 24)
    days(world, now - 300 * DAY, [50] * 301)
    client, counts = visitor(world), set()
    client.get(page(world))
    for name in ("day", "week", "month", "year"):
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(page(world), {"range": name})
        assert "Alert rate at “review”" in answer.content.decode()
        counts.add(len(captured))
    assert len(counts) == 1


def test_page__leads_with_alert_rates_and_keeps_the_range_in_its_links(world: World) -> None:
    days(world, timezone.now() - 9 * DAY, [50] * 10)
    text = " ".join(visitor(world).get(page(world), {"range": "year", "x": "1"}).content.decode().split())
    assert text.index("Alert rate at “review”") < text.index("Scoring pipeline")
    assert 'href="?range=week&amp;x=1"' in text
    assert 'hx-trigger="every 60s"' in text
    assert "with release" not in text


def test_page__asked_for_a_part_again__answers_with_no_more_than_that(world: World) -> None:
    days(world, timezone.now() - 9 * DAY, [50] * 10)
    client = visitor(world)
    live = client.get(page(world), headers={"HX-Target": "live"}).content.decode()
    assert 'id="traffic"' in live
    assert "Alert rate at" not in live
    part = client.get(page(world), headers={"HX-Target": "alert-rates"}).content.decode()
    assert "Alert rate at “review”" in part
    assert 'id="traffic"' not in part
    assert "Scoring pipeline" not in live + part


def test_page__of_an_earlier_time__says_where_nothing_was_scored_and_stays(world: World) -> None:
    days(world, timezone.now() - 9 * DAY, [50] * 10)
    text = " ".join(visitor(world).get(page(world), {"until": "2020-01-01T00:00Z"}).content.decode().split())
    assert "Nothing was scored in this time." in text
    assert 'hx-trigger="every 60s"' not in text
    assert "Later →" in text
    assert "Nothing was scored" not in visitor(world).get(page(world), {"until": "no", "range": "no"}).content.decode()


def test_page__with_an_open_incident__links_it(world: World) -> None:
    incident = make_incident(world.intent)
    text = visitor(world).get(page(world)).content.decode()
    assert "Open incidents" in text
    assert text.count(f"/tenants/acme/incidents/{incident.pk}") == 2  # and among what happened


def test_rest__alert_rates__are_those_between_two_times(world: World, api: Callable[..., Api]) -> None:
    days(world, MIDNIGHT, [10, 20, 30])
    path = f"tenants/acme/intents/{world.intent.name}/alert-rates"
    asked = {"start": MIDNIGHT.isoformat(), "end": (MIDNIGHT + 2 * DAY).isoformat(), "bucket": "day"}
    found = api("viewer", world.tenant).get(path, **asked).json()
    (threshold,) = found["thresholds"]
    assert (found["bucket"], threshold["threshold"], threshold["tolerance"]) == ("day", "review", 0.1)
    assert [(point["at"][:10], point["alerts"]) for point in threshold["points"]] == [
        ("2026-11-23", 10), ("2026-11-24", 20)
    ]  # fmt: skip


def test_rest__alert_rates__are_a_tenants_own_and_of_an_intent_that_is_there(
    world: World, api: Callable[..., Api]
) -> None:
    path = f"tenants/acme/intents/{world.intent.name}/alert-rates"
    assert api("admin", serve("globex").tenant).get(path).status_code == 404
    assert api("viewer", world.tenant).get("tenants/acme/intents/no/alert-rates").status_code == 404


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"bucket": "minute"}, "bucket"),
        ({"bucket": "hour", "start": "2026-01-01T00:00Z", "end": "2026-03-01T00:00Z"}, "start"),
        ({"start": "2026-03-01T00:00Z", "end": "2026-03-01T00:00Z"}, "start"),
    ],
)
def test_rest__alert_rates__of_a_period_that_cannot_be__names_the_field(
    world: World, api: Callable[..., Api], asked: dict[str, str], field: str
) -> None:
    path = f"tenants/acme/intents/{world.intent.name}/alert-rates"
    assert fields(api("viewer", world.tenant).get(path, **asked)) == [field]


def page(world: World) -> str:
    return f"/tenants/{world.tenant.slug}/intents/{world.intent.name}"


def visitor(world: World) -> Client:
    client = Client()
    client.force_login(make_person(role=Role.VIEWER, tenant=world.tenant), "django.contrib.auth.backends.ModelBackend")
    return client
