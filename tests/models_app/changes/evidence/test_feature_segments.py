"""A change that leaves an intent's alert rate where it is, and moves alerts from small amounts to large, over REST."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from django.test import Client
from pytest_django import Settings

from models_app.catalog.models import PredictorVersion
from models_app.catalog.references import mathematical
from models_app.changes.policy import set_policy
from models_app.intents.services import change_intent
from models_app.notifications.events import Event
from models_app.notifications.models import Notification
from models_app.statistics.evidence.decision import MOST_SEGMENTS
from models_app.transforms.models import Transform
from scoring.queue.record import encode
from scoring.services import publish_document
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.documents import FEATURES
from tests.factories import (
    World,
    make_document,
    make_model,
    make_person,
    make_predictor,
    make_transform,
    make_webhook,
    serve,
    set_threshold,
    text_of,
)
from tests.models_app.changes.evidence.test_sequences import SCORE, Analyst
from tests.recorded import NOON
from tests.scoring.eventlog import consume, event, ids, keep_document, writer

A_DAY, DAYS = 600, 14
SMALL, LARGE = 20.0, 200.0
SHIFT = 0.2  # so many of the alerts more of large amounts, and fewer of small ones


@pytest.fixture
def world(db: None, settings: Settings, tmp_path: Path) -> World:
    """With as many events of small amounts as of large ones, that live treats alike, and a feature of their risk."""
    settings.LAKE, settings.SERVING_CACHE_DIR = str(tmp_path / "lake"), tmp_path / "serving"
    world = serve()
    set_threshold(world, SCORE)
    settle(world, features=[*(msgspec.to_builtins(each) for each in FEATURES), {"name": "risk"}], amount="amount")
    world = published(world, alerting_from(world, world.predictor, 1.0 - rate(world)))
    record(world, tmp_path / "segments")
    return world


def settle(world: World, **changes: Any) -> None:
    with platform_scope():
        change_intent(intent=world.intent, changes=changes, actor=None)
        world.intent.refresh_from_db()


def rate(world: World) -> float:
    """The target at the threshold."""
    with platform_scope():
        return float(mathematical(world.transform.reference).alert_rate(SCORE))


def alerting_from(world: World, predictor: PredictorVersion, probability: float) -> Transform:
    """A transform that reaches the threshold there."""
    return make_transform(world.intent, predictor, x=(0.0, probability, 1.0), y=(0.0, SCORE, 1.0))


def published(world: World, transform: Transform) -> World:
    with platform_scope():
        content = make_document(world.intent, transform)
        release = publish_document(tenant=world.tenant, document=text_of(content), actor=None, reason="for tests")
    return replace(world, transform=transform, document=content, release=release)


def record(world: World, folder: Path) -> None:
    """What live gives is the risk, which is spread evenly, over small amounts as over large ones."""
    keep_document(world.document, tenant=world.tenant.pk, number=world.release.number)
    start, step, count = int((NOON - timedelta(days=DAYS)).timestamp() * 1e6), 86_400_000_000 // A_DAY, A_DAY * DAYS
    known = {"tenant": world.tenant.pk, "release": world.release.number, "route": "all"}
    by = {"predictor": world.predictor.key, "transform": world.transform.pk}
    random = np.random.default_rng(5)
    spread = np.concatenate([random.permutation((np.arange(A_DAY // 2) + 0.5) * 2 / A_DAY) for _ in range(DAYS)])
    kinds = random.choice(["goods", "travel"], count)
    out = writer(folder, max_bytes=1 << 24)
    rows = (
        event(
            each,
            **known,
            **by,
            occurred_at=start + row * step,
            scored_at=start + row * step,
            probability=float(spread[row // 2]),
            features={
                "amount": (SMALL, LARGE)[row % 2],
                "risk": float(spread[row // 2]),
                "kind": str(kinds[row]),
                "hour": 20,
                "foreign": None,
            },
        )
        for row, each in enumerate(ids(count))
    )
    assert out.append([encode(each) for each in rows])
    consume(folder, flush_events=100_000)


def redistributing(world: World) -> Transform:
    """Of a predictor for which an amount is a risk, too, and that alerts as often in all."""
    weight = 2 * SHIFT * rate(world) / (LARGE - SMALL)
    model = make_model(features=("amount", "risk"), weights=(weight, 1.0), bias=0.0)
    from_sum = 1.0 - (1.0 - SHIFT) * rate(world) + weight * SMALL
    return alerting_from(world, make_predictor(model), 0.5 * (1.0 + from_sum / (1.0 + from_sum)))


class Proposer(Analyst):
    def proposed(self, world: World, transform: Transform) -> str:
        live = {"predictor": transform.predictor.key, "transform": transform.pk}
        routes = {world.intent.name: [{"name": "all", "live": live}]}
        return f"changes/{self.post('changes', {'title': 'Another', 'reason': 'because', 'routes': routes})['number']}"


@pytest.fixture
def analyst(world: World) -> Proposer:
    return Proposer(world, make_person(role=Role.ANALYST, tenant=world.tenant))


def test_evidence__a_fifth_more_on_large_amounts_and_a_fifth_less_on_small__fails_though_the_whole_stays(
    world: World, analyst: Proposer
) -> None:
    found = analyst.judged(analyst.proposed(world, redistributing(world)))
    details = found["verdict_details"]
    assert (found["verdict"], details["reason"]) == ("fail", "a segment moves")
    worst = details["threshold"]
    assert abs(worst["after"]["rate"] / worst["before"]["rate"] - 1) < 0.02
    assert abs(worst["after"]["rate"] / worst["target"] - 1) < 0.02
    moving = {each["value"]: each for each in worst["moving"]}
    assert set(moving) == {"below 200", "200 and above"}
    assert {(each["attribute"], each["source"]) for each in moving.values()} == {("amount", "feature")}
    assert moving["200 and above"]["beside"] == pytest.approx(0.2, abs=0.04)
    assert moving["below 200"]["beside"] == pytest.approx(-0.2, abs=0.04)
    assert "within amount 200 and above alerts go from" in found["sentence"]
    (intent,) = found["result"]["intents"]
    told = [(each["attribute"], each["value"]) for each in intent["thresholds"][0]["segments"]]
    assert {name for name, _ in told[:2]} == {"amount"}  # what moves first
    assert {value for name, value in told[2:] if name == "kind"} == {"goods", "travel"}
    assert [group["n"] for group in intent["by_feature"]["amount"]] == [A_DAY * DAYS // 2] * 2


def test_evidence__of_the_same__passes_where_no_features_make_segments(world: World, analyst: Proposer) -> None:
    settle(world, segment_features=[])
    found = analyst.judged(analyst.proposed(world, redistributing(world)))
    assert found["verdict"] == "pass"
    assert found["result"]["intents"][0]["by_feature"] == {}


def test_evidence__of_the_same__passes_where_the_policy_lets_segments_move(world: World, analyst: Proposer) -> None:
    with platform_scope():
        set_policy(actor=None, tenant=world.tenant, changes={"segment_tolerance": 0.3})
    found = analyst.judged(analyst.proposed(world, redistributing(world)))
    assert (found["verdict"], found["verdict_details"]["threshold"]["moving"]) == ("pass", [])


def test_evidence__by_a_feature_that_was_not_recorded__says_that_it_is_not_known(
    world: World, analyst: Proposer
) -> None:
    make_webhook(world.tenant)
    settle(world, features=[*world.intent.features, {"name": "balance"}], segment_features=["kind", "balance"])
    path = analyst.proposed(world, redistributing(world))
    found = analyst.judged(path)
    assert found["result"]["intents"][0]["by_feature"]["balance"] == []
    said = "How alerts move by balance is not known: it was not recorded."
    assert said in page_of(world, path)
    assert said in told().text


def test_change_page__where_amounts_move__shows_them_on_the_card_and_where_it_is_approved(
    world: World, analyst: Proposer
) -> None:
    path = analyst.proposed(world, redistributing(world))
    analyst.judged(path)
    analyst.post(f"{path}/submit", {"gate_reason": "we want it so"})
    page = page_of(world, path)
    dialog = page[page.index("<dialog") :]
    for shown in (page[: page.index("<dialog")], dialog):
        assert "Segments that move most" in shown
        assert "amount 200 and above" in shown
        assert "amount below 200" in shown


def told() -> Notification:
    """What was told of evidence last."""
    with platform_scope():
        return Notification.objects.filter(event=Event.EVIDENCE_READY).latest("pk")


def page_of(world: World, path: str) -> str:
    client = Client()
    approver = make_person(role=Role.APPROVER, tenant=world.tenant)
    client.force_login(approver, "django.contrib.auth.backends.ModelBackend")
    return client.get(f"/tenants/{world.tenant.slug}/{path}").content.decode()


def test_mail_and_webhook__of_evidence__tell_the_segments_as_its_rows_have_them(
    world: World, analyst: Proposer
) -> None:
    make_webhook(world.tenant)
    found = analyst.judged(analyst.proposed(world, redistributing(world)))
    sent = told()
    (intent,) = found["result"]["intents"]
    (threshold,) = intent["thresholds"]
    rows = [each for each in threshold["segments"] if each["moves"] or each["low"] > 0 or each["high"] < 0]
    assert len(rows) >= 2
    segments = sent.data["decision"]["segments"]
    assert [each["segment"] for each in segments] == rows[:MOST_SEGMENTS]
    lines = [line for line in sent.text.splitlines() if " beside all" in line and line.startswith("- ")]
    assert lines == [line_of(threshold["name"], row) for row in rows[:MOST_SEGMENTS]]


def line_of(threshold: str, row: dict[str, Any]) -> str:
    """As a mail tells it, from the numbers of evidence."""
    was, after = (100 * row[side] / row["events"] for side in ("before", "after"))
    low, high = (f"{100 * row[end]:+.0f}" for end in ("low", "high"))
    name = f"{row['attribute']} {'' if row['is_band'] else '= '}{row['value']}"
    fails = "; fail" if row["moves"] else ""
    beside = f"{100 * row['beside']:+.0f} % [{low}, {high}] beside all"
    return f"- ‘{threshold}’, {name}: {was:.3g} → {after:.3g} % alert, {beside}{fails}"
