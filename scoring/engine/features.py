"""Features as a client sends them, checked against an intent's schema and turned into float64.

null and what is not sent (where that is allowed) become NaN, booleans 0 and 1, a category its place in the list.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any

import numpy as np

from scoring.engine import document
from scoring.engine.columns import Column, NumberColumn, column_of
from scoring.engine.faults import ROW_SHOWN, UNKNOWN_SHOWN, Fault, Faults, fault, listed
from scoring.engine.given import Given
from scoring.engine.probability import FloatArray

Columns = dict[str, FloatArray]
RowFaults = dict[int, list[Fault]]


class FeatureEncoder:
    """The features of one intent. One event and a batch are accepted, refused and encoded alike."""

    def __init__(self, features: Sequence[document.Feature]) -> None:
        self.features = tuple(features)
        self.names = tuple(feature.name for feature in features)
        self._columns: dict[str, Column] = {feature.name: column_of(feature) for feature in features}
        self._in_order = [(name, *_floats(column), column) for name, column in self._columns.items()]
        self._optional = frozenset(feature.name for feature in features if not feature.required)
        self._pick = itemgetter(*self.names) if len(self.names) > 1 else None

    def one(self, values: Mapping[str, Any]) -> dict[str, float]:
        """The features of one event by name. Raises Faults with every fault that there is."""
        try:
            return self._right(values)
        except (KeyError, ValueError):
            return self._with_faults(values)

    def _right(self, values: Mapping[str, Any]) -> dict[str, float]:
        """An event of which nothing is missing and nothing is wrong. Raises KeyError or ValueError for any other."""
        encoded: dict[str, float] = {}
        for name, lowest, highest, column in self._in_order:
            value = values[name]
            if type(value) is float and lowest <= value <= highest:  # by far the most frequent case
                encoded[name] = value
            else:
                encoded[name] = column.one(value)
        if len(values) > len(encoded):
            raise KeyError("one that is not known")
        return encoded

    def _with_faults(self, values: Mapping[str, Any]) -> dict[str, float]:
        encoded: dict[str, float] = {}
        faults: list[Fault] = []
        for name, column in self._columns.items():
            try:
                encoded[name] = column.one(values[name])
            except KeyError:
                encoded[name] = math.nan
                if name not in self._optional:
                    faults.append(column.missing())
            except ValueError:
                faults.append(column.fault(values[name]))
        if len(values) > len(encoded) or not values.keys() <= self._columns.keys():
            faults.extend(self._unknown(values))
        if faults:
            raise Faults(faults)
        return encoded

    def many(self, rows: Sequence[Mapping[str, Any]]) -> tuple[Columns, RowFaults]:
        """n events as columns of n float64 by name, and the faults by row; columns hold NaN in rows with faults."""
        picked = self._picked(rows)
        return self._row_by_row(rows) if picked is None else self._column_by_column(rows, picked)

    def misfits(self, given: Mapping[str, Given]) -> list[Fault]:
        """What is wrong with whole columns: those that are lacking, not known, or of another type."""
        faults: list[Fault] = []
        for name, column in self._columns.items():
            if name in given and not column.takes(given[name]):
                faults.append(column.fault(given[name].sample))
            elif name not in given and name not in self._optional:
                faults.append(column.missing())
        return faults + self._unknown(dict.fromkeys(given, "a column"))

    def arrays(self, given: Mapping[str, Given], count: int) -> tuple[Columns, RowFaults]:
        """Columns of `count` events that have no misfits, as `many` gives them; null is also what was not sent."""
        columns: Columns = {}
        faults: RowFaults = {}
        for name, column in self._columns.items():
            columns[name], found = column.of(given[name]) if name in given else (np.full(count, math.nan), {})
            _take_over(found, faults)
        return columns, faults

    def encode_column(self, name: str, values: Sequence[Any]) -> FloatArray:
        """One recorded column (numpy array or list; None, NaN and masked are null) as float64.

        For replays from the event log: null stands for what was not sent too, so it is always taken.
        Raises Faults for a value that the schema does not allow.
        """
        array = np.asarray(values)
        if array.dtype.kind in "fiub":
            return array.astype(np.float64)
        found = array.tolist()  # Python's own values, not numpy's
        given = [row for row, value in enumerate(found) if value is not None]
        result = np.full(len(array), math.nan)
        result[given], faults = self._columns[name].many([found[row] for row in given])
        if faults:
            raise Faults([next(iter(faults.values()))])
        return result

    def sample(self) -> dict[str, float]:
        """An event that the schema accepts, encoded: for trying models out."""
        return {name: column.sample for name, column in self._columns.items()}

    def _picked(self, rows: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]] | None:
        """The values column by column, when every row has exactly the features of the schema."""
        if self._pick is None or not rows or set(map(len, rows)) != {len(self.names)}:
            return None
        try:
            return list(zip(*map(self._pick, rows), strict=True))
        except KeyError:
            return None

    def _column_by_column(self, rows: Sequence[Any], picked: Sequence[Sequence[Any]]) -> tuple[Columns, RowFaults]:
        columns: Columns = {}
        faults: RowFaults = {}
        for name, values in zip(self.names, picked, strict=True):
            columns[name], found = self._columns[name].many(values)
            _take_over(found, faults)
        return columns, faults

    def _row_by_row(self, rows: Sequence[Mapping[str, Any]]) -> tuple[Columns, RowFaults]:
        columns = {name: np.full(len(rows), math.nan) for name in self.names}
        faults: RowFaults = {}
        for row, values in enumerate(rows):
            try:
                encoded = self.one(values)
            except Faults as error:
                faults[row] = error.faults[:ROW_SHOWN]
                continue
            for name, value in encoded.items():
                columns[name][row] = value
        return columns, faults

    def _unknown(self, values: Mapping[str, Any]) -> list[Fault]:
        expected = f"no such feature: the intent's are {listed(self.names)}"
        unknown = islice((name for name in values if name not in self._columns), UNKNOWN_SHOWN)
        return [fault(f"features.{name[:80]}", expected, values[name]) for name in unknown]


def _take_over(found: Mapping[int, Fault], faults: RowFaults) -> None:
    """Add what was found wrong with a column to the faults of its rows, each of which shows so many at most."""
    for row, each in found.items():
        own = faults.setdefault(row, [])
        if len(own) < ROW_SHOWN:
            own.append(each)


def _floats(column: Column) -> tuple[float, float]:
    """The lowest and the highest float that a column takes as it is; in the wrong order where it takes none so."""
    return (column.minimum, column.maximum) if type(column) is NumberColumn else (math.inf, -math.inf)
