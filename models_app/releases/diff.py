"""What changed between two release documents, for people: a list of places, each with what was and what is."""

from collections.abc import Sequence
from typing import Any, TypedDict

import msgspec

from scoring.engine import document as documents
from scoring.engine.document import ReleaseDocument


class Change(TypedDict):
    """`path` as in `intents.cards.routes.web.live.transform`; null for what is only on one side."""

    path: str
    before: Any
    after: Any


def diff(before: ReleaseDocument | None, after: ReleaseDocument) -> list[Change]:
    """All changes, by path. Lists of named things are compared by name; knots are told by number and digest."""
    return compare("", readable(before) if before else {}, readable(after))


def compare(path: str, before: Any, after: Any) -> list[Change]:
    """All changes of what JSON can hold, below this path."""
    changes: list[Change] = []
    _compare(path, before, after, changes)
    return sorted(changes, key=lambda change: change["path"])


def readable(document: ReleaseDocument) -> dict[str, Any]:
    """Return a document as JSON for people: knots are shown by their number and digest."""
    plain: dict[str, Any] = msgspec.to_builtins(document)
    for number, transform in plain["transforms"].items():
        content = document.transforms[number]
        transform["knots"] = _knots(content)
        del transform["x"], transform["y"]
    return plain


def _knots(transform: documents.Transform) -> str:
    text = msgspec.json.encode([transform.x, transform.y])
    return f"{len(transform.x):,} knots, digest {documents.digest(text)[:12]}"


def _compare(path: str, before: Any, after: Any, changes: list[Change]) -> None:
    before, after = _by_name(before, after)
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before.keys() | after.keys():
            _compare(f"{path}.{key}".strip("."), before.get(key), after.get(key), changes)
    elif before != after:
        changes.append({"path": path, "before": before, "after": after})


def _by_name(before: Any, after: Any) -> tuple[Any, Any]:
    """Two lists of things with names, as objects by name that know their place; anything else as it is."""
    if not (isinstance(before, list | tuple) and isinstance(after, list | tuple)):
        return before, after
    sides = [_named(before), _named(after)]
    return (before, after) if None in sides else (sides[0], sides[1])


def _named(items: Sequence[Any]) -> dict[str, Any] | None:
    if not all(isinstance(item, dict) and "name" in item for item in items):
        return None
    named = {item["name"]: {"place": place, **item} for place, item in enumerate(items, start=1)}
    return named if len(named) == len(items) else None
