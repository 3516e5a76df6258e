"""How long single events take, as metrics tell it: by intent, and by stage of a few of them."""

import json

import pytest
from django.test import Client
from prometheus_client import REGISTRY

from scoring.engine.compiled import CompiledTarget
from scoring.engine.onnx_model import ModelError
from scoring.serving import metrics, service
from scoring.serving.process import Serving
from tests.documents import EVENT
from tests.factories import World

BODY = json.dumps({"intent": "card-payments", "features": EVENT})


def stages() -> dict[str, tuple[float, float]]:
    """How many events were looked at so far, and the seconds of all, by stage."""
    metrics.publish(0)
    return {stage: (_of(stage, "count"), _of(stage, "sum")) for stage in metrics.STAGES}


def _of(stage: str, what: str) -> float:
    return REGISTRY.get_sample_value(f"muse_stage_seconds_{what}", {"stage": stage}) or 0.0


def of_intent(tenant: str, intent: str) -> float:
    return REGISTRY.get_sample_value("muse_score_seconds_count", {"tenant": tenant, "intent": intent}) or 0.0


def score(client: Client, world: World) -> int:
    return client.post("/api/v1/score", BODY, content_type="application/json", headers=world.authorization).status_code


def test_stages__of_one_event_in_so_many__are_measured(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "STAGES_OF_ONE_IN", 3)
    before = stages()
    assert [score(client, world) for _ in range(7)] == [200] * 7
    after = stages()
    for stage in metrics.STAGES:
        assert after[stage][0] - before[stage][0] == 2
        assert after[stage][1] > before[stage][1]


def test_stages__of_an_event_that_no_model_answers__are_left_out(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ModelError("it fails")

    monkeypatch.setattr(service, "STAGES_OF_ONE_IN", 1)
    monkeypatch.setattr(CompiledTarget, "one", fail)
    before = stages()
    assert score(client, world) == 503
    assert stages() == before


def test_seconds__of_intents__are_counted_by_tenant_and_intent(client: Client, world: World, process: Serving) -> None:
    place = str(world.tenant.pk), "card-payments"
    before = of_intent(*place)
    assert score(client, world) == 200
    world.publish()
    assert process.watcher.look()
    assert of_intent(*place) == before + 1


def test_seconds__of_more_intents_than_there_is_room_for__are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_own", set())
    monkeypatch.setattr(metrics, "MOST_INTENTS", 1)
    before = of_intent(*metrics.OTHERS)
    metrics.timed({(-1, "first"): [0.1, 0.2], (-1, "second"): [0.3]})
    metrics.timed({(-1, "first"): [0.1], (-2, "third"): [0.3]})
    assert of_intent("-1", "first") == 3
    assert of_intent(*metrics.OTHERS) == before + 2
