"""How an intent's settings reach its evidence: entities, amounts, and which labels count."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models_app.changes.evidence.judgement import amounts, entities, judgement_of, labelled_after
from models_app.changes.evidence.sides import Recorded
from models_app.intents.judgement import segment_columns
from models_app.intents.services import change_intent
from models_app.statistics.evidence.labels import LabelRule
from scoring.queue.record import encode
from tenants.scope import platform_scope
from tests.factories import World, make_document, make_transform
from tests.models_app.changes.evidence.test_compute import (
    STEEPER,
    _places,
    computed,
    intents,
    proposed,
    request_evidence,
    world,
)
from tests.recorded import NOON, record_events
from tests.scoring.eventlog import consume, event, ids, keep_document, label, write, writer

__all__ = ["_places", "world"]  # fixtures
DAY = 86_400_000_000
CARD = {"name": "card", "type": "string"}


def settle(world: World, **changes: Any) -> None:
    with platform_scope():
        context = [*world.intent.context, CARD]
        change_intent(intent=world.intent, changes={"context": context, **changes}, actor=None)
        world.intent.refresh_from_db()


def record_bursts(world: World, folder: Path, of: int = 10, count: int = 3000) -> None:
    """Events of cards: all of one card follow each other with one probability, as a fraud's do."""
    keep_document(world.document, tenant=world.tenant.pk, number=world.release.number)
    end = int(NOON.timestamp() * 1e6)
    known = {"tenant": world.tenant.pk, "release": world.release.number, "route": "all"}
    by = {"predictor": world.predictor.key, "transform": world.transform.pk}
    out = writer(folder)
    rows = (
        event(
            each,
            **known,
            **by,
            occurred_at=end - (count - row) * 14 * DAY // count,
            scored_at=end - (count - row) * 14 * DAY // count,
            probability=((row // of) * 0.618034) % 1.0,
            features={"amount": float(row % 7), "hour": 3},
            context={"channel": "shop", "card": f"card-{row // of}"},
        )
        for row, each in enumerate(ids(count))
    )
    assert out.append([encode(each) for each in rows])
    consume(folder, flush_events=100_000)


def read(world: World) -> Recorded:
    with platform_scope():
        content = make_document(world.intent, world.transform)
        judged = judgement_of(world.tenant.pk, world.intent.name)
    window = (NOON.replace(day=1), NOON)
    columns = judged.columns
    return Recorded(
        world.tenant.pk, world.intent.name, window, [content], lambda _: None, limit=10**6, seed="x", kept=columns
    )


def asked_again(world: World, change: Any, **changes: Any) -> Mapping[str, Any]:
    with platform_scope():
        change_intent(intent=world.intent, changes=changes, actor=None)
        request_evidence(actor=None, change=change)
    return intents(computed(change))[0]


def test_evidence__of_cards_whose_events_share_their_fate__has_wider_intervals(world: World, tmp_path: Path) -> None:
    settle(world)
    world = world.publish()
    record_bursts(world, tmp_path / "segments")
    change = proposed(world, make_transform(world.intent, world.predictor, y=STEEPER))
    (alone,) = intents(computed(change))
    by_card = asked_again(world, change, entity="card")
    assert (alone["entity"], by_card["entity"]) == ("", "card")
    for one, other in zip(alone["thresholds"], by_card["thresholds"], strict=True):
        assert one["forecast"]["design_effect"] == 1
        assert other["forecast"]["design_effect"] == pytest.approx(10, rel=0.01)
        assert width(other["forecast"]) > 1.5 * width(one["forecast"])
        assert width(other["change"]) > width(one["change"])
        assert one["after"]["rate"] == other["after"]["rate"]
        for side in ("before", "after"):
            assert width(other[side]) == pytest.approx(np.sqrt(10) * width(one[side]), rel=0.05)


def width(of: Mapping[str, Any]) -> float:
    return float(of.get("expected_high", of["high"]) - of.get("expected_low", of["low"]))


def test_recorded__entities_and_amounts__are_by_event_and_none_where_not_recorded(world: World, tmp_path: Path) -> None:
    settle(world, entity="card", amount="amount")
    world = world.publish()
    record_bursts(world, tmp_path / "segments", count=40)
    record_events(world, tmp_path / "more", count=5, prefix="x", machine="m2", context={"channel": "shop"})
    with platform_scope():
        judged = judgement_of(world.tenant.pk, world.intent.name)
    recorded = read(world)
    codes, worth = entities(recorded, judged), amounts(recorded, judged)
    assert codes is not None
    assert worth is not None
    assert [len(set(codes[start : start + 10])) for start in range(0, 40, 10)] == [1, 1, 1, 1]
    assert len(set(codes)) == 4 + 5  # events without a card belong to nobody else
    assert list(worth[:8]) == [0, 1, 2, 3, 4, 5, 6, 0]


def test_recorded__entity_that_was_never_recorded__is_none(world: World, tmp_path: Path) -> None:
    settle(world, entity="card")
    record_events(world, tmp_path / "segments", count=20)
    with platform_scope():
        judged = judgement_of(world.tenant.pk, world.intent.name)
    assert entities(read(world), judged) is None


def test_evidence__labels_not_mature__count_by_the_intent_s_rule(world: World, tmp_path: Path) -> None:
    record_events(world, tmp_path / "segments", days=10)
    of = {"tenant": world.tenant.pk, "intent": world.intent.name}
    reported = int(NOON.timestamp() * 1e6)
    labels = [label(each, int(row % 7 == 0), reported, **of) for row, each in enumerate(ids(3000)) if row % 2]
    assert write(writer(tmp_path / "labels"), *labels)
    consume(tmp_path / "labels", machine="other")
    change = proposed(world, make_transform(world.intent, world.predictor, y=STEEPER))
    (at_once,) = intents(computed(change))
    mature = asked_again(world, change, label_maturity_days=5)
    negative = asked_again(world, change, unlabelled_means="negative")
    assert [each["performance"]["labelled"] for each in (at_once, mature, negative)] == [
        1500,
        750,
        1501,
    ]  # the last is five days old to the microsecond
    assert negative["labels"] == {"maturity_days": 5.0, "unlabelled_negative": True}


def test_judgement__of_an_intent_that_says_nothing__reads_the_usual_segments_and_every_label(world: World) -> None:
    with platform_scope():
        judged = judgement_of(world.tenant.pk, world.intent.name)
    by_features = {"segment.0": ("features.foreign", "boolean"), "segment.1": ("features.kind", "category")}
    assert (judged.columns, judged.labels) == (by_features, LabelRule())


def test_judgement__of_an_intent_whose_features_make_no_segments__reads_nothing_more(world: World) -> None:
    with platform_scope():
        change_intent(intent=world.intent, changes={"segment_features": []}, actor=None)
        judged = judgement_of(world.tenant.pk, world.intent.name)
    assert judged.columns == {}


def test_segment_columns__of_the_usual_ones__are_the_amount_and_three_that_the_log_keeps(world: World) -> None:
    """Neither the entity, nor what is not kept, nor a fourth; an amount of the context is in bands, too."""
    kinds = [{"name": f"kind-{place}", "type": "category", "categories": ["a"]} for place in range(6)]
    kept = [each["name"] for each in kinds if each["name"] != "kind-1"]
    context = [*world.intent.context, {"name": "worth", "type": "number"}]
    changes = {"features": [*world.intent.features, *kinds], "keep_features": kept, "entity": "kind-0"}
    with platform_scope():
        intent = change_intent(
            intent=world.intent, changes=changes | {"context": context, "amount": "worth"}, actor=None
        )
    names = [each.path for each in segment_columns(intent)]
    assert names == ["context.worth", "features.kind-2", "features.kind-3", "features.kind-4"]


def test_recorded__label_said_again__is_as_old_as_when_it_was_first_said(world: World, tmp_path: Path) -> None:
    record_events(world, tmp_path / "segments", count=2, days=2)  # two and one days before noon
    of = {"tenant": world.tenant.pk, "intent": world.intent.name}
    reported = int(NOON.timestamp() * 1e6)
    labels = [label("e000000", 0, reported, **of), label("e000000", 1, reported + DAY, **of)]
    labels.append(label("e000000", 1, reported + 9 * DAY, **of))
    assert write(writer(tmp_path / "labels"), *labels)
    consume(tmp_path / "labels", machine="other")
    first, second = labelled_after(read(world))
    assert first == pytest.approx(3)
    assert second != second  # NaN: it has none
