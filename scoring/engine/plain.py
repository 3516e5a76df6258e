"""Features that are plainly right, read into a type that is made of an intent's schema.

Types, bounds and categories are checked while the text is read, at a fraction of what checking each value afterwards
takes. The type accepts nothing that `FeatureEncoder` refuses; what it refuses is for that to look at, and to say why.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import UNSET, Meta, UnsetType

from scoring.engine import document
from scoring.engine.columns import LARGEST, LARGEST_WHOLE
from scoring.engine.probability import FloatArray

_INT64 = 2**63


class PlainFeatures:
    """The features of one intent. `type`: a structure with a field for each, in the order of the schema.

    Its JSON, and its record in the event log, are those of the object that the client sent.
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
        numbers = all(f.required and not f.nullable and f.type in ("number", "integer", "boolean") for f in features)
        self._lookups = None if numbers else [_lookup(feature) for feature in features]

    def one(self, event: msgspec.Struct) -> dict[str, float]:
        """An event's features by name, as `FeatureEncoder.one` gives them; whole numbers as they are."""
        return dict(zip(self.names, self._values(event), strict=True))

    def many(self, events: Iterable[msgspec.Struct]) -> dict[str, FloatArray]:
        """n events as columns of n float64 by name, as `FeatureEncoder.many` gives them."""
        values = np.fromiter(chain.from_iterable(map(self._values, events)), np.float64)
        return dict(zip(self.names, values.reshape(-1, len(self.names)).T, strict=True))

    def _values(self, event: msgspec.Struct) -> Sequence[float]:
        values = msgspec.structs.astuple(event)
        if self._lookups is None:
            return values
        return [lookup.get(value, value) for lookup, value in zip(self._lookups, values, strict=True)]


def _field(name: str, feature: document.Feature) -> Any:
    kind = _kind(feature)
    if feature.nullable:
        kind = kind | None
    return (name, kind) if feature.required else (name, kind | UnsetType, UNSET)


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


def _lookup(feature: document.Feature) -> dict[Any, float]:
    """What stands for null, for what was not sent and for categories."""
    places = {category: float(place) for place, category in enumerate(feature.categories)}
    return {None: math.nan, UNSET: math.nan, **places}
