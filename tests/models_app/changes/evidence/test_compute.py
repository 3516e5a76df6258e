"""Evidence for change requests, computed from a real lake."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from models_app import tasks
from models_app.catalog.references import mathematical
from models_app.changes.drafting import create_change
from models_app.changes.evidence.lease import EvidenceWork
from models_app.changes.evidence.models import Evidence
from models_app.changes.evidence.order import request_evidence
from models_app.changes.evidence.sides import Recorded
from models_app.changes.models import ChangeRequest
from models_app.changes.policy import set_policy
from models_app.statistics.evidence import stored
from models_app.statistics.evidence.gates import Reason
from models_app.transforms.models import Transform
from models_app.work.lease import Stopped
from scoring.lake.reading import probabilities
from tenants.models import Intent
from tenants.scope import platform_scope
from tests.factories import (
    World,
    make_document,
    make_intent,
    make_model,
    make_predictor,
    make_reference,
    make_tenant,
    make_transform,
    serve,
)
from tests.object_store import BUCKET, ObjectStore
from tests.recorded import NOON, record_events
from tests.scoring.eventlog import consume, ids, label, write, writer

STEEPER = (0.0, 0.1, 0.2, 0.3, 1.0)


@pytest.fixture(autouse=True)
def _places(settings: Settings, tmp_path: Path) -> None:
    # Files stay where they are: shadows run in a process of their own, which knows only the environment.
    settings.LAKE, settings.SERVING_CACHE_DIR = str(tmp_path / "lake"), tmp_path / "serving"


@pytest.fixture
def world(db: None) -> World:
    world = serve()
    with platform_scope():
        thresholds = [{"name": "review", "score": 0.3, "action": "review"}, {"name": "decline", "score": 0.5}]
        Intent.objects.filter(pk=world.intent.pk).update(thresholds=thresholds)
        world.intent.refresh_from_db()
    return world.publish()


def proposed(world: World, *live: Transform, when: Sequence[Any] = ()) -> ChangeRequest:
    """Routes to these transforms in turn; `when`: the conditions of the first."""
    routes = [
        {
            "name": f"route-{number}",
            "when": list(when) if number == 0 else [],
            "live": {"predictor": each.predictor.key, "transform": each.pk},
        }
        for number, each in enumerate(live)
    ]
    with platform_scope():
        sent = {"title": "t", "reason": "r", "routes": {world.intent.name: routes}}
        return create_change(actor=None, tenant=world.tenant, **sent)


def computed(change: ChangeRequest, days: float = 14) -> Evidence:
    with platform_scope():
        evidence = Evidence.objects.get(change_request=change, state="queued")
        Evidence.objects.filter(pk=evidence.pk).update(start=NOON - timedelta(days=days), end=NOON)
    tasks.run_work("evidence", change.tenant_id, evidence.pk)
    return read(evidence)


def read(evidence: Evidence) -> Evidence:
    with platform_scope():
        return Evidence.objects.get(pk=evidence.pk)


def intents(evidence: Evidence) -> list[dict[str, Any]]:
    assert evidence.state == "succeeded", evidence.error
    return list(json.loads(evidence.result)["intents"])


def test_evidence__another_transform__compares_the_same_events(world: World, tmp_path: Path) -> None:
    given = record_events(world, tmp_path / "segments", days=10)
    steeper = make_transform(world.intent, world.predictor, y=STEEPER)
    evidence = computed(proposed(world, steeper))
    (found,) = intents(evidence)
    assert found["n"] == len(given)
    assert [each["name"] for each in found["thresholds"]] == ["review", "decline"]
    assert found["thresholds"][0]["before"]["alerts"] > found["thresholds"][0]["after"]["alerts"]
    assert found["movement"]["before"] == found["movement"]["after"]
    assert found["rank_correlation"] == pytest.approx(1.0)
    assert len(found["by_day"]) == 11
    assert found["days"] == pytest.approx(10)  # of the window's 14, those since the first event
    assert [group["name"] for group in found["by_context"]["channel"]] == ["shop"]
    assert (evidence.verdict, evidence.progress, evidence.attempt) == ("fail", 1.0, 1)
    assert "would go to" in evidence.sentence
    verdict = stored.read_verdict(evidence.verdict_details)
    assert verdict == stored.read(evidence.result).verdict
    assert verdict is not None
    assert verdict.threshold is not None
    assert (verdict.sentence, verdict.reason) == (evidence.sentence, Reason.OFF)
    assert {name.split("/")[1] for name in evidence.figures} >= {
        "distribution",
        "alert rates",
        "by day: decline",
        "mapping",
    }


def test_evidence__of_a_lake_in_an_object_store__is_that_of_one_in_a_folder(
    world: World, settings: Settings, tmp_path: Path, object_store: ObjectStore
) -> None:
    record_events(world, tmp_path / "segments")
    change = proposed(world, make_transform(world.intent, world.predictor, y=STEEPER))
    first = intents(computed(change))
    settings.OBJECT_STORE, settings.LAKE = object_store.as_settings(), f"s3://{BUCKET}/{tmp_path.name}"
    with platform_scope():
        request_evidence(actor=None, change=change)
    record_events(world, tmp_path / "more-segments")
    assert intents(computed(change)) == first


def test_evidence__traffic_from_before_the_window__is_by_the_day_of_the_whole_window(
    world: World, tmp_path: Path
) -> None:
    record_events(world, tmp_path / "segments", days=10)
    (found,) = intents(computed(proposed(world, make_transform(world.intent, world.predictor, y=STEEPER)), days=5))
    assert (found["days"], found["n"]) == (5, 1500)


def test_evidence__again__has_the_same_digest(world: World, tmp_path: Path) -> None:
    record_events(world, tmp_path / "segments")
    change = proposed(world, make_transform(world.intent, world.predictor, y=STEEPER))
    first = computed(change)
    with platform_scope():
        request_evidence(actor=None, change=change)
    assert computed(change).digest == first.digest != ""


def test_evidence__from_shadows__is_that_of_a_replay(world: World, settings: Settings, tmp_path: Path) -> None:
    other = make_predictor(make_model(weights=[0.002, 0.05], beta=0.5))
    transform = make_transform(world.intent, other)
    record_events(world, tmp_path / "segments")
    replayed = computed(proposed(world, transform))
    with platform_scope():
        assert not len(probabilities(world.tenant.pk, world.intent.name, other.key, NOON - timedelta(days=9), NOON))
    shadowed = world.publish(shadows=[transform])
    settings.LAKE = str(tmp_path / "another lake")
    record_events(shadowed, tmp_path / "more-segments")
    start = NOON - timedelta(days=9)
    assert len(probabilities(world.tenant.pk, world.intent.name, other.key, start, NOON)) == 3000
    from_shadows = computed(proposed(shadowed, transform))
    first, second = (intents(each)[0] for each in (replayed, from_shadows))
    for side in ("after", "levels", "movement"):
        assert first.get(side) == second.get(side)
    assert [each["after"] for each in first["thresholds"]] == [each["after"] for each in second["thresholds"]]
    assert any("replaying" in each["text"] for each in replayed.log)
    assert not any("replaying" in each["text"] for each in from_shadows.log)


def test_evidence__routes_by_context__scores_each_event_by_its_own(world: World, tmp_path: Path) -> None:
    record_events(world, tmp_path / "segments", context={"channel": "shop"})
    steeper = make_transform(world.intent, world.predictor, y=STEEPER)
    flat = make_transform(world.intent, world.predictor, y=(0.0, 0.01, 0.02, 0.03, 1.0))
    shop, web = [{"attribute": "channel", "any_of": ["shop"]}], [{"attribute": "channel", "any_of": ["web"]}]
    by_shop = intents(computed(proposed(world, steeper, flat, when=shop)))[0]
    by_web = intents(computed(proposed(world, flat, steeper, when=web)))[0]
    assert by_shop["levels"] == by_web["levels"]


def test_evidence__routes_of_two_references__has_the_target_of_each_by_its_events(world: World, tmp_path: Path) -> None:
    record_events(world, tmp_path / "segments", context={"channel": "shop"})
    record_events(world, tmp_path / "more", count=1000, prefix="w", machine="m2", context={"channel": "web"})
    with platform_scope():
        strict, loose = make_reference(2.0, 12.0), make_reference(2.0, 3.0)
    of_shop = make_transform(world.intent, world.predictor, reference=strict)
    of_web = make_transform(world.intent, world.predictor, reference=loose)
    shop, web = [{"attribute": "channel", "any_of": ["shop"]}], [{"attribute": "channel", "any_of": ["web"]}]
    first = intents(computed(proposed(world, of_shop, of_web, when=shop)))[0]
    turned = intents(computed(proposed(world, of_web, of_shop, when=web)))[0]
    rates = [float(mathematical(each).alert_rate(0.3)) for each in (strict, loose)]
    for found in (first, turned):
        assert found["thresholds"][0]["target"] == pytest.approx(0.75 * rates[0] + 0.25 * rates[1])
        assert sum(found["histogram"]["reference"]) == pytest.approx(4000)


def test_evidence__labels__judge_both_sides(world: World, tmp_path: Path) -> None:
    record_events(world, tmp_path / "segments")
    labels = [
        label(f"e{number:06d}", int(number % 7 == 0), tenant=world.tenant.pk, intent=world.intent.name)
        for number in range(1000)
    ]
    assert write(writer(tmp_path / "labels"), *labels)
    consume(tmp_path / "labels", machine="other")
    change = proposed(world, make_transform(world.intent, world.predictor, y=STEEPER))
    (found,) = intents(computed(change))
    assert (found["performance"]["labelled"], found["performance"]["n"]) == (1000, 3000)
    assert found["performance"]["before"]["auc"] == found["performance"]["after"]["auc"]


def test_evidence__policy_on_recall__fails_what_catches_less_of_labelled_fraud(world: World, tmp_path: Path) -> None:
    record_events(world, tmp_path / "segments", days=10)
    of = {"tenant": world.tenant.pk, "intent": world.intent.name}
    labels = [label(each, int(row % 3 == 0), **of) for row, each in enumerate(ids(3000))]
    assert write(writer(tmp_path / "labels"), *labels)
    consume(tmp_path / "labels", machine="other")
    change = proposed(world, make_transform(world.intent, world.predictor, y=STEEPER))
    without = computed(change)
    with platform_scope():
        set_policy(actor=None, tenant=world.tenant, changes={"recall_tolerance": 0.01})
        request_evidence(actor=None, change=change)
    (found,) = intents(computed(change))
    for threshold in intents(without)[0]["thresholds"]:
        assert threshold["gate"]["recall"] is None
    gate = found["thresholds"][0]["gate"]
    assert (gate["state"], gate["recall"]["high"] < -0.01) == ("fail", True)
    assert "allowed is a fall by 1." in gate["sentence"]


def test_evidence__no_events__is_a_result_and_no_pass(world: World) -> None:
    evidence = computed(proposed(world, make_transform(world.intent, world.predictor, y=STEEPER)))
    assert (evidence.state, evidence.verdict) == ("succeeded", "not enough events")
    assert "no recorded events" in evidence.sentence


def test_evidence__intent_taken_out__says_what_its_clients_get(world: World) -> None:
    other = make_intent(world.tenant, "transfers")
    transform = make_transform(other, world.predictor)
    live = {"predictor": world.predictor.key, "transform": transform.pk}
    routes = {world.intent.name: [], "transfers": [{"name": "all", "live": live}]}
    with platform_scope():
        change = create_change(actor=None, tenant=world.tenant, title="t", reason="r", routes=routes)
    evidence = computed(change)
    assert [(each["intent"], each["n"]) for each in intents(evidence)] == [(world.intent.name, 0), ("transfers", 0)]
    words = f"{world.intent.name} would be taken out of service: its clients get an error instead of a score."
    assert (evidence.verdict, evidence.sentence) == ("fail", words)


def test_evidence__features_not_kept__fails_and_says_what_would_help(world: World, tmp_path: Path) -> None:
    record_events(world, tmp_path / "segments", features={})
    other = make_predictor(make_model(weights=[0.002, 0.05]))
    evidence = computed(proposed(world, make_transform(world.intent, other)))
    assert evidence.state == "failed"
    assert "was not recorded" in evidence.error or "was never recorded" in evidence.error


def other_model(world: World) -> Transform:
    """On a predictor that was never asked, so that it has to be replayed."""
    return make_transform(world.intent, make_predictor(make_model(weights=[0.002, 0.05])))


def test_evidence__features_of_some_events_not_kept__leaves_those_out_and_says_so(world: World, tmp_path: Path) -> None:
    record_events(world, tmp_path / "segments")
    record_events(world, tmp_path / "more", count=500, prefix="bare", machine="m2", features={})
    evidence = computed(proposed(world, other_model(world)))
    (found,) = intents(evidence)
    assert (found["n"], found["left_out"], found["total"]) == (3000, 500, 3500)
    assert "500 events are left out" in evidence.sentence
    assert sum(group["n"] for group in found["by_day"]) == 3000


def test_evidence__shadow_since_lately__needs_features_of_earlier_events_only(world: World, tmp_path: Path) -> None:
    transform = other_model(world)
    record_events(world, tmp_path / "segments", count=800)
    shadowed = world.publish(shadows=[transform])
    record_events(shadowed, tmp_path / "more", prefix="late", machine="m2", features={})
    (found,) = intents(computed(proposed(shadowed, transform)))
    assert (found["n"], found["left_out"]) == (3800, 0)


def test_evidence__more_events_than_the_limit__is_of_a_sample_that_stays(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    settings.ENV = {**settings.ENV, "MUSE_EVIDENCE_LIMIT": 1000}
    record_events(world, tmp_path / "segments")
    change = proposed(world, other_model(world))
    first = computed(change)
    (found,) = intents(first)
    assert found["total"] == 3000
    assert 850 < found["n"] < 1150
    assert found["left_out"] == 0
    assert f"{found['n']:,} of 3,000 events were drawn" in first.sentence
    assert any("MUSE_EVIDENCE_LIMIT" in each["text"] for each in first.log)
    a_day = found["thresholds"][0]["after"]["alerts"] / found["days"]
    assert found["thresholds"][0]["alerts_a_day_after"] == pytest.approx(a_day * 3000 / found["n"])
    with platform_scope():
        request_evidence(actor=None, change=change)
    assert computed(change).digest == first.digest


def test_evidence__cancelled_while_it_runs__writes_nothing_more(world: World) -> None:
    change = proposed(world, make_transform(world.intent, world.predictor, y=STEEPER))
    with platform_scope():
        evidence = Evidence.objects.get(change_request=change)
    work = EvidenceWork.take_up(world.tenant.pk, evidence.pk)
    assert work is not None
    with platform_scope():
        request_evidence(actor=None, change=change)
    with pytest.raises(Stopped):
        work.say("still here", 0.5)
    assert read(evidence).state == "cancelled"


def test_evidence__worker_died__is_taken_up_again(world: World) -> None:
    change = proposed(world, make_transform(world.intent, world.predictor, y=STEEPER))
    with platform_scope():
        evidence = Evidence.objects.get(change_request=change)
    assert EvidenceWork.take_up(world.tenant.pk, evidence.pk)
    tasks.run_work("evidence", world.tenant.pk, evidence.pk)
    assert read(evidence).attempt == 1
    with platform_scope():
        Evidence.objects.filter(pk=evidence.pk).update(alive_at=timezone.now() - timedelta(minutes=1))
    tasks.run_work("evidence", world.tenant.pk, evidence.pk)
    assert (read(evidence).state, read(evidence).attempt) == ("succeeded", 2)


def test_evidence__under_another_tenant__is_not_there(world: World) -> None:
    change = proposed(world, make_transform(world.intent, world.predictor, y=STEEPER))
    with platform_scope():
        evidence = Evidence.objects.get(change_request=change)
    tasks.run_work("evidence", make_tenant().pk, evidence.pk)
    assert read(evidence).state == "queued"


def test_evidence__events_written_while_they_are_read__is_of_those_that_were_there(
    world: World, tmp_path: Path
) -> None:
    record_events(world, tmp_path / "segments")
    other = make_predictor(make_model(weights=[0.002, 0.05]))
    content = make_document(world.intent, make_transform(world.intent, other))
    window = (NOON - timedelta(days=9), NOON)
    found = Recorded(world.tenant.pk, world.intent.name, window, [content], lambda _: None, limit=10**6, seed="x")
    record_events(world, tmp_path / "more-segments", count=3100)
    probability, _ = found.side(content)
    assert len(found) == len(probability) == 3000
    again = Recorded(world.tenant.pk, world.intent.name, window, [content], lambda _: None, limit=10**6, seed="x")
    assert len(again) > 3000


def test_evidence__of_another_shadow_alone__passes_for_no_score_changes(world: World, tmp_path: Path) -> None:
    record_events(world, tmp_path / "segments")
    shadow = make_transform(world.intent, world.predictor, y=STEEPER)
    targets = [{"predictor": each.predictor.key, "transform": each.pk} for each in (world.transform, shadow)]
    route = {"name": "all", "live": targets[0], "shadows": targets[1:]}
    with platform_scope():
        sent = {"title": "t", "reason": "r", "routes": {world.intent.name: [route]}}
        change = create_change(actor=None, tenant=world.tenant, **sent)
    evidence = computed(change)
    assert (evidence.verdict, evidence.sentence) == ("pass", "No score that is returned changes.")
