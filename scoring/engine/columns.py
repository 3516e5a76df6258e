"""How the values of one feature become float64, by the feature's type.

One value goes through `one`; a column goes through a fast path when all of it is plainly right, else through `one`
row by row. So a batch cannot accept, refuse or encode anything differently from a single event. A column may come as
Python's values (`many`) or as arrays (`of`).
"""

import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.engine import document
from scoring.engine.faults import Fault, fault, listed
from scoring.engine.given import Given
from scoring.engine.probability import FloatArray

LARGEST = sys.float_info.max
LARGEST_WHOLE = 2**53  # beyond it a float64 cannot tell neighbouring integers apart
Lookup = Mapping[Any, float]


class Column:
    """One feature: `one` and `many` give NaN for null, where null is allowed."""

    expected = ""
    types: frozenset[type] = frozenset()
    kinds = ""  # of numpy's dtypes that have such values

    def __init__(self, feature: document.Feature) -> None:
        self.field = f"features.{feature.name}"
        self.nullable = feature.nullable
        self._may_lack = feature.nullable or not feature.required
        # Within the range of finite floats, so that one comparison refuses infinities and NaN as well.
        self.minimum = max(-LARGEST, -LARGEST if feature.minimum is None else feature.minimum)
        self.maximum = min(LARGEST, LARGEST if feature.maximum is None else feature.maximum)
        self._allowed = self.types | {type(None)} if feature.nullable else self.types
        self._expected = self._describe(feature)

    def one(self, value: Any) -> float:
        """The value as float64. Raises ValueError with what was expected instead."""
        if value is None and self.nullable:
            return math.nan
        if type(value) in self.types:
            number = self._number(value)
            if self._accepts(number):
                return number
        raise ValueError(self._expected)

    def many(self, values: Sequence[Any]) -> tuple[FloatArray, dict[int, Fault]]:
        """A column as float64 and the faults by row; rows with faults hold NaN."""
        column = self._fast(values) if self._allowed.issuperset(map(type, values)) else None
        return self._slow(values) if column is None else (column, {})

    def takes(self, given: Given) -> bool:
        """Whether arrays have values of the feature's type at all."""
        return given.kind in self.kinds or given.is_null

    def of(self, given: Given) -> tuple[FloatArray, dict[int, Fault]]:
        """A column as `many` gives it, from arrays of a type that it takes. Null is also what was not sent."""
        column = np.full(len(given), math.nan) if given.is_null else self._floats(given)
        plain = self._plain(column)
        if given.null is not None:
            column[given.null] = math.nan
            plain = np.where(given.null, self._may_lack, plain)
        faults: dict[int, Fault] = {}
        shown: dict[Any, Fault] = {}  # a value may be long, and in many rows
        for row in np.flatnonzero(~plain).tolist():
            value = given.at(row)
            try:
                column[row] = self.one(value)
            except ValueError:
                column[row] = math.nan
                faults[row] = shown[value] = shown.get(value) or self.fault(value)
        return column, faults

    def fault(self, value: Any) -> Fault:
        return fault(self.field, self._expected, value)

    @property
    def sample(self) -> float:
        """A value that the feature accepts, to try models with."""
        return min(max(0.0, self.minimum), self.maximum)

    def missing(self) -> Fault:
        return {"field": self.field, "expected": self._expected, "found": "nothing"}

    def _describe(self, feature: document.Feature) -> str:
        limits = [f"at least {feature.minimum:g}"] if feature.minimum is not None else []
        limits += [f"at most {feature.maximum:g}"] if feature.maximum is not None else []
        described = " ".join([self.expected, " and ".join(limits)]).strip()
        return f"{described} or null" if feature.nullable else described

    def _number(self, value: Any) -> float:
        raise NotImplementedError

    def _accepts(self, number: float) -> bool:
        return self.minimum <= number <= self.maximum

    def _fast(self, values: Sequence[Any]) -> FloatArray | None:
        """The column, or None when any row needs a closer look."""
        raise NotImplementedError

    def _floats(self, given: Given) -> FloatArray:
        return given.values.astype(np.float64)

    def _plain(self, column: FloatArray) -> NDArray[np.bool_]:
        """Which rows need no closer look."""
        return (column >= self.minimum) & (column <= self.maximum)

    def _slow(self, values: Sequence[Any]) -> tuple[FloatArray, dict[int, Fault]]:
        column, faults = np.full(len(values), math.nan), {}
        for row, value in enumerate(values):
            try:
                column[row] = self.one(value)
            except ValueError:
                faults[row] = self.fault(value)
        return column, faults


class NumberColumn(Column):
    expected = "a finite number"
    types = frozenset({int, float})
    kinds = "iuf"

    def _number(self, value: Any) -> float:
        try:
            return float(value)
        except OverflowError:  # an integer beyond the largest float
            return math.inf

    def _fast(self, values: Sequence[Any]) -> FloatArray | None:
        try:
            column = np.array(values, dtype=np.float64)  # null becomes NaN
        except OverflowError:
            return None
        return column if self._all_accepted(column, values) else None

    def _all_accepted(self, column: FloatArray, values: Sequence[Any]) -> bool:
        if not np.isnan(column).any():
            return self._within(column)
        present = column[~np.isnan(column)]
        nulls = sum(value is None for value in values)  # a NaN that is no null came from elsewhere than JSON
        return nulls + len(present) == len(column) and self._within(present)

    def _within(self, column: FloatArray) -> bool:
        return not len(column) or bool(self.minimum <= column.min() and column.max() <= self.maximum)


class IntegerColumn(NumberColumn):
    expected = "a whole number"

    def __init__(self, feature: document.Feature) -> None:
        super().__init__(feature)
        self.minimum = max(-LARGEST_WHOLE, self.minimum)
        self.maximum = min(LARGEST_WHOLE, self.maximum)

    def fault(self, value: Any) -> Fault:
        """Return a value's fault; it names the limit of all whole numbers where the feature has none of its own."""
        bound = LARGEST_WHOLE in (self.maximum, -self.minimum)
        if bound and type(value) in self.types and abs(value) > LARGEST_WHOLE:
            expected = f"{self._expected}, and within ±{LARGEST_WHOLE}, beyond which neighbours cannot be told apart"
            return fault(self.field, expected, value)
        return super().fault(value)

    def _number(self, value: Any) -> float:
        """Bounded before it is rounded: the first whole number that is too large would be rounded to the last one."""
        return math.inf if abs(value) > LARGEST_WHOLE else float(value)

    def _accepts(self, number: float) -> bool:
        return super()._accepts(number) and number.is_integer()

    def _within(self, column: FloatArray) -> bool:
        return bool(_whole(column).all()) and super()._within(column)

    def _plain(self, column: FloatArray) -> NDArray[np.bool_]:
        return _whole(column) & super()._plain(column)


class BooleanColumn(Column):
    expected = "true or false"
    types = frozenset({bool})
    kinds = "b"

    def _number(self, value: Any) -> float:
        return float(value)

    def _accepts(self, number: float) -> bool:
        return True

    def _fast(self, values: Sequence[Any]) -> FloatArray | None:
        return np.array(values, dtype=np.float64)


class CategoryColumn(Column):
    """A category is its place in the feature's list."""

    types = frozenset({str})
    kinds = "t"

    def __init__(self, feature: document.Feature) -> None:
        self._index: dict[str | None, float] = {name: float(place) for place, name in enumerate(feature.categories)}
        super().__init__(feature)
        self._lookup = self._index | ({None: math.nan} if feature.nullable else {})

    def _describe(self, feature: document.Feature) -> str:
        return f"one of {listed(feature.categories)}" + (" or null" if feature.nullable else "")

    def _number(self, value: Any) -> float:
        return self._index.get(value, math.nan)

    def _accepts(self, number: float) -> bool:
        return number >= 0.0

    def _fast(self, values: Sequence[Any]) -> FloatArray | None:
        try:
            return np.array([self._lookup[value] for value in values], dtype=np.float64)
        except KeyError:
            return None

    def _floats(self, given: Given) -> FloatArray:
        places = np.array([*map(self._number, given.names or ()), math.nan])
        result: FloatArray = places[given.values]
        return result

    def _plain(self, column: FloatArray) -> NDArray[np.bool_]:
        return column >= 0.0


COLUMNS: Mapping[str, type[Column]] = {
    "number": NumberColumn,
    "integer": IntegerColumn,
    "boolean": BooleanColumn,
    "category": CategoryColumn,
}


def _whole(column: FloatArray) -> NDArray[np.bool_]:
    """Which numbers are whole, and none of those that were rounded to be."""
    whole: NDArray[np.bool_] = (np.floor(column) == column) & (np.abs(column) < LARGEST_WHOLE)
    return whole


def column_of(feature: document.Feature) -> Column:
    return COLUMNS[feature.type](feature)
