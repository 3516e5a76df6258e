"""A release changes the scores of the intents that it names, and not one bit of any other's."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models_app.catalog.models import ModelVersion, PredictorVersion
from models_app.releases.compile import compile_document
from models_app.releases.publish import read_all_routes
from models_app.transforms.models import Transform
from scoring.engine import document as documents
from scoring.engine.compiled import CompiledRelease, Scored
from scoring.store.artifacts import ModelSessions
from tenants.scope import platform_scope
from tests.documents import EVENT
from tests.factories import World, make_intent, make_model, make_predictor, make_transform, serve
from tests.models_app.conftest import Api
from tests.models_app.releases.test_releases import publish, route, served, target


@pytest.fixture
def world(db: None) -> World:
    return serve()


WEIGHTS = (0.004, -0.3)
SHOP = {"channel": "shop"}


def score(content: documents.ReleaseDocument, intent: str) -> Scored:
    return CompiledRelease(content, 1, ModelSessions().load).score(intent, EVENT, SHOP)


def same_file(**changes: Any) -> ModelVersion:
    """A model of a file that others have as well: equal weights are equal bytes."""
    return make_model(weights=WEIGHTS, **changes)


def test_publish__one_file_in_another_order_for_another_intent__leaves_the_first_as_it_was(
    admin: Api, world: World
) -> None:
    first = make_predictor(same_file(features=("amount", "hour")))
    second = make_predictor(same_file(features=("hour", "amount")))
    other = make_intent(world.tenant, "transfers")
    publish(admin, world, {"card-payments": [route(make_transform(world.intent, first))]})
    before = score(served(world.tenant), "card-payments")
    answer = publish(admin, world, {"transfers": [route(make_transform(other, second))]})
    assert answer.status_code == 201, answer.content
    assert score(served(world.tenant), "card-payments") == before
    assert score(served(world.tenant), "transfers").outputs != before.outputs


def test_publish__one_file_under_other_names_for_another_intent__is_served(admin: Api, world: World) -> None:
    names = [documents.Feature("Sum"), documents.Feature("When")]
    other = make_intent(world.tenant, "transfers", features=names)
    publish(admin, world, {"card-payments": [route(make_transform(world.intent, make_predictor(same_file())))]})
    theirs = make_predictor(same_file(features=("Sum", "When")))
    answer = publish(admin, world, {"transfers": [route(make_transform(other, theirs))]})
    assert answer.status_code == 201, answer.content


CHANGES: dict[str, Callable[[World, PredictorVersion, Transform], list[Any]]] = {
    "another transform": lambda world, predictor, live: [
        route(make_transform(world.intent, predictor, y=(0.0, 0.1, 0.2, 0.3, 1.0)))
    ],
    "a shadow": lambda world, predictor, live: [route(live, shadows=[target(make_transform(world.intent, predictor))])],
    "another route": lambda world, predictor, live: [
        {"name": "web", "when": [{"attribute": "channel", "any_of": ["web"]}], "live": target(live)},
        route(make_transform(world.intent, predictor)),
    ],
    "out of service": lambda world, predictor, live: [],
}


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    change=st.sampled_from(sorted(CHANGES)),
    order=st.permutations(["amount", "hour"]),
    members=st.integers(1, 3),
    aggregation=st.sampled_from(["mean", "logit_mean", "max"]),
    shares=st.booleans(),
)
def test_compile__any_change_of_one_intent__keeps_every_bit_of_the_others(
    db: None, change: str, order: list[str], members: int, aggregation: str, shares: bool
) -> None:
    world, untouched = serve(), ["transfers", "loans"]
    models = [same_file(features=("amount", "hour")), same_file(features=("hour", "amount"))]
    predictors = [make_predictor(models[0]), make_predictor(*models, aggregation="max")]
    rows = [make_intent(world.tenant, name) for name in untouched]
    routes = {
        row.name: [route(make_transform(row, predictor))] for row, predictor in zip(rows, predictors, strict=True)
    }
    live = _compiled(world, routes, world.document)
    before = {name: score(live, name) for name in untouched}
    predictor = make_predictor(*(same_file(features=order) for _ in range(members)), aggregation=aggregation)
    used = predictors[1] if shares else predictor
    changed = CHANGES[change](world, used, world.transform)
    after = _compiled(world, {"card-payments": changed}, live)
    assert {name: score(after, name) for name in untouched} == before


def _compiled(world: World, routes: dict[str, Any], live: documents.ReleaseDocument) -> documents.ReleaseDocument:
    with platform_scope():
        return compile_document(world.tenant, read_all_routes(routes), live)


def test_compile__over_a_release_that_had_mixed_two_models_up__names_the_intent_that_would_change(world: World) -> None:
    """What an earlier version published: a predictor that is served by another model than its own."""
    right, wrong = same_file(features=("amount", "hour")), same_file(features=("hour", "amount"))
    predictor = make_predictor(right)
    rows = [make_intent(world.tenant, name) for name in ("transfers", "loans")]
    live = _compiled(world, {row.name: [route(make_transform(row, predictor))] for row in rows}, world.document)
    mixed = documents.Predictor((documents.Member(wrong.key),))
    models = live.models | {wrong.key: documents.Model(wrong.digest, ("hour", "amount"))}
    live = documents.only(
        documents.ReleaseDocument(
            live.tenant, live.intents, live.predictors | {predictor.key: mixed}, live.transforms, models
        ),
        live.intents,
    )
    with pytest.raises(ValidationError, match="transfers is served with other models"):
        _compiled(world, {"loans": [route(make_transform(rows[1], predictor))]}, live)
    both = {row.name: [route(make_transform(row, predictor))] for row in rows}
    assert score(_compiled(world, both, live), "loans").predictor == predictor.key
