"""One predictor in place of another in an intent's routes. No database in here."""

from collections import defaultdict
from collections.abc import Callable, Mapping

from scoring.engine.document import Intent, ReleaseDocument, Route, Target


def answered_by(document: ReleaseDocument, predictor: str) -> list[str]:
    """Names of the intents in which a predictor, by its key, answers some events."""
    return sorted(name for name, intent in document.intents.items() if _answers(intent, predictor))


def routes_of(document: ReleaseDocument, intent: str, predictor: str) -> dict[str, list[str]]:
    """Which routes a transform in its place is for, by key of the reference that the predictor is brought to there.

    It is those on which it answers, else those on which it is a shadow; no names where the intent has one route only.
    """
    live, shadows = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    routes = document.intents[intent].routes
    for route in routes:
        for target in (route.live, *route.shadows):
            if target.predictor == predictor:
                found = live if target == route.live else shadows
                found[document.transforms[str(target.transform)].reference].append(route.name)
    return {key: found if len(routes) > 1 else [] for key, found in sorted((shadows | live).items())}


def replaced(
    document: ReleaseDocument, intent: str, old: str, new: str, transforms: Mapping[str, int]
) -> tuple[Route, ...]:
    """The intent's routes with predictor `new` wherever `old` was, live and as a shadow.

    `transforms`: the new predictor's, by key of the reference that the old one's transform leads to. Other shadows of
    either predictor go: they were there to prepare this, and what is live needs none of its own.
    """

    def instead(target: Target) -> Target:
        if target.predictor != old:
            return target
        return Target(new, transforms[document.transforms[str(target.transform)].reference])

    return tuple(_replaced(route, old, new, instead) for route in document.intents[intent].routes)


def _replaced(route: Route, old: str, new: str, instead: Callable[[Target], Target]) -> Route:
    if old not in {target.predictor for target in (route.live, *route.shadows)}:
        return route
    live = instead(route.live)
    shadows = [instead(target) for target in route.shadows if target.predictor != new]
    others = dict.fromkeys(target for target in shadows if target.predictor != live.predictor)  # each once, in order
    return Route(route.name, live, route.when, tuple(others))


def _answers(intent: Intent, predictor: str) -> bool:
    return any(route.live.predictor == predictor for route in intent.routes)
