"""Features that are plainly right, read into a type that is made of an intent's schema.

Types, bounds and categories are checked while the text is read, at a fraction of what checking each value afterwards
takes. The type accepts nothing that `FeatureEncoder` refuses; what it refuses is for that to look at, and to say why.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import UNSET, Meta, UnsetType

from scoring.engine import document
from scoring.engine.columns import LARGEST, LARGEST_WHOLE
from scoring.engine.features import Columns
from scoring.engine.probability import FloatArray

_INT64 = 2**63


class PlainFeatures:
    """The features of one intent. `type`: a structure with a field for each, in the order of the schema.

    Its JSON, and its record in the event log, are those of the object that the client sent. `kinds`: the type of each
    by name where events have no names, so that null stands for what was not sent too.
    """

    def __init__(self, features: Sequence[document.Feature]) -> None:
        self.names = tuple(feature.name for feature in features)
        fields = {f"f{place}": feature for place, feature in enumerate(features)}
        self.type: type[msgspec.Struct] = msgspec.defstruct(
            "Features",
            [_field(name, feature) for name, feature in fields.items()],
            rename={name: feature.name for name, feature in fields.items()},
            forbid_unknown_fields=True,
            kw_only=True,
            gc=False,
        )
        self.kinds = {feature.name: _kind_or_null(feature) for feature in features}
        self.required = {feature.name for feature in features if feature.required}
        self._lookups = [_lookup(feature) for feature in features]

    def one(self, event: msgspec.Struct) -> dict[str, float]:
        """An event's features by name, as `FeatureEncoder.one` gives them; whole numbers as they are."""
        values = zip(self.names, self._lookups, msgspec.structs.astuple(event), strict=True)
        return {name: lookup.get(value, value) if lookup else value for name, lookup, value in values}

    def many(self, events: Iterable[msgspec.Struct]) -> Columns:
        """n events as columns of n float64 by name, as `FeatureEncoder.many` gives them."""
        rows = [*map(msgspec.structs.astuple, events)]
        columns = zip(*rows, strict=True)  # none at all where there is no event
        return self.columns(dict(zip(self.names, columns, strict=False)), len(rows))

    def columns(self, sent: Mapping[str, Sequence[Any]], count: int) -> Columns:
        """The same from columns of `count` values, each of its kind; those that are not there were not sent."""
        absent = np.full(count, math.nan)
        return {
            name: _floats(lookup, sent[name]) if name in sent else absent
            for name, lookup in zip(self.names, self._lookups, strict=True)
        }


def _field(name: str, feature: document.Feature) -> Any:
    kind = _kind(feature) | None if feature.nullable else _kind(feature)
    return (name, kind) if feature.required else (name, kind | UnsetType, UNSET)


def _kind_or_null(feature: document.Feature) -> Any:
    return _kind(feature) | None if feature.nullable or not feature.required else _kind(feature)


def _kind(feature: document.Feature) -> Any:
    if feature.type == "boolean":
        return bool
    if feature.type == "category":
        return Literal[feature.categories]
    most = LARGEST_WHOLE if feature.type == "integer" else LARGEST
    low = max(-most, -most if feature.minimum is None else feature.minimum)
    high = min(most, most if feature.maximum is None else feature.maximum)
    step = 1.0 if feature.type == "integer" else None
    number = Annotated[float, Meta(ge=float(low), le=float(high), multiple_of=step)]
    lowest, highest = max(-_INT64, math.ceil(low)), min(_INT64 - 1, math.floor(high))
    return number | Annotated[int, Meta(ge=lowest, le=highest)] if lowest <= highest else number


def _floats(lookup: Mapping[Any, float], values: Sequence[Any]) -> FloatArray:
    found = [lookup.get(value, value) for value in values] if lookup else values
    return np.fromiter(found, np.float64, len(values))  # a fifth quicker than `np.array`


def _lookup(feature: document.Feature) -> dict[Any, float]:
    """What stands for null, for what was not sent and for categories; empty where all values are numbers."""
    if feature.required and not feature.nullable and feature.type != "category":
        return {}
    places = {category: float(place) for place, category in enumerate(feature.categories)}
    return {None: math.nan, UNSET: math.nan, **places}
