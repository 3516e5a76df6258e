"""Events of one table column by column, as they are looked through, summed up and written."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import compress
from operator import attrgetter, itemgetter
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import structlog
from numpy.typing import NDArray

from scoring.engine import document
from scoring.engine.fallback import Degraded
from scoring.lake.names import TYPES, Prefix
from scoring.queue.record import EventRecord, Value

Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Kept = NDArray[np.bool_]
Key = TypeVar("Key", bound=Hashable)

# Rows that are turned into columns at a time: so many are still in the processor's caches, column after column.
PORTION = 1_000
_INT64 = 2**63
_PYTHON_TYPES: Mapping[pa.DataType, frozenset[type]] = {
    pa.float64(): frozenset({int, float, type(None)}),
    pa.int64(): frozenset({int, type(None)}),
    pa.bool_(): frozenset({bool, type(None)}),
    pa.string(): frozenset({str, type(None)}),
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Events:
    """n events; each field has n values, which are those of EventRecord. A probability that there is not is NaN."""

    event_id: list[str]
    occurred_at: Int64s
    scored_at: Int64s
    release: Int64s
    route: list[str]
    predictor: list[str]
    transform: Int64s
    outputs: list[list[float]]
    probability: Floats
    score: Floats
    context: list[dict[str, Value]]
    features: list[dict[str, Value]]
    key: Int64s
    degraded: list[Degraded | None]

    @classmethod
    def of(cls, records: Sequence[EventRecord]) -> "Events":
        """The same events as records."""
        found: dict[str, Any] = {each.name: list(map(attrgetter(each.name), records)) for each in fields(cls)}
        for name in ("occurred_at", "scored_at", "release", "transform", "key"):
            found[name] = np.array(found[name], np.int64)
        for name in ("probability", "score"):
            found[name] = np.array(found[name], np.float64)
        return cls(**found)

    def __len__(self) -> int:
        return len(self.event_id)

    @property
    def is_degraded(self) -> Kept:
        """Which of them the live predictor did not answer."""
        return np.array([each is not None for each in self.degraded], dtype=bool)

    def only(self, kept: Kept) -> "Events":
        """Those that are kept; `kept` is (n,)."""
        if kept.all():
            return self
        chosen = kept.tolist()
        found: dict[str, Any] = {}
        for name in (each.name for each in fields(self)):
            values = getattr(self, name)
            found[name] = values[kept] if isinstance(values, np.ndarray) else list(compress(values, chosen))
        return Events(**found)


@dataclass
class Part:
    """The n events that one release scored, and its intent.

    `repeats` (n,): which were answered otherwise before. `shadows`: their entries, n lists.
    """

    intent: document.Intent
    events: Events
    repeats: Kept | None = None
    shadows: pa.Array | None = None

    @cached_property
    def features(self) -> dict[str, pa.Array]:
        """What clients sent of each feature, n values of the feature's type."""
        return arrays("feature", self.intent.features, self.events.features)

    @cached_property
    def context(self) -> dict[str, pa.Array]:
        """What they sent of each attribute of the context."""
        return arrays("context", self.intent.context, self.events.context)


def places_of(keys: Iterable[Key], count: int) -> dict[Key, Places]:
    """Where each of `count` keys is."""
    numbers: dict[Key, int] = {}
    found = np.fromiter((numbers.setdefault(key, len(numbers)) for key in keys), np.intp, count)
    ends = np.cumsum(np.bincount(found, minlength=len(numbers)))
    return dict(zip(numbers, np.split(np.argsort(found, kind="stable"), ends)[:-1], strict=True))


def arrays(
    prefix: Prefix,
    parts: Sequence[document.Feature | document.ContextAttribute],
    sent: Sequence[Mapping[str, Value]],
) -> dict[str, pa.Array]:
    """What was sent of each feature or attribute, by its name; null where nothing was, or nothing of its type.

    Arrow and Delta would cast silently, so each value's type is looked at.
    """
    names = [part.name for part in parts]
    kinds = [TYPES[prefix][part.type] for part in parts]
    pieces: list[list[pa.Array]] = [[] for _ in parts]
    unfit = [0] * len(parts)
    for start in range(0, len(sent), PORTION):
        for place, values in enumerate(_columns(names, sent[start : start + PORTION])):
            array, more = _array(values, kinds[place])
            pieces[place].append(array)
            unfit[place] += more
    for name, kind, count in zip(names, kinds, unfit, strict=True):
        if count:
            log.error("Values that do not have their column's type are left out.", name=name, kind=str(kind),
                      count=count)  # fmt: skip
    return {name: pa.concat_arrays(piece) for name, piece in zip(names, pieces, strict=True)}


def _columns(names: Sequence[str], rows: Sequence[Mapping[str, Value]]) -> Iterable[Sequence[Value]]:
    if len(names) > 1:
        try:
            return zip(*map(itemgetter(*names), rows), strict=True)
        except KeyError:  # an event was sent without one of them
            pass
    return [[row.get(name) for row in rows] for name in names]


def _array(values: Sequence[Any], kind: pa.DataType) -> tuple[pa.Array, int]:
    """Values of one type, and how many became null because they have another: better than to lose their events."""
    if _PYTHON_TYPES[kind].issuperset(map(type, values)):
        try:
            return pa.array(values, kind), 0
        except (pa.ArrowInvalid, OverflowError):  # an integer beyond 64 bits
            pass
    fitted = [_fitted(value, kind) for value in values]
    unfit = sum(was is not None and now is None for was, now in zip(values, fitted, strict=True))
    return pa.array(fitted, kind), unfit


def _fitted(value: Any, kind: pa.DataType) -> Any:
    """A whole float is an integer, an integer is a float; else None."""
    if isinstance(value, float) and kind == pa.int64() and value.is_integer():
        value = int(value)
    if type(value) not in _PYTHON_TYPES[kind]:
        return None
    if kind == pa.float64() and value is not None:
        return float(value) if abs(value) < 1e308 or isinstance(value, float) else None
    return None if kind == pa.int64() and value is not None and not -_INT64 <= value < _INT64 else value
