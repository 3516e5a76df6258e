"""Quantiles of how long scoring takes: of the last minutes, by tenant and intent."""

import json

import pytest
from django.test import Client

from scoring.models import ServingProcess
from scoring.serving.latency import Latencies
from scoring.serving.process import Serving
from tests.documents import EVENT
from tests.factories import World


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_quantiles__of_known_times__are_right_within_a_tenth() -> None:
    latencies = Latencies()
    for place in range(1, 1001):
        latencies.note(1, "cards", place / 1e6)
    latencies.note(2, "cards", 0.2)
    latencies.sort()
    events, median, tail = latencies.quantiles()[1, "cards"]
    assert events == 1000
    assert median == pytest.approx(0.5, rel=0.11)
    assert tail == pytest.approx(0.99, rel=0.11)
    assert latencies.quantiles()[2, "cards"][1:] == pytest.approx([200, 200], rel=0.11)


@pytest.mark.parametrize("seconds", [0.0, 1e-9, 1e-5])
def test_quantiles__of_hardly_any_time__are_the_smallest(seconds: float) -> None:
    latencies = Latencies()
    latencies.note(1, "cards", seconds)
    latencies.sort()
    assert latencies.quantiles() == {(1, "cards"): [1, 0.01, 0.01]}


def test_quantiles__after_five_minutes__forget() -> None:
    clock = Clock()
    latencies = Latencies(clock)
    latencies.note(1, "cards", 0.001)
    latencies.sort()
    clock.now = 4 * 60 + 59
    latencies.note(1, "cards", 0.001)
    latencies.sort()
    assert latencies.quantiles()[1, "cards"][0] == 2
    clock.now = 5 * 60
    latencies.sort()
    assert latencies.quantiles()[1, "cards"][0] == 1
    clock.now = 20 * 60
    latencies.sort()
    assert latencies.quantiles() == {}


def test_process__that_scores__says_how_long_it_took(client: Client, world: World, process: Serving) -> None:
    body = json.dumps({"intent": "card-payments", "features": EVENT})
    for _ in range(3):
        client.post("/api/v1/score", body, content_type="application/json", headers=world.authorization)
    world.publish()
    process.watcher.look()
    events, median, tail = ServingProcess.objects.get().latencies[world.tenant.slug]["card-payments"]
    assert events == 3
    assert 0 < median <= tail
