"""Routes in words."""

from models_app.releases.fallbacks import fallbacks_in_words
from models_app.releases.words import when_in_words
from scoring.engine import document as documents


def routes_in_words(intent: documents.Intent) -> list[str]:
    """Each route as a sentence: `web: channel is web or app → cards@2 (transform 7), shadow cards@3 (transform 9)`."""
    return [_in_words(route) for route in intent.routes]


def _in_words(route: documents.Route) -> str:
    shadows = "".join(f", shadow {_target(each)}" for each in route.shadows)
    return f"{route.name}: {when_in_words(route)} → {_target(route.live)}{shadows}{_instead(route)}"


def _instead(route: documents.Route) -> str:
    return f"; if it fails, {fallbacks_in_words(route)}" if route.fallbacks else ""


def _target(target: documents.Target) -> str:
    return f"{target.predictor} (transform {target.transform})"
