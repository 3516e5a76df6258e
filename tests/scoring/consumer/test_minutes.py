"""Per-minute statistics: what the log of the table says, counted once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scoring.consumer import minutes
from scoring.consumer.consumer import LaneState
from scoring.consumer.reporter import Reporter
from scoring.engine import document
from scoring.lake import delta
from scoring.lake.upkeep import compact
from scoring.models import ConsumerLane, HourStatistics, MinuteStatistics, StatisticsCursor
from tenants.scope import tenant_scope
from tests.documents import simple
from tests.factories import make_tenant
from tests.scoring.eventlog import INTENT, NOON, TENANT, consume, event, ids, keep_document, write, writer

MINUTE = 60_000_000


@pytest.fixture
def name(db: None, segments: Path) -> delta.TableName:
    """The event table of a tenant that is in Postgres, with a threshold at 0.5."""
    tenant = make_tenant()
    documents = simple()
    documents.intents[INTENT] = document.Intent(
        features=documents.intents[INTENT].features,
        routes=documents.intents[INTENT].routes,
        context=documents.intents[INTENT].context,
        thresholds=(document.Threshold("review", 0.5), document.Threshold("decline", 0.9)),
    )
    keep_document(documents.build(), tenant=tenant.pk)
    return delta.TableName(tenant.pk, INTENT, "events")


def statistics(name: delta.TableName) -> list[MinuteStatistics]:
    with tenant_scope(name.tenant):
        return list(MinuteStatistics.objects.order_by("minute", "release", "predictor"))


def test_minutes__several_commits__are_summed_by_minute_and_counted_once(name: delta.TableName, segments: Path) -> None:
    out = writer(segments)
    for number, score in enumerate([0.0, 0.5, 0.95, 1.0, 0.02]):
        write(out, event(f"e{number}", tenant=name.tenant, score=score, scored_at=NOON + number * 20_000_000))
        consume(segments)
    assert minutes.count(name) == 5
    assert minutes.count(name) == 0
    first, second = statistics(name)
    assert first.minute == datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
    assert (first.events, first.alerts) == (3, {"review": 2, "decline": 1})
    assert [place for place, had in enumerate(first.histogram) if had] == [0, 25, 47]
    assert (second.events, second.alerts) == (2, {"review": 1, "decline": 1})
    assert [place for place, had in enumerate(second.histogram) if had] == [1, 49]


def test_hours__of_several_commits__are_the_sums_of_their_minutes(name: delta.TableName, segments: Path) -> None:
    out = writer(segments)
    for number, minute in enumerate([0, 1, 59, 60]):
        at = NOON + minute * MINUTE
        write(out, event(f"e{number}", tenant=name.tenant, score=0.3 * number, scored_at=at))
        consume(segments)
        minutes.count(name)
    write(out, event("f", tenant=name.tenant, transform=18, scored_at=NOON))
    consume(segments)
    minutes.count(name)
    with tenant_scope(name.tenant):
        rows = list(HourStatistics.objects.order_by("hour", "transform"))
    found = [(row.hour.hour, row.transform, row.events, row.alerts) for row in rows]
    assert found[0] == (12, 17, 3, {"review": 1, "decline": 0})
    assert [each[:3] for each in found[1:]] == [(12, 18, 1), (13, 17, 1)]
    assert rows[0].thresholds == {"review": 0.5, "decline": 0.9}
    assert [place for place, had in enumerate(rows[0].histogram) if had] == [0, 15, 30]


def test_minutes__counted_while_commits_go_on__adds_to_the_same_minute(name: delta.TableName, segments: Path) -> None:
    out = writer(segments)
    for part in range(3):
        write(out, *[event(each, tenant=name.tenant) for each in ids(10, f"p{part}-")])
        consume(segments)
        assert minutes.count(name) == 10
    (row,) = statistics(name)
    assert row.events == sum(row.histogram) == 30


def test_minutes__compaction__is_not_counted(name: delta.TableName, segments: Path) -> None:
    out = writer(segments)
    for part in range(4):
        write(out, *[event(each, tenant=name.tenant) for each in ids(10, f"p{part}-")])
        consume(segments)
    assert minutes.count(name) == 40
    assert compact(name, window=timedelta(hours=1)).removed_files == 4
    assert minutes.count(name) == 0
    with tenant_scope(name.tenant):
        assert StatisticsCursor.objects.get().version == 4


def test_minutes__routes_and_releases__are_kept_apart(name: delta.TableName, segments: Path) -> None:
    keep_document(simple().build(), tenant=name.tenant, number=2)
    write(
        writer(segments),
        event("a", tenant=name.tenant),
        event("b", tenant=name.tenant, release=2),
        event("c", tenant=name.tenant, predictor="cards@2", transform=18),
    )
    consume(segments)
    minutes.count(name)
    found = [(row.release, row.predictor, row.transform, row.events) for row in statistics(name)]
    assert found == [(1, "cards@1", 17, 1), (1, "cards@2", 18, 1), (2, "cards@1", 17, 1)]


def test_reporter__lanes__are_told_and_add_up_over_restarts(db: None) -> None:
    state = LaneState("0", position=99, behind_bytes=5, events=10, duplicates=2, dropped=0, lost_events=3,
                      set_aside=1)  # fmt: skip
    first = Reporter("m")
    first.report([state])
    first.report([state])
    Reporter("m").report([state])  # a consumer that was started anew counts from nothing
    row = ConsumerLane.objects.get(machine="m", lane="0")
    assert (row.position, row.behind_bytes, row.events, row.duplicates, row.lost_events) == (99, 5, 20, 4, 3)
    assert row.set_aside == 1
    Reporter("m").report([replace(state, set_aside=0)])  # somebody has taken it away
    assert ConsumerLane.objects.get().set_aside == 0


def test_reporter__table_with_a_commit__is_counted(name: delta.TableName, segments: Path) -> None:
    write(writer(segments), event("a", tenant=name.tenant))
    reporter = Reporter("m")
    consume(segments, on_commit=reporter.committed)
    reporter.report([])
    assert [row.events for row in statistics(name)] == [1]


@pytest.mark.django_db(transaction=True)
def test_reporter__tenant_was_erased__goes_on(segments: Path) -> None:
    write(writer(segments), event("a"))
    reporter = Reporter("m")
    consume(segments, on_commit=reporter.committed)
    reporter.report([])
    with tenant_scope(TENANT):
        assert not MinuteStatistics.objects.exists()
