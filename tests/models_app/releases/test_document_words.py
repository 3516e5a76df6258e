"""The difference of two releases in sentences."""

import msgspec
import pytest

from models_app.releases.words import in_words, origin_in_words
from scoring.engine.document import (
    Condition,
    ContextAttribute,
    Feature,
    Intent,
    Predictor,
    ReleaseDocument,
    Route,
    Target,
    Threshold,
    Transform,
)

OLD, NEW = Target("old@1", 8), Target("new@1", 10)


def document(**intents: Intent) -> ReleaseDocument:
    line = {"x": (0.0, 1.0), "y": (0.0, 1.0)}
    kinds = {"8": "default", "10": "custom", "11": "custom"}
    transforms = {number: Transform(kind, "cards@1", **line) for number, kind in kinds.items()}
    recipes = {key: Predictor(()) for key in ("old@1", "new@1")}
    return ReleaseDocument("acme", intents, recipes, transforms, {})


def intent(*routes: Route, **fields: object) -> Intent:
    declared = {"thresholds": (Threshold("decline", 0.9, "decline"),), **fields}
    return Intent((Feature("amount"),), routes, **declared)


def words(was: Intent | None, now: Intent | None) -> list[str]:
    before = document(**({"cards": was} if was else {}))
    after = document(**({"cards": now} if now else {}))
    return in_words(before, after, {10: "fitted on 27 days of recorded scores"})


def test_words__another_predictor__says_who_answers_and_what_becomes_a_shadow() -> None:
    was, now = Route("all", OLD, shadows=(NEW,)), Route("all", NEW, shadows=(OLD,))
    (sentence,) = words(intent(was), intent(now))
    assert sentence.startswith(
        "cards, route ‘all’: new@1 is live instead of old@1; its transform is 10 (custom, fitted on "
    )
    assert sentence.endswith("of recorded scores) instead of 8 (default); old@1 becomes a shadow.")


@pytest.mark.parametrize(
    ("was", "now", "sentence"),
    [
        (
            Route("all", NEW),
            Route("all", Target("new@1", 11)),
            "new@1 stays live, through transform 11 (custom)",
        ),
        (Route("all", OLD, shadows=(NEW,)), Route("all", OLD), "new@1 is no longer a shadow"),
        (
            Route("all", OLD, shadows=(NEW,)),
            Route("all", OLD, shadows=(Target("new@1", 11),)),
            "the shadow new@1 has transform 11 (custom) instead of 10",
        ),
        (Route("all", OLD), Route("every", OLD), "route ‘every’ is new: old@1 is live through transform 8 (default)."),
        (Route("all", OLD), Route("every", OLD), "route ‘all’ is removed: old@1 was live in it."),
        (
            Route("all", OLD),
            Route("all", OLD, when=(Condition("amount", minimum=10.0),)),
            "it is for events where amount ≥ 10 instead of all events",
        ),
    ],
)
def test_words__a_route_that_changes__says_how(was: Route, now: Route, sentence: str) -> None:
    assert sentence in " ".join(words(intent(was), intent(now)))


def test_words__routes_in_another_order__says_the_new_one() -> None:
    web, rest = Route("web", OLD, when=(Condition("channel", any_of=("web",)),)), Route("rest", NEW)
    assert words(intent(web, rest), intent(rest, web)) == [
        "cards: the routes are evaluated in another order: rest, web."
    ]


def test_words__intents_that_come_and_go__say_what_clients_get() -> None:
    assert words(intent(Route("all", OLD)), None) == [
        "cards is taken out of service: its clients get an error instead of a score."
    ]
    assert words(None, intent(Route("all", OLD, shadows=(NEW,)))) == [
        "cards is served for the first time: old@1 is live through transform 8 (default), with new@1 as a shadow."
    ]


def test_words__what_an_intent_declares__is_compared_by_name() -> None:
    was = intent(Route("all", OLD), context=(ContextAttribute("channel"),))
    now = msgspec.structs.replace(
        was,
        thresholds=(Threshold("decline", 0.95, "decline"), Threshold("review", 0.7)),
        features=(Feature("amount", minimum=0.0),),
        context=(),
        keep_features="none",
        idempotency_seconds=60,
    )
    assert words(was, now) == [
        "cards: threshold ‘decline’ is 0.95, decline instead of 0.9, decline.",
        "cards: threshold ‘review’ is new: 0.7, review.",
        "cards: feature ‘amount’ has other bounds or choices.",
        "cards: context attribute ‘channel’ is removed.",
        "cards: the event log keeps these features: none instead of all.",
        "cards: the deduplication window is 60 s instead of 3,600 s.",
    ]


def test_words__equal_documents__are_none() -> None:
    assert words(intent(Route("all", OLD)), intent(Route("all", OLD))) == []


def test_how_made__tells_the_source() -> None:
    recorded = {"kind": "recorded", "days": 27.0, "as_of": "2026-11-12T00:00:00+00:00"}
    assert origin_in_words(recorded) == "fitted on 27 days of recorded scores up to 2026-11-12"
    assert origin_in_words({"kind": "validation"}) == "made of validation scores"
    assert (
        origin_in_words({"kind": "pooled", "events": 12000, "tenants": 3}) == "made of 12,000 events of 3 other tenants"
    )
    assert origin_in_words({"kind": "sample", "sample": 4}) == "fitted on sample 4"
    assert origin_in_words(None) == ""
