"""Which transforms an intent's routes answer by, and the routes with others in their places. No database in here."""

from collections.abc import Mapping

from models_app.changes.standing_approvals.routes import with_transforms
from scoring.engine.document import ReleaseDocument, Route


def answering(document: ReleaseDocument, intent: str) -> dict[int, list[str]]:
    """By transform that is live, the routes that it answers on; no names where the intent has one route only."""
    found: dict[int, list[str]] = {}
    routes = document.intents[intent].routes
    for route in routes:
        found.setdefault(route.live.transform, []).append(route.name)
    return found if len(routes) > 1 else {transform: [] for transform in found}


def refreshed(document: ReleaseDocument, intent: str, transforms: Mapping[int, int]) -> tuple[Route, ...]:
    """The intent's routes with new transforms for old ones, wherever they answer; shadows stay as they are."""
    return tuple(with_transforms(each, transforms) for each in document.intents[intent].routes)
