"""Profiles by the hour: how features, context and probability were spread, counted once and added up over commits."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from scoring.consumer import minutes, profiles
from scoring.engine import bins, document
from scoring.engine.signatures import COUNT, OF_AN_HOUR
from scoring.lake import delta
from scoring.models import HourProfile
from tenants.scope import tenant_scope
from tests.documents import simple
from tests.factories import make_tenant
from tests.scoring.eventlog import DAY, FEATURES, INTENT, NOON, consume, event, keep_document, write, writer

HOUR = 3_600_000_000


@pytest.fixture
def name(db: None, segments: Path) -> delta.TableName:
    """The event table of a tenant that is in Postgres, with a threshold at 0.5."""
    tenant = make_tenant()
    documents = simple()
    known = documents.intents[INTENT]
    documents.intents[INTENT] = document.Intent(
        features=known.features,
        routes=known.routes,
        context=known.context,
        thresholds=(document.Threshold("review", 0.5),),
    )
    keep_document(documents.build(), tenant=tenant.pk)
    return delta.TableName(tenant.pk, INTENT, "events")


def counted(name: delta.TableName) -> list[HourProfile]:
    minutes.count(name)
    with tenant_scope(name.tenant):
        return list(HourProfile.objects.order_by("hour", "transform"))


def test_profiles__of_several_commits__are_added_up_by_the_hour(name: delta.TableName, segments: Path) -> None:
    out = writer(segments)
    for number, (minute, kind, score) in enumerate([(0, "travel", 0.1), (30, "food", 0.6), (59, "food", 0.7)]):
        features = FEATURES | {"kind": kind, "amount": 57.0 + number}
        at = NOON + minute * HOUR // 60
        write(
            out, event(f"e{number}", tenant=name.tenant, score=score, features=features, occurred_at=at, scored_at=at)
        )
        consume(segments)
    write(out, event("later", tenant=name.tenant, occurred_at=NOON + HOUR, scored_at=NOON + HOUR))
    consume(segments)
    first, second = counted(name)
    assert first.hour == datetime(2026, 11, 25, 12, tzinfo=UTC)
    assert (first.events, first.alerts, first.thresholds) == (3, {"review": 2}, {"review": 0.5})
    assert first.features["kind"] == {"=travel": 1, "=food": 2}
    assert sum(first.features["amount"].values()) == 3
    assert first.features["foreign"] == {"=false": 3}
    assert first.context == {"channel": {"=shop": 3}}
    (odds,) = first.probability
    assert bins.least_probability(int(odds)) <= 0.0625 < bins.least_probability(int(odds) + 1)
    assert second.events == 1
    assert counted(name)[0].events == 3  # once


def test_profiles__of_nulls_and_of_what_is_beyond_all_that_was_fitted__say_so(
    name: delta.TableName, segments: Path
) -> None:
    out = writer(segments)
    write(out, event("a", tenant=name.tenant, features=FEATURES | {"amount": None}))
    write(out, event("b", tenant=name.tenant, probability=0.999))
    consume(segments)
    (found,) = counted(name)
    assert found.features["amount"][bins.NONE] == 1
    assert found.beyond == 1


def test_profiles__of_a_backfill__leave_out_what_occurred_long_before(name: delta.TableName, segments: Path) -> None:
    out = writer(segments)
    write(out, event("now", tenant=name.tenant), event("then", tenant=name.tenant, occurred_at=NOON - DAY))
    consume(segments)
    (found,) = counted(name)
    assert found.events == 1


def test_profiles__of_a_repeated_id_with_another_answer__count_the_first(name: delta.TableName, segments: Path) -> None:
    out = writer(segments)
    write(out, event("same", tenant=name.tenant, score=0.1), event("same", tenant=name.tenant, score=0.9))
    consume(segments)
    (found,) = counted(name)
    assert (found.events, found.alerts) == (1, {"review": 0})


def test_profiles__of_commits_without_them__are_none() -> None:
    assert profiles.noted({"minutes": []}) == []


def test_profiles__of_a_transform_that_its_release_lacks__are_counted_all_the_same(
    name: delta.TableName, segments: Path
) -> None:
    write(writer(segments), event("odd", tenant=name.tenant, transform=404))
    consume(segments)
    (found,) = counted(name)
    assert (found.transform, found.events, found.beyond) == (404, 1, 0)


def test_profiles__of_alerts__have_the_signatures_of_some_of_them(name: delta.TableName, segments: Path) -> None:
    out = writer(segments)
    write(out, event("quiet", tenant=name.tenant, score=0.1))
    for number in range(2):
        write(out, event(f"e{number}", tenant=name.tenant, score=0.6))
        consume(segments)
    many = (event(f"m{each}", tenant=name.tenant, score=0.9, features=FEATURES | {"amount": 2.0**each})
            for each in range(1, OF_AN_HOUR))  # fmt: skip
    write(out, *many)
    (found,) = counted(name)
    same, again = found.signatures
    assert same == again
    assert len(same) == COUNT
    consume(segments)
    (found,) = counted(name)
    assert len(found.signatures) == OF_AN_HOUR < found.alerts["review"]
