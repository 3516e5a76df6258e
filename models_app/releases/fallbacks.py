"""What answers where a live predictor fails: as an intent wants it, made into the fallbacks of its routes.

An intent wants the previous predictor of a route, a fixed score, both in this order, or neither: then events are
refused. It is served with the next release, which two people have seen, as its thresholds are.
"""

from collections.abc import Iterator, Sequence

import msgspec

from scoring.engine import document as documents
from scoring.engine.document import DocumentError, Route, Target
from scoring.models import Release
from tenants.models import Intent, Tenant

MOST_RELEASES = 50  # that are looked through for a route's previous predictor

PREVIOUS_HELP = (
    "Where a live predictor fails (it does not run, gives no probability or is too slow), the one that was live before "
    "it on the same route answers, through its own transform. Without, or where it fails too, the fixed score does."
)
SCORE_HELP = "The score that events get where no predictor answers, from 0 to 1. Empty: such events are refused."


def with_fallbacks(intent: Intent, routes: Sequence[Route], served: documents.Intent | None) -> tuple[Route, ...]:
    """Routes with the fallbacks that the intent wants, whatever they had. `served`: as the intent is served now."""
    return tuple(msgspec.structs.replace(route, fallbacks=_wanted(intent, route, served)) for route in routes)


def without(route: Route, target: Target) -> Route:
    """The route without a fallback that does not fit it."""
    left = tuple(each for each in route.fallbacks or () if each != target)
    return msgspec.structs.replace(route, fallbacks=left or msgspec.UNSET)


def fallbacks_in_words(route: Route) -> str:
    """Say what answers where the live predictor fails: `cards@3 through transform 7, then the score 0.9`."""
    found = [
        f"{each.predictor} through transform {each.transform}" if isinstance(each, Target) else f"the score {each:g}"
        for each in route.fallbacks or ()
    ]
    return ", then ".join(found) or "nothing: events are refused"


def _wanted(
    intent: Intent, route: Route, served: documents.Intent | None
) -> tuple[Target | float, ...] | msgspec.UnsetType:
    found: list[Target | float] = []
    if intent.fall_back_to_previous and (previous := _previous(intent, route, served)):
        found.append(previous)
    if intent.fallback_score is not None:
        found.append(intent.fallback_score)
    return tuple(found) or msgspec.UNSET


def _previous(intent: Intent, route: Route, served: documents.Intent | None) -> Target | None:
    """The predictor that was live on this route before the one that is to be, as the releases so far have it."""
    now = _of(served, route.name)
    if now is not None and now.live.predictor != route.live.predictor:
        return now.live
    if now is not None and (known := [each for each in now.fallbacks or () if isinstance(each, Target)]):
        return known[0]
    earlier = (_of(each, route.name) for each in _earlier(intent.tenant, intent.name))
    others = (each.live for each in earlier if each and each.live.predictor != route.live.predictor)
    return next(others, None)


def _of(served: documents.Intent | None, route: str) -> Route | None:
    return next((each for each in served.routes if each.name == route), None) if served else None


def _earlier(tenant: Tenant, name: str) -> Iterator[documents.Intent]:
    """The intent as the releases have it, newest first."""
    texts = Release.objects.filter(tenant=tenant).order_by("-number").values_list("document", flat=True)
    for text in texts[:MOST_RELEASES].iterator(chunk_size=1):
        try:
            content = documents.decode(text)
        except DocumentError:
            continue
        if name in content.intents:
            yield content.intents[name]
