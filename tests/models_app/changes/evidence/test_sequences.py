"""Changes that follow each other, over REST: each is held against the target, and not only against the one before."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from pytest_django import Settings

from models_app import tasks
from models_app.catalog.models import ReferenceDistribution
from models_app.catalog.references import mathematical
from models_app.changes.evidence.models import Evidence
from models_app.transforms.models import Transform
from scoring.queue.record import encode
from scoring.services import publish_document
from tenants.models import Person
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import create_personal_token
from tests.factories import (
    World,
    make_document,
    make_person,
    make_reference,
    make_transform,
    serve,
    set_threshold,
    text_of,
)
from tests.recorded import NOON
from tests.scoring.eventlog import consume, event, ids, keep_document, writer

SCORE, DAYS, A_DAY = 0.3, 56, 600
Judge = Callable[[float], dict[str, Any]]


@pytest.fixture
def world(db: None, settings: Settings, tmp_path: Path) -> World:
    """With eight weeks of events whose probabilities are spread evenly over (0, 1), on each day the same."""
    settings.LAKE, settings.SERVING_CACHE_DIR = str(tmp_path / "lake"), tmp_path / "serving"
    world = serve()
    set_threshold(world, SCORE)
    record_evenly(world, tmp_path / "segments")
    return world


def record_evenly(world: World, folder: Path, channels: Sequence[str] = ("shop",)) -> None:
    """Each channel has as many events as any other, and as evenly spread."""
    keep_document(world.document, tenant=world.tenant.pk, number=world.release.number)
    start, step = int((NOON - timedelta(days=DAYS)).timestamp() * 1e6), 86_400_000_000 // A_DAY
    known = {"tenant": world.tenant.pk, "release": world.release.number, "route": "all"}
    by = {"predictor": world.predictor.key, "transform": world.transform.pk}
    each_day = A_DAY // len(channels)
    spread = np.random.default_rng(5).permutation((np.arange(each_day) + 0.5) / each_day)
    out = writer(folder)
    rows = (
        event(each, **known, **by, occurred_at=at, scored_at=at, probability=probability, context={"channel": channel})
        for row, each in enumerate(ids(DAYS * A_DAY))
        for at, channel in [(start + row * step, channels[row % len(channels)])]
        for probability in [float(spread[row // len(channels) % each_day])]
    )
    assert out.append([encode(each) for each in rows])
    consume(folder, flush_events=100_000)


def alerting(world: World, times_target: float, reference: ReferenceDistribution | None = None) -> Transform:
    """A transform at which so many times the target's share of events reach the threshold."""
    with platform_scope():
        target = float(mathematical(reference or world.transform.reference).alert_rate(SCORE))
    x, y = (0.0, 1.0 - target * times_target, 1.0), (0.0, SCORE, 1.0)
    return make_transform(world.intent, world.predictor, x=x, y=y, reference=reference or world.transform.reference)


def publish(world: World, transform: Transform) -> None:
    with platform_scope():
        content = text_of(make_document(world.intent, transform))
        publish_document(tenant=world.tenant, document=content, actor=None, reason="for tests")


class Analyst:
    """Proposes transforms of the world's intent over REST, and reads what evidence says of them."""

    def __init__(self, world: World, person: Person) -> None:
        token = create_personal_token(person=person, name="tests", actor=None)[1]
        self._world = world
        self._client = Client(headers={"authorization": f"Bearer {token}"})
        self._path = f"/api/v1/tenants/{world.tenant.slug}"

    def post(self, path: str, body: Any = None) -> Any:
        answer = self._client.post(f"{self._path}/{path}", json.dumps(body or {}), content_type="application/json")
        assert answer.status_code in (200, 201, 202), answer.content
        return answer.json()

    def propose(self, transform: Transform, web: Transform | None = None) -> str:
        """The new change request's path; `web`: of a route for that channel before the one for all."""
        routes = [{"name": "all", "live": self._target(transform)}]
        if web is not None:
            when = [{"attribute": "channel", "any_of": ["web"]}]
            routes.insert(0, {"name": "web", "live": self._target(web), "when": when})
        sent = {"title": "Another", "reason": "because", "routes": {self._world.intent.name: routes}}
        return f"changes/{self.post('changes', sent)['number']}"

    def _target(self, transform: Transform) -> dict[str, Any]:
        return {"predictor": self._world.predictor.key, "transform": transform.pk}

    def judged(self, path: str) -> dict[str, Any]:
        """The change request's evidence of the last 14 days, computed."""
        self.post(f"{path}/evidence", {"as_of": NOON.isoformat(), "days": 14})
        with platform_scope():
            waiting = Evidence.objects.filter(tenant=self._world.tenant, state="queued").latest("pk")
        tasks.run_work("evidence", waiting.tenant_id, waiting.pk)
        found: dict[str, Any] = self._client.get(f"{self._path}/{path}/evidence").json()
        assert found["state"] == "succeeded", found
        return found


@pytest.fixture
def analyst(world: World) -> Analyst:
    return Analyst(world, make_person(role=Role.ANALYST, tenant=world.tenant))


def test_evidence__seven_steps_of_eight_percent__pass_only_while_they_keep_to_the_target(
    world: World, analyst: Analyst
) -> None:
    publish(world, alerting(world, 1.0))
    verdicts = []
    for step in range(1, 8):
        transform = alerting(world, 1.08**step)
        verdicts.append(analyst.judged(analyst.propose(transform))["verdict"])
        publish(world, transform)
    assert "pass" not in verdicts[1:]
    assert verdicts[2:] == ["fail"] * 5


def test_evidence__twice_the_target_as_it_is_live__fails(world: World, analyst: Analyst) -> None:
    publish(world, alerting(world, 2.0))
    found = analyst.judged(analyst.propose(alerting(world, 2.0)))
    assert (found["verdict"], found["verdict_details"]["reason"]) == ("fail", "off target")
    assert "would stay at" in found["sentence"]


def test_evidence__what_brings_a_drifted_rate_back__repairs_and_needs_no_reason(world: World, analyst: Analyst) -> None:
    publish(world, alerting(world, 1.3))
    path = analyst.propose(alerting(world, 1.0))
    found = analyst.judged(path)
    assert (found["verdict"], found["verdict_details"]["reason"]) == ("repairs", "back on target")
    assert "come back to" in found["sentence"]
    assert analyst.post(f"{path}/submit")["state"] == "in review"


def test_evidence__of_too_few_events__tells_how_many_it_takes(world: World, analyst: Analyst) -> None:
    publish(world, alerting(world, 0.0001))
    found = analyst.judged(analyst.propose(alerting(world, 1.12)))
    (intent,) = found["result"]["intents"]
    gate = intent["thresholds"][0]["gate"]
    assert (found["verdict"], gate["state"]) == ("not enough events", "not enough events")
    assert gate["needed"] > 0
    assert f"a rate on target takes about {gate['needed']:,} to show" in gate["sentence"]


def test_evidence__another_reference_is_proposed__holds_what_is_live_against_its_own(
    world: World, analyst: Analyst
) -> None:
    """At the threshold the new reference has 0.7 times the alerts: what is live was never promised to have so few."""
    publish(world, alerting(world, 1.0))
    with platform_scope():
        fewer = make_reference(2.0, 9.5)
    (intent,) = analyst.judged(analyst.propose(alerting(world, 1.0, fewer)))["result"]["intents"]
    gate = intent["thresholds"][0]["gate"]
    assert gate["target"]["relative"] == pytest.approx(0.0, abs=0.02)
    assert gate["live_target"]["relative"] == pytest.approx(0.0, abs=0.02)
    assert gate["live"]["relative"] < -0.2
