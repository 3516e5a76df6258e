"""Risk that rose since the live transform was fitted: told in evidence, answered for before it goes live."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytest_django import Settings

from models_app import tasks
from models_app.changes.evidence.models import Evidence
from models_app.changes.policy import set_policy
from models_app.transforms.fits import request_fit
from models_app.transforms.models import Fit, Transform
from scoring.queue.record import encode
from scoring.services import publish_document
from tenants.models import AuditEntry, Intent
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import World, make_document, make_person, serve, text_of
from tests.models_app.changes.test_api import Api
from tests.recorded import NOON
from tests.scoring.eventlog import consume, event, ids, keep_document, writer

A_DAY, FORTNIGHT = 400, 14
THRESHOLDS = [{"name": "review", "score": 0.4, "action": "review"}, {"name": "decline", "score": 0.55}]


@pytest.fixture(autouse=True)
def _places(settings: Settings, tmp_path: Path) -> None:
    settings.LAKE, settings.SERVING_CACHE_DIR = str(tmp_path / "lake"), tmp_path / "serving"


@pytest.fixture
def world(db: None) -> World:
    new_world = serve()
    with platform_scope():
        Intent.objects.filter(pk=new_world.intent.pk).update(thresholds=THRESHOLDS)
        new_world.intent.refresh_from_db()
    return new_world.publish()


def record(world: World, folder: Path, first_day: int, attack: float = 0.0) -> None:
    """Two weeks of recorded probabilities from `first_day` on, counted back from NOON; an `attack` in the second."""
    keep_document(world.document, tenant=world.tenant.pk, number=world.release.number)
    random, count = np.random.default_rng(first_day), A_DAY * FORTNIGHT
    probability = random.beta(0.4, 30, count)
    late = np.arange(count) >= count // 2
    attacked = late & (random.random(count) < attack)
    probability[attacked] = random.beta(8, 4, attacked.sum())
    start = int((NOON - timedelta(days=first_day)).timestamp() * 1e6)
    common = {
        "tenant": world.tenant.pk,
        "release": world.release.number,
        "route": "all",
        "predictor": world.predictor.key,
        "transform": world.transform.pk,
    }
    events = []
    for row, each in enumerate(ids(count, f"d{first_day}-")):
        at = start + row * 86_400_000_000 // A_DAY
        events.append(event(each, **common, occurred_at=at, scored_at=at, probability=float(probability[row])))
    out = writer(folder)
    assert out.append([encode(each) for each in events])
    consume(folder, machine=folder.name, flush_events=100_000)


def fitted(world: World, days_ago: int) -> Transform:
    """On the two weeks that ended so long ago."""
    as_of = (NOON - timedelta(days=days_ago)).isoformat()
    with platform_scope():
        fit = request_fit(
            actor=None, tenant=world.tenant, intent=world.intent, predictor=world.predictor,
            reference=world.transform.reference, source={"kind": "recorded", "days": FORTNIGHT, "as_of": as_of},
        )  # fmt: skip
    tasks.run_work("fit", world.tenant.pk, fit.pk)
    with platform_scope():
        fit = Fit.objects.select_related("transform__reference", "transform__predictor").get(pk=fit.pk)
    assert fit.transform, fit.error
    return fit.transform


def served(world: World, transform: Transform) -> World:
    with platform_scope():
        document = make_document(world.intent, transform)
        release = publish_document(tenant=world.tenant, document=text_of(document), actor=None, reason="for tests")
    return replace(world, transform=transform, document=document, release=release)


def refit(world: World, folder: Path, attack: float) -> tuple[World, dict[str, Any], Api, Api]:
    """A refit on the latest two weeks, proposed by REST; its evidence, and clients of its author and an approver."""
    record(world, folder / "past", 2 * FORTNIGHT)
    record(world, folder / "now", FORTNIGHT, attack)
    world = served(world, fitted(world, FORTNIGHT))
    proposed = fitted(world, 0)
    author, approver = (Api(make_person(role=Role.APPROVER, tenant=world.tenant), world.tenant.slug) for _ in range(2))
    live = {"predictor": world.predictor.key, "transform": proposed.pk}
    routes = {world.intent.name: [{"name": "all", "live": live}]}
    sent = {"title": "Refit", "reason": "because", "gate_reason": "asked for", "routes": routes}
    assert author.call("POST", "changes", sent).status_code == 201
    with platform_scope():
        Evidence.objects.filter(state="queued").update(start=NOON - timedelta(days=FORTNIGHT), end=NOON)
        evidence = Evidence.objects.get(state="queued")
    tasks.run_work("evidence", world.tenant.pk, evidence.pk)
    found = author.call("GET", "changes/1/evidence").json()
    assert found["state"] == "succeeded", found["error"]
    assert author.call("POST", "changes/1/submit").status_code == 200
    return world, found, author, approver


def seen(evidence: dict[str, Any]) -> dict[str, str]:
    return {"document_digest": evidence["document_digest"], "evidence_digest": evidence["digest"]}


def test_refit__attack_in_the_second_week__rose_and_takes_an_answer(world: World, tmp_path: Path) -> None:
    world, evidence, _, approver = refit(world, tmp_path, attack=0.06)
    assert evidence["risk_rose"] is True
    assert "Risk rose: events at or above the probability of ‘" in evidence["sentence"]
    (risk, of_refit) = evidence["result"]["intents"][0]["risks"]
    assert (risk["side"], risk["transform"], risk["fitted_of"], risk["fitted_n"]) == (
        "live", world.transform.pk, "events", A_DAY * FORTNIGHT,
    )  # fmt: skip
    assert risk["mean"] > 1.5 * risk["fitted_mean"]
    quiet, loud = (sum(day["above"][1] for day in week) for week in (risk["by_day"][:7], risk["by_day"][8:]))
    assert loud > 3 * quiet
    assert risk["very_high"] > 0.8
    assert not any(each["rose"] for each in of_refit["thresholds"])
    rise = evidence["verdict_details"]["risk_rises"][0]
    assert rise["seen"] > 1.2 * rise["fitted"]
    assert rise["low"] > 0.2

    without = approver.call("POST", "changes/1/approve", {**seen(evidence), "text": "fine"})
    assert without.status_code == 422
    assert [each["field"] for each in without.json()["errors"]] == ["risk_answer"]
    spaces = approver.call("POST", "changes/1/approve", {**seen(evidence), "text": "fine", "risk_answer": "  "})
    assert spaces.status_code == 422
    answer = "A sale brought new customers; they are genuine."
    given = approver.call("POST", "changes/1/approve", {**seen(evidence), "text": "fine", "risk_answer": answer})
    assert (given.status_code, given.json()["state"]) == (200, "published"), given.content
    assert given.json()["risk_rose"] is True
    assert [review["risk_answer"] for review in given.json()["reviews"]] == [answer]
    with platform_scope():
        approved = AuditEntry.objects.get(act="approve", tenant=world.tenant)
        assert approved.details["risk_answer"] == answer


def test_refit__no_attack__asks_for_no_answer(world: World, tmp_path: Path) -> None:
    _, evidence, _, approver = refit(world, tmp_path, attack=0.0)
    assert evidence["risk_rose"] is False
    assert evidence["verdict_details"]["risk_rises"] == []
    assert "Risk rose" not in evidence["sentence"]
    assert approver.call("POST", "changes/1/approve", {**seen(evidence), "text": "fine"}).status_code == 200


def test_fit__its_report__keeps_the_fitting_sample(world: World, tmp_path: Path) -> None:
    record(world, tmp_path / "past", FORTNIGHT)
    kept = fitted(world, 0).report["fitting_sample"]
    assert (kept["n"], kept["of"], kept["kept"], kept["days"]) == (A_DAY * FORTNIGHT, "events", True, FORTNIGHT)
    assert kept["mean"] == pytest.approx(0.0132, rel=0.1)
    assert len(kept["values"]) == len(kept["above"]) == len(kept["spread"]) == len(kept["of_day"])
    assert kept["values"] == sorted(kept["values"])
    assert kept["above"][-1] <= 2 / kept["n"]


def test_policy__risk_tolerance__is_what_a_rise_is_held_against(world: World, tmp_path: Path) -> None:
    with platform_scope():
        set_policy(actor=None, tenant=world.tenant, changes={"risk_tolerance": 10.0})
    _, evidence, _, _ = refit(world, tmp_path, attack=0.06)
    assert evidence["risk_rose"] is False
    assert evidence["result"]["intents"][0]["risks"][0]["thresholds"][1]["low"] > 0.2
