"""Statistics by the day on which events occurred: of a backfill, and of commits that former versions wrote."""

from datetime import date
from pathlib import Path

import pytest

from scoring.consumer import days, minutes
from scoring.engine import document
from scoring.lake import delta
from scoring.models import DayStatistics, HourStatistics
from tenants.scope import tenant_scope
from tests.documents import simple
from tests.factories import make_tenant
from tests.scoring.eventlog import DAY, INTENT, NOON, consume, event, keep_document, write, writer


@pytest.fixture
def name(db: None, segments: Path) -> delta.TableName:
    """The event table of a tenant that is in Postgres, with a threshold at 0.5, from release 2 on at 0.4."""
    tenant = make_tenant()
    for number, score in ((1, 0.5), (2, 0.4)):
        documents = simple()
        known = documents.intents[INTENT]
        documents.intents[INTENT] = document.Intent(
            features=known.features,
            routes=known.routes,
            context=known.context,
            thresholds=(document.Threshold("review", score),),
        )
        keep_document(documents.build(), tenant=tenant.pk, number=number)
    return delta.TableName(tenant.pk, INTENT, "events")


def statistics(name: delta.TableName) -> list[DayStatistics]:
    with tenant_scope(name.tenant):
        return list(DayStatistics.objects.order_by("day", "transform"))


def test_days__of_a_backfill__are_those_on_which_events_occurred(name: delta.TableName, segments: Path) -> None:
    out = writer(segments)
    for number, (back, score) in enumerate([(0, 0.1), (1, 0.6), (1, 0.7), (60, 0.9)]):
        at = NOON - back * DAY
        write(out, event(f"e{number}", tenant=name.tenant, score=score, occurred_at=at, scored_at=NOON))
        consume(segments)
        minutes.count(name)
    assert [(row.day, row.events, row.alerts) for row in statistics(name)] == [
        (date(2026, 9, 26), 1, {"review": 1}),
        (date(2026, 11, 24), 2, {"review": 2}),
        (date(2026, 11, 25), 1, {"review": 0}),
    ]
    with tenant_scope(name.tenant):
        (hour,) = HourStatistics.objects.all()
    assert (hour.events, hour.late) == (4, 3)


def test_days__of_releases_with_other_thresholds__are_counted_at_their_own(
    name: delta.TableName, segments: Path
) -> None:
    write(
        writer(segments),
        event("a", tenant=name.tenant, score=0.45),
        event("b", tenant=name.tenant, score=0.45, release=2),
        event("c", tenant=name.tenant, score=0.45, transform=18),
    )
    consume(segments)
    minutes.count(name)
    first, second = statistics(name)
    assert (first.transform, first.events, first.alerts, first.thresholds) == (17, 2, {"review": 1}, {"review": 0.4})
    assert (second.transform, second.events, second.alerts) == (18, 1, {"review": 0})


def test_days__of_commits_without_them__are_taken_from_the_minutes_of_arrival() -> None:
    minute = {"minute": 2 * 1440 + 5, "transform": 17, "events": 3, "alerts": {"review": 1}, "histogram": []}
    (found,) = days.noted({"minutes": [minute]})
    assert (found.key, found.events, found.alerts, found.thresholds) == ((date(1970, 1, 3), 17), 3, {"review": 1}, {})
