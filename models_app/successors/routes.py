"""Which shadows stand beside which live predictors in an intent's routes, and routes with one in the other's place.

No database in here.
"""

from collections.abc import Mapping, Set

import msgspec

from scoring.engine.document import ReleaseDocument, Route, Target

Pair = tuple[str, str]  # keys of the live predictor and of its shadow


def pairs(document: ReleaseDocument, intent: str) -> Set[Pair]:
    """What is tried; nothing where the intent is not served. A predictor is no shadow of its own."""
    routes = document.intents[intent].routes if intent in document.intents else ()
    return {
        (route.live.predictor, shadow.predictor)
        for route in routes
        for shadow in route.shadows
        if shadow.predictor != route.live.predictor
    }


def tried_on(document: ReleaseDocument, intent: str, pair: Pair) -> dict[str, list[str]]:
    """The routes with this pair, by key of the reference that they lead to; no names where the intent has one only."""
    routes = document.intents[intent].routes
    found: dict[str, list[str]] = {}
    for route in routes:
        if _shadow(route, pair) is not None:
            found.setdefault(document.transforms[str(route.live.transform)].reference, []).append(route.name)
    return found if len(routes) > 1 else {key: [] for key in found}


def as_if_live(document: ReleaseDocument, intent: str, pair: Pair) -> ReleaseDocument:
    """What would be served if the shadow answered as it is, with its own transforms."""
    routes = tuple(
        msgspec.structs.replace(route, live=_shadow(route, pair) or route.live)
        for route in document.intents[intent].routes
    )
    changed = msgspec.structs.replace(document.intents[intent], routes=routes)
    return msgspec.structs.replace(document, intents={**document.intents, intent: changed})


def succeeded(document: ReleaseDocument, intent: str, pair: Pair, transforms: Mapping[str, int]) -> tuple[Route, ...]:
    """The intent's routes with the shadow as what answers where it was tried; what answered goes, other shadows stay.

    `transforms`: the shadow's, by key of the reference that the route leads to.
    """
    return tuple(
        route if _shadow(route, pair) is None else _succeeded(document, route, pair, transforms)
        for route in document.intents[intent].routes
    )


def _succeeded(document: ReleaseDocument, route: Route, pair: Pair, transforms: Mapping[str, int]) -> Route:
    new = Target(pair[1], transforms[document.transforms[str(route.live.transform)].reference])
    others = tuple(each for each in route.shadows if each.predictor != pair[1])
    return Route(route.name, new, route.when, others)


def _shadow(route: Route, pair: Pair) -> Target | None:
    if route.live.predictor != pair[0]:
        return None
    return next((each for each in route.shadows if each.predictor == pair[1]), None)
