"""Transforms for an intent with several routes: each is made of the events that its routes answer."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from models_app.catalog.models import PredictorVersion
from models_app.statistics.references import BetaReference
from models_app.transforms.run import run_fit
from scoring.engine import document
from scoring.engine.mapping import QuantileMapping
from scoring.queue.record import encode
from scoring.services import publish_document
from tenants.scope import platform_scope
from tests.documents import CHANNEL
from tests.factories import (
    World,
    intent_part,
    make_document,
    make_model,
    make_predictor,
    make_reference,
    make_transform,
    serve,
    text_of,
)
from tests.models_app.conftest import Api, fields
from tests.recorded import NOON
from tests.scoring.eventlog import consume, event, ids, keep_document, writer

pytestmark = pytest.mark.django_db

REFERENCE = BetaReference(2.0, 8.0)
SCORES = {rate: float(REFERENCE.score_at(rate)) for rate in (0.1, 0.01)}
EVENTS, DAY, BIAS = 12_000, 86_400_000_000, 1000.0
ASKED = {"kind": "recorded", "days": 3, "as_of": NOON.isoformat()}


@dataclass
class Two:
    """`first` answers web, which is riskier, and `second` the rest."""

    world: World
    first: PredictorVersion
    second: PredictorVersion
    reference: str
    is_web: np.ndarray
    probability: np.ndarray
    admin: Api

    def post(self, path: str, predictor: PredictorVersion, **changes: Any) -> Any:
        sent = {"intent": self.world.intent.name, "predictor": predictor.key, "reference": self.reference}
        return self.admin.post(f"tenants/{self.world.tenant.slug}/{path}", sent | changes)

    def fitted(self, predictor: PredictorVersion, **source: Any) -> dict[str, Any]:
        """The transform of a fit that has run."""
        new_fit = self.post("fits", predictor, source=ASKED | source).json()
        run_fit(self.world.tenant.pk, new_fit["id"])
        fit = self.get(f"fits/{new_fit['id']}")
        assert fit["error"] == ""
        return self.get(f"transforms/{fit['transform']}")

    def get(self, path: str) -> Any:
        return self.admin.get(f"tenants/{self.world.tenant.slug}/{path}").json()


@pytest.fixture
def two(admin: Api, tmp_path: Path) -> Two:
    world = serve()
    reference = make_reference(2.0, 8.0)
    thresholds = [{"name": f"{rate:g}", "score": score} for rate, score in SCORES.items()]
    with platform_scope():
        world.intent.thresholds = thresholds
        world.intent.save(update_fields=["thresholds"])
    second = make_predictor(make_model(weights=[1.0, 0.0], bias=-BIAS))
    content = routed(world, second)
    with platform_scope():
        release = publish_document(tenant=world.tenant, document=text_of(content), actor=None, reason="for tests")
    keep_document(content, tenant=world.tenant.pk, number=release.number)
    is_web, probability = drawn(EVENTS, seed=1)
    record(world, content, release.number, is_web, probability, tmp_path)
    return Two(world, world.predictor, second, reference.key, is_web, probability, admin)


def routed(world: World, second: PredictorVersion) -> document.ReleaseDocument:
    transform = make_transform(world.intent, second)
    other = make_document(world.intent, transform)
    web, rest = document.Target(world.predictor.key, world.transform.pk), document.Target(second.key, transform.pk)
    routes = (
        document.Route("web", web, (document.Condition(CHANNEL.name, any_of=("web",)),)),
        document.Route("rest", rest),
    )
    parts = {
        each: getattr(world.document, each) | getattr(other, each) for each in ("predictors", "transforms", "models")
    }
    return msgspec.structs.replace(
        world.document, intents={world.intent.name: intent_part(world.intent, *routes)}, **parts
    )


def drawn(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Which events are of the web (30 %), and their probabilities: there the risk is higher by 1.5 logits."""
    rng = np.random.default_rng(seed)
    is_web = rng.random(count) < 0.3
    return is_web, 1 / (1 + np.exp(4.5 - 1.3 * rng.normal(size=count) - 1.5 * is_web))


def record(
    world: World,
    content: document.ReleaseDocument,
    release: int,
    is_web: np.ndarray,
    probability: np.ndarray,
    folder: Path,
) -> None:
    web, rest = content.intents[world.intent.name].routes
    start = int(NOON.timestamp() * 1e6) - 2 * DAY
    events = [
        event(
            name,
            tenant=world.tenant.pk,
            release=release,
            route=route.name,
            predictor=route.live.predictor,
            transform=route.live.transform,
            occurred_at=start + place,
            scored_at=start + place,
            probability=p,
            context={"channel": "web" if route is web else "shop"},
            features={"amount": amount_of(p), "hour": 0, "foreign": None},
        )
        for place, (name, route, p) in enumerate(
            zip(ids(len(is_web)), [web if each else rest for each in is_web], probability.tolist(), strict=True)
        )
    ]
    out = writer(folder / "segments", max_bytes=1 << 26)
    assert out.append([encode(each) for each in events])
    consume(folder / "segments", flush_events=100_000)


def amount_of(p: float) -> float:
    """That of which `second` makes this probability."""
    share = 2 * p - 1
    return share / (1 - abs(share)) + BIAS


def rate(web: dict[str, Any], rest: dict[str, Any], score: float, events: tuple[np.ndarray, np.ndarray]) -> float:
    """The intent's alert rate with these transforms on its routes."""
    is_web, probability = events
    scores = np.empty(len(is_web))
    for transform, here in ((web, is_web), (rest, ~is_web)):
        scores[here] = QuantileMapping(transform["x"], transform["y"]).many(probability[here])
    return float(np.mean(scores >= score))


def test_fit__each_route_on_its_own_events__intent_reaches_its_targets(two: Two) -> None:
    web, rest = two.fitted(two.first, routes=["web"]), two.fitted(two.second, routes=["rest"])
    assert [each["report"]["n"] for each in (web, rest)] == [two.is_web.sum(), (~two.is_web).sum()]
    later = drawn(200_000, seed=2)
    for target, score in SCORES.items():
        assert rate(web, rest, score, (two.is_web, two.probability)) == pytest.approx(target, abs=2 / EVENTS)
        error = np.sqrt(target / EVENTS + target / 200_000)
        assert rate(web, rest, score, later) == pytest.approx(target, abs=4 * error)


def test_fit__of_all_events_for_one_route__misses_its_target(two: Two) -> None:
    both = two.fitted(two.second, kind="replay", routes=["web", "rest"])
    assert both["report"]["n"] == EVENTS
    web = two.fitted(two.first, routes=["web"])
    assert rate(web, both, SCORES[0.01], (two.is_web, two.probability)) < 0.006


def test_fit__no_route_named__is_of_the_routes_on_which_the_predictor_answers(two: Two) -> None:
    fit = two.fitted(two.second)
    source = fit["report"]["source"]
    assert (source["routes"], source["release"]) == (["rest"], 2)
    assert fit["report"]["n"] == (~two.is_web).sum()


def test_fit__of_several_routes_and_none_for_its_predictor__has_to_name_them(two: Two) -> None:
    other = make_predictor(make_model())
    answer = two.post("fits", other, source={"kind": "replay", "days": 3})
    assert fields(answer) == ["source.routes"]
    assert "name those that the transform is for, of web, rest" in answer.json()["errors"][0]["expected"]
    assert two.post("fits", other, source={"kind": "replay", "days": 3, "routes": ["web"]}).status_code == 201


@pytest.mark.parametrize(
    ("source", "field"), [({"routes": ["app"]}, "routes"), ({"routes": ["web"], "release": 9}, "release")]
)
def test_fit__of_routes_that_are_not_there__names_the_field(two: Two, source: dict[str, Any], field: str) -> None:
    assert fields(two.post("fits", two.first, source=ASKED | source)) == [f"source.{field}"]


def test_fit__replay_of_a_route__takes_its_events(two: Two) -> None:
    assert two.fitted(two.first, kind="replay", routes=["web"])["report"]["n"] == two.is_web.sum()


def test_default_transform__for_a_route__asks_for_it_as_a_fit_does(two: Two) -> None:
    other = make_predictor(make_model(quantiles=[[0.1, 0.01], [0.5, 0.2], [0.9, 0.4]]))
    assert fields(two.post("transforms", other)) == ["routes"]
    assert two.post("transforms", other, routes=["web"]).status_code == 201
