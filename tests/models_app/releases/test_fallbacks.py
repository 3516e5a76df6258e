"""What answers where a live predictor fails: an intent's wish, which is served once two people have seen it."""

from typing import Any

import msgspec
import pytest

from models_app.changes.drafting import create_change
from models_app.intents.services import change_intent
from models_app.releases.compile import compile_document
from models_app.releases.words import in_words
from scoring.engine import document as documents
from scoring.engine.document import Route, Target
from scoring.models import Release
from scoring.services import publish_document
from tenants.models import Intent
from tenants.scope import platform_scope
from tests.factories import World, make_model, make_predictor, make_transform, serve, text_of


@pytest.fixture
def world(db: None) -> World:
    return serve("acme")


def want(world: World, **wanted: Any) -> None:
    with platform_scope():
        intent = Intent.objects.select_related("tenant").get(pk=world.intent.pk)
        change_intent(intent=intent, changes=wanted, actor=None)


def compiled(world: World, target: Target) -> documents.ReleaseDocument:
    """What would be served if this target were live."""
    with platform_scope():
        release = Release.objects.filter(tenant=world.tenant).order_by("-number").first()
        assert release is not None
        live = documents.decode(release.document)
        return compile_document(world.tenant, {world.intent.name: (Route("all", target),)}, live)


def publish(world: World, content: documents.ReleaseDocument) -> None:
    with platform_scope():
        publish_document(tenant=world.tenant, document=text_of(content), actor=None, reason="test")


def fallbacks(content: documents.ReleaseDocument) -> Any:
    return content.intents["card-payments"].routes[0].fallbacks


def live(world: World) -> Target:
    return Target(world.predictor.key, world.transform.pk)


def newer(world: World, **model: Any) -> Target:
    with platform_scope():
        predictor = make_predictor(make_model(**model))
        return Target(predictor.key, make_transform(world.intent, predictor).pk)


def test_compile__nothing_wanted__has_no_fallbacks(world: World) -> None:
    assert fallbacks(compiled(world, newer(world))) is msgspec.UNSET


def test_compile__previous_and_score_wanted__are_declared_in_this_order_with_all_they_need(world: World) -> None:
    want(world, fall_back_to_previous=True, fallback_score=0.9)
    content = compiled(world, newer(world))
    assert fallbacks(content) == (live(world), 0.9)
    assert world.predictor.key in content.predictors
    assert documents.decode(documents.encode(content)) == content


def test_compile__same_predictor_again__keeps_the_one_before_it(world: World) -> None:
    want(world, fall_back_to_previous=True)
    new = newer(world)
    publish(world, compiled(world, new))
    assert fallbacks(compiled(world, new)) == (live(world),)


def test_compile__wanted_only_later__finds_the_previous_one_in_earlier_releases(world: World) -> None:
    new = newer(world)
    publish(world, compiled(world, new))
    want(world, fall_back_to_previous=True)
    assert fallbacks(compiled(world, new)) == (live(world),)


def test_compile__first_release_of_a_route__has_no_previous_predictor(world: World) -> None:
    want(world, fall_back_to_previous=True)
    assert fallbacks(compiled(world, live(world))) is msgspec.UNSET


def test_compile__previous_one_does_not_fit_the_intent_any_more__is_left_out(world: World) -> None:
    new = newer(world, features=("amount",))
    want(world, fall_back_to_previous=True, fallback_score=0.5, features=[{"name": "amount"}], keep_features="all")
    content = compiled(world, new)
    assert fallbacks(content) == (0.5,)
    assert list(content.predictors) == [new.predictor]


def test_compile__fallbacks_of_a_route_that_was_sent__are_the_intents(world: World) -> None:
    with platform_scope():
        routes = {world.intent.name: (Route("all", live(world), fallbacks=(0.1,)),)}
        assert fallbacks(compile_document(world.tenant, routes, None)) is msgspec.UNSET


def test_intent__wish_changed__is_served_only_by_a_change_request_that_says_so(world: World) -> None:
    before = documents.decode(world.release.document)
    want(world, fallback_score=0.9)
    with platform_scope():
        assert Release.objects.filter(tenant=world.tenant).count() == 1
        target = {"predictor": world.predictor.key, "transform": world.transform.pk}
        change = create_change(
            actor=None, tenant=world.tenant, title="t", reason="r",
            routes={world.intent.name: [{"name": "all", "live": target}]},
        )  # fmt: skip
    words = " ".join(in_words(before, documents.decode(change.document)))
    assert f"if {world.predictor.key} fails, what answers is the score 0.9" in words
    with platform_scope():
        assert Release.objects.filter(tenant=world.tenant).count() == 1


def test_words__fallbacks_that_go__say_that_events_are_refused(world: World) -> None:
    want(world, fallback_score=0.9)
    with_score = compiled(world, live(world))
    without = compiled_without(world)
    assert "what answers is nothing: events are refused" in " ".join(in_words(with_score, without))


def compiled_without(world: World) -> documents.ReleaseDocument:
    want(world, fallback_score=None)
    return compiled(world, live(world))


@pytest.mark.parametrize("score", [-0.1, 1.1])
def test_intent__impossible_score__is_refused(world: World, score: float) -> None:
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError, match="fallback_score"):
        want(world, fallback_score=score)
