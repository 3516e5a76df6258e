"""Parts of release documents as they come from outside: read strictly, with errors that name the field."""

import re
from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec
from django.core.exceptions import ValidationError

from models_app.inputs.errors import invalid
from scoring.engine.document import ContextAttribute, Feature, Route, Threshold
from tenants import strict_json

T = TypeVar("T")

_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)
_NAMED = re.compile(r"^Object (?P<kind>missing required|contains unknown) field `(?P<name>[^`]*)`$")


def read(value: Any, type_: type[T], field: str) -> T:
    """`value`, decoded JSON, as a part of a document."""
    check_storable(field, value)
    try:
        return msgspec.convert(value, type_)
    except msgspec.ValidationError as error:
        raise _at_place(str(error), field) from None


def read_features(value: Any) -> tuple[Feature, ...]:
    """A model's features, in its order: names differ, categories only and always for a category, limits in order."""
    features = read(value, tuple[Feature, ...], "features")
    if not features:
        raise invalid("features", "expected at least one, found none; list the model's features in its order")
    check_distinct("features", features)
    for index, feature in enumerate(features):
        _check_feature(f"features[{index}]", feature)
    return features


def check_distinct(field: str, parts: Iterable[Feature | ContextAttribute | Threshold]) -> None:
    """Names differ, and by more than upper and lower case: they become columns, whose names SQL does not tell apart."""
    seen: dict[str, str] = {}
    for index, part in enumerate(parts):
        key = part.name.casefold()
        if key in seen:
            raise invalid(
                f"{field}[{index}].name",
                f"expected names that differ, and not only in case, found '{seen[key]}' and '{part.name}'",
            )
        seen[key] = part.name


def read_routes(value: Any, intent: str) -> tuple[Route, ...]:
    """An intent's routes as the release document has them."""
    return read(value, tuple[Route, ...], f"routes.{intent}")


def check_storable(field: str, value: Any) -> None:
    """Refuse what JSON can say and Postgres cannot store: numbers beyond any float, halves of characters, NUL."""
    for place, odd in strict_json.unstorable(value):
        raise invalid(strict_json.words(place, field), f"expected {odd.expected}, found {odd.found}")


def takes_null(feature: Feature) -> bool:
    """Whether null can come for the feature: sent as such, or left out."""
    return feature.nullable or not feature.required


def difference(first: Feature, second: Feature) -> str | None:
    """What keeps two declarations of one feature from meaning the same number to a model."""
    if first.type != second.type:
        return f"type {first.type} against {second.type}"
    if first.categories != second.categories:
        return f"categories {list(first.categories)} against {list(second.categories)}"
    return None


def _check_feature(place: str, feature: Feature) -> None:
    if not feature.name:
        raise invalid(f"{place}.name", "expected a name, found an empty text")
    if (feature.type == "category") != bool(feature.categories):
        raise invalid(f"{place}.categories", "expected the known values for a category, and none for other types")
    if len(set(feature.categories)) < len(feature.categories):
        raise invalid(f"{place}.categories", "expected different values, found one twice")
    if feature.minimum is not None and feature.maximum is not None and feature.minimum > feature.maximum:
        raise invalid(f"{place}.maximum", f"expected {feature.minimum} (the minimum) or more, found {feature.maximum}")


def _at_place(message: str, field: str) -> ValidationError:
    """msgspec's message with its JSON path as a field name: `$[0].live` of routes is `routes[0].live`."""
    match = _PLACE.match(message)
    what, path = (match["what"], match["path"] or "") if match else (message, "")
    path = path.replace("[...]", "[]")
    named = _NAMED.match(what)
    if named and named["kind"] == "missing required":
        return invalid(f"{field}{path}.{named['name']}", "expected a value, found none")
    if named:
        return invalid(f"{field}{path}.{named['name']}", "there is no such field here")
    return invalid(f"{field}{path}", what)
