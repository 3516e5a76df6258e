"""Days that a fit has not seen, over REST: what evidence makes of them, and the page of a change request."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from pytest_django import Settings

from models_app import tasks
from models_app.changes.evidence.held_out import held_out_of
from models_app.statistics.evidence import stored
from models_app.transforms.models import Fit, Transform
from scoring.queue.record import encode
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import World, make_person, make_transform, serve, set_threshold
from tests.models_app.changes.evidence.test_sequences import Analyst
from tests.recorded import NOON
from tests.scoring.eventlog import consume, event, ids, keep_document, writer

SCORE, DAYS, A_DAY = 0.3, 14, 600


@pytest.fixture
def world(db: None, settings: Settings, tmp_path: Path) -> World:
    settings.LAKE, settings.SERVING_CACHE_DIR = str(tmp_path / "lake"), tmp_path / "serving"
    world = serve()
    set_threshold(world, SCORE)
    return world


def record(world: World, folder: Path, attacked: int) -> None:
    """Two weeks of which the last days, `attacked` so many, have twice as many events above any probability."""
    keep_document(world.document, tenant=world.tenant.pk, number=world.release.number)
    start, step = int((NOON - timedelta(days=DAYS)).timestamp() * 1e6), 86_400_000_000 // A_DAY
    known = {"tenant": world.tenant.pk, "release": world.release.number, "route": "all"}
    by = {"predictor": world.predictor.key, "transform": world.transform.pk}
    rates = np.random.default_rng(5).permutation((np.arange(A_DAY) + 0.5) / A_DAY)
    out = writer(folder)
    rows = []
    for row, each in enumerate(ids(DAYS * A_DAY)):
        at, risk = start + row * step, 2.0 if row // A_DAY >= DAYS - attacked else 1.0
        probability = float(1.0 - min(1.0, rates[row % A_DAY] / risk))
        rows.append(event(each, **known, **by, occurred_at=at, scored_at=at, probability=probability))
    assert out.append([encode(each) for each in rows])
    consume(folder, flush_events=100_000)


def fitted(world: World, analyst: Analyst) -> Transform:
    source = {"kind": "recorded", "days": DAYS, "as_of": NOON.isoformat()}
    keys = {"predictor": world.predictor.key, "reference": world.transform.reference.key}
    fit = analyst.post("fits", {"intent": world.intent.name, **keys, "source": source})["id"]
    tasks.run_work("fit", world.tenant.pk, fit)
    with platform_scope():
        transform = Fit.objects.select_related("transform__predictor").get(pk=fit).transform
    assert transform is not None
    return transform


def judged(world: World, folder: Path, attacked: int) -> tuple[dict[str, Any], str]:
    """Evidence for a fit of the two weeks, and the change request's path."""
    record(world, folder, attacked)
    analyst = Analyst(world, make_person(role=Role.ANALYST, tenant=world.tenant))
    path = analyst.propose(fitted(world, analyst))
    return analyst.judged(path), path


def test_evidence__of_a_fit_before_an_attack_in_its_last_days__fails_by_the_days_held_out(
    world: World, tmp_path: Path
) -> None:
    found, path = judged(world, tmp_path / "segments", attacked=4)
    (threshold,) = found["result"]["intents"][0]["thresholds"]
    held = threshold["held_out"]
    assert held["n"] == 4 * A_DAY
    assert held["rate"] == pytest.approx(2 * held["target"], rel=0.05)
    assert abs(threshold["after"]["rate"] / held["target"] - 1) < 0.01  # in-sample it is on target
    assert (found["verdict"], found["verdict_details"]["reason"]) == ("fail", "off target")
    assert found["sentence"].startswith(f"Held out: {100 * held['rate']:.3g} % [")
    assert threshold["gate"]["sentence"].startswith("Held out, the alert rate was +")
    client = Client()
    client.force_login(make_person(role=Role.APPROVER, tenant=world.tenant))
    page = " ".join(client.get(f"/tenants/{world.tenant.slug}/{path}").content.decode().split())
    assert page.index("Held out") < page.index("Alerts a day, before") < page.index("Against live")


def test_evidence__of_a_fit_whose_days_are_alike__has_its_rate_held_out_and_is_not_off(
    world: World, tmp_path: Path
) -> None:
    found, _ = judged(world, tmp_path / "segments", attacked=0)
    (threshold,) = found["result"]["intents"][0]["thresholds"]
    assert threshold["held_out"]["low"] < threshold["held_out"]["target"] < threshold["held_out"]["high"]
    assert found["verdict_details"]["reason"] != "off target"
    assert stored.read_verdict(found["verdict_details"]).threshold.held_out is not None  # type: ignore[union-attr]


def test_held_out__where_one_of_two_transforms_has_none__is_none_unless_it_answers_nothing(world: World) -> None:
    rate = {"score": SCORE, "target": 0.1, "alerts": 10, "n": 100, "rate": 0.1, "low": 0.05, "high": 0.2}
    held = {"fitted_days": 5, "days": 2, "fitted": 500, "n": 100, "thresholds": [rate]}
    with_it, without = (make_transform(world.intent, world.predictor, report=each) for each in ({"held_out": held}, {}))
    with platform_scope():
        both = held_out_of(world.tenant.pk, {with_it.pk: 0.5, without.pk: 0.5}, [SCORE])
        one = held_out_of(world.tenant.pk, {with_it.pk: 1.0, without.pk: 0.0}, [SCORE, 0.9])
    assert both == {}
    assert list(one) == [SCORE]
