"""Routes that answer by other transforms than before, and by nothing else. No database in here."""

from collections.abc import Mapping

import msgspec

from scoring.engine.document import Intent, ReleaseDocument, Route, Target


def only_transforms(live: ReleaseDocument, proposed: ReleaseDocument, intent: str) -> dict[int, int] | None:
    """New transforms by those that they take the place of; None where anything else would change, or nothing."""
    if intent not in live.intents or intent not in proposed.intents:
        return None
    pairs = {
        (old.transform, new.transform)
        for before, after in zip(live.intents[intent].routes, proposed.intents[intent].routes, strict=False)
        for old, new in zip(before.answering, after.answering, strict=False)
        if old.transform != new.transform
    }
    new = dict(pairs)
    if not new or len(new) != len(pairs):
        return None
    routes = tuple(with_transforms(each, new) for each in live.intents[intent].routes)
    expected = live.intents | {intent: msgspec.structs.replace(live.intents[intent], routes=routes)}
    return new if _but_transforms(live, expected) == _but_transforms(proposed, proposed.intents) else None


def with_transforms(route: Route, new: Mapping[int, int]) -> Route:
    """A route that answers by new transforms, live and where it falls back; shadows stay as they are."""

    def instead(target: Target) -> Target:
        return Target(target.predictor, new.get(target.transform, target.transform))

    route = msgspec.structs.replace(route, live=instead(route.live))
    if not route.fallbacks:
        return route
    fallbacks = tuple(instead(each) if isinstance(each, Target) else each for each in route.fallbacks)
    return msgspec.structs.replace(route, fallbacks=fallbacks)


def _but_transforms(document: ReleaseDocument, intents: Mapping[str, Intent]) -> ReleaseDocument:
    """Transforms never change, so that they are told by their ids, which routes have."""
    return msgspec.structs.replace(document, intents=dict(intents), transforms={})
