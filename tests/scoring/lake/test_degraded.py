"""Events that the live predictor did not answer: recorded so, found, explained, and no part of fits or evidence."""

from datetime import UTC, datetime, timedelta
from math import nan
from pathlib import Path
from typing import Any

import pytest

from scoring.consumer import minutes
from scoring.engine.compiled import CompiledRelease
from scoring.engine.fallback import FIXED, PREVIOUS, Degraded
from scoring.lake import delta, reading
from scoring.lake.explain import explain_event
from scoring.lake.search import EventSearch, find_events
from scoring.models import DayStatistics, HourStatistics, MinuteStatistics
from scoring.queue.record import decode, encode
from scoring.services import publish_document
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.factories import make_tenant, text_of
from tests.failing import NO_PROBABILITY, OLD, RAISES, WELL, failing_documents, store
from tests.object_store import use
from tests.scoring.eventlog import INTENT, NOON, TENANT, consume, event, keep_document, label, write, writer

START = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY = (START, START + timedelta(days=1))
BY_PREVIOUS = {"reason": "no_probability", "by": "previous_predictor"}
BY_SCORE = {"reason": "error", "by": "fixed_score"}
FIXED_SCORE: dict[str, Any] = {"outputs": [], "probability": nan, "score": 0.9, "degraded": Degraded("error", FIXED)}


@pytest.fixture(params=["folder", "object store"])
def lake(request: Any, segments: Path, settings: Any) -> Path:
    """An event `a` that is well, `b` by the previous predictor, `c` by a fixed score; of two files, all labelled."""
    if request.param == "object store":
        use(request.getfixturevalue("object_store"), settings)
    out = writer(segments)
    write(out, event("a"), *(label(each, 1) for each in "abc"))
    consume(segments)
    write(out, event("b", degraded=Degraded("no_probability", PREVIOUS), probability=0.5), event("c", **FIXED_SCORE))
    consume(segments)
    return segments


def test_record__of_an_earlier_version__is_not_degraded() -> None:
    early = encode(event("a"))[:-1].replace(b"\xdc\x00\x11", b"\xdc\x00\x10", 1)  # an element less
    assert decode(early) == event("a")


def test_fits_and_evidence__degraded_events__are_left_out(lake: Path) -> None:
    assert reading.probabilities(TENANT, INTENT, "cards@1", *DAY).tolist() == [0.0625]
    assert reading.count_events(TENANT, INTENT, *DAY) == 1
    found = reading.outcomes(TENANT, INTENT, *DAY, ["cards@1"], {})
    assert found is not None
    assert found.column("event_id").to_pylist() == ["a"]
    assert reading.feature_table(TENANT, INTENT, *DAY, ["event_id"]).num_rows == 1
    assert reading.labelled(TENANT, INTENT, *DAY).num_rows == 1


def test_search__degraded_events__are_found_and_say_so(lake: Path) -> None:
    everything = find_events(EventSearch(TENANT, [INTENT])).events
    assert {row["event_id"]: row["degraded"] for row in everything} == {"a": None, "b": BY_PREVIOUS, "c": BY_SCORE}
    assert {row["event_id"]: row["probability"] for row in everything} == {"a": 0.0625, "b": 0.5, "c": None}
    only = find_events(EventSearch(TENANT, [INTENT], degraded=True)).events
    assert sorted(row["event_id"] for row in only) == ["b", "c"]


def test_search__nothing_was_ever_degraded__finds_none(segments: Path) -> None:
    write(writer(segments), event("a"))
    consume(segments)
    assert find_events(EventSearch(TENANT, [INTENT], degraded=True)).events == []
    assert find_events(EventSearch(TENANT, [INTENT])).events[0]["degraded"] is None


@pytest.mark.parametrize("restarted", [False, True])
def test_repeated_event__same_fixed_score_again__counts_once(segments: Path, restarted: bool) -> None:
    out = writer(segments)
    write(out, event("c", **FIXED_SCORE))
    if restarted:
        consume(segments)
    write(out, event("c", **FIXED_SCORE))
    consume(segments)
    assert len(find_events(EventSearch(TENANT, [INTENT])).events) == 1
    assert reading.find_event(TENANT, "c")["others"] == []  # type: ignore[index]


@pytest.fixture
def tenant(db: None, segments: Path) -> Tenant:
    """One that is served with a predictor that fails, and falls back to the previous one and to a fixed score."""
    return make_tenant()


def explained(tenant: Tenant, segments: Path, features: Any, *fallbacks: Any) -> dict[str, Any]:
    documents = failing_documents(tenant.slug, *fallbacks)
    store(documents)
    content = documents.build()
    with platform_scope():
        publish_document(tenant=tenant, document=text_of(content), actor=None, reason="test")
    keep_document(content, tenant=tenant.pk)
    scored = CompiledRelease(content, 1, documents.load_model).score("cards", features, {})
    names = ("route", "predictor", "transform", "outputs", "probability", "score", "degraded")
    fields = {name: getattr(scored, name) for name in names}
    made = {"tenant": tenant.pk, "intent": "cards", "features": features, "context": {}}
    write(writer(segments), event("a", **made, **fields))
    consume(segments)
    found = explain_event(tenant.pk, "a")
    assert found is not None
    return found


def test_explain__previous_predictor__has_its_own_steps_and_says_why(tenant: Tenant, segments: Path) -> None:
    found = explained(tenant, segments, NO_PROBABILITY, OLD)
    assert (found["predictor"], found["degraded"]) == ("old@1", BY_PREVIOUS)
    assert found["recomputed"]["equal"]
    assert found["recomputed"]["from_features"]["equal"]


def test_explain__fixed_score__is_the_one_that_the_release_declares(tenant: Tenant, segments: Path) -> None:
    found = explained(tenant, segments, RAISES, 0.9)
    assert (found["score"], found["probability"], found["models"]) == (0.9, None, [])
    assert found["degraded"] == BY_SCORE
    assert (found["recomputed"]["score"], found["recomputed"]["equal"]) == (0.9, True)


def test_explain__well__is_not_degraded(tenant: Tenant, segments: Path) -> None:
    assert explained(tenant, segments, WELL, OLD)["degraded"] is None


def test_statistics__degraded_events__are_counted_as_such_and_judge_no_alert_rate(
    tenant: Tenant, segments: Path
) -> None:
    explained(tenant, segments, NO_PROBABILITY, OLD)
    write(
        writer(segments),
        event("b", tenant=tenant.pk, intent="cards", context={}, scored_at=NOON + 1, predictor="new@1", transform=2),
    )
    consume(segments)
    minutes.count(delta.TableName(tenant.pk, "cards", "events"))
    with platform_scope():
        for kind in (MinuteStatistics, HourStatistics):
            rows = list(kind.objects.order_by("pk"))
            assert [(row.events, row.degraded) for row in rows] == [(1, 1), (1, 0)]
        assert [row.events for row in DayStatistics.objects.all()] == [1]
