"""Scores events that come as arrays, with the same bits and faults as one by one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.engine.compiled import CompiledIntent, CompiledRoute, no_probability
from scoring.engine.features import Columns, RowFaults
from scoring.engine.onnx_model import ModelError
from scoring.engine.probability import FloatArray
from scoring.engine.routing import first_match

_NO_ROUTE = -1

Rows = NDArray[np.intp]
Slices = Callable[[int], Iterable[range]]


@dataclass(frozen=True, slots=True)
class Contexts:
    """The contexts that occur among n events, and `places` (n,): which of them each event has."""

    occurring: list[dict[str, Any]]
    places: Rows


@dataclass(frozen=True, slots=True)
class RoutedRows:
    """Events that took the same route: `rows` (m,) are their places; `outputs` is (m, k) of k models."""

    route: str
    predictor: str
    transform: int
    rows: Rows
    outputs: FloatArray
    probability: FloatArray
    score: FloatArray


@dataclass(frozen=True, slots=True)
class ScoredArrays:
    """Every event is in one of `groups` or in `faults`."""

    groups: list[RoutedRows]
    faults: RowFaults


def score(
    intent: CompiledIntent,
    columns: Columns,
    found: RowFaults,
    contexts: Contexts,
    faults: RowFaults,
    slices: Slices,
) -> ScoredArrays:
    """Score n events, whose features are `columns` and what was `found` wrong with these, as the encoder gives them.

    Those with `faults` are refused already, whatever else is wrong. `slices`: the places of so many, slice by slice.
    Raises ModelError when a model does not run.
    """
    taken = _routes(intent, contexts, found)
    scored = ScoredArrays([], {row: each for row, each in found.items() if row not in faults} | faults)
    taken[list(scored.faults)] = _NO_ROUTE
    for place, route in enumerate(intent.routes):
        rows = np.flatnonzero(taken == place)
        parts = []
        for places in slices(len(rows)):
            parts.append(_run(route, columns, rows[places.start : places.stop], scored.faults))
        if parts:
            scored.groups.append(_together(route, parts))
    return scored


def _routes(intent: CompiledIntent, contexts: Contexts, faults: RowFaults) -> Rows:
    """The place of the route that each event takes; those whose context has faults are put among `faults`."""
    routes = {route.name: place for place, route in enumerate(intent.routes)}
    taken = np.full(len(contexts.occurring), _NO_ROUTE, dtype=np.intp)
    for place, context in enumerate(contexts.occurring):
        if found := intent.context.faults(context):
            for row in np.flatnonzero(contexts.places == place).tolist():
                faults[row] = faults.get(row, []) + found
        else:
            taken[place] = routes[first_match(intent.routes, context).name]
    result: Rows = taken[contexts.places]
    return result


def _run(route: CompiledRoute, columns: Columns, rows: Rows, faults: RowFaults) -> tuple[Rows, Any, Any, Any]:
    """Run these rows; those for which a model gives no probability become faults, and the others run again."""
    while True:
        try:
            return rows, *route.live.many(_picked(columns, rows))
        except ModelError as error:
            if not error.rows:
                raise
            faults.update({int(rows[index]): [no_probability(error)] for index in error.rows})
            rows = np.delete(rows, list(error.rows))


def _picked(columns: Columns, rows: Rows) -> Columns:
    """These rows of all columns; not copied where they are neighbours."""
    pick: Any = rows
    if len(rows) and rows[-1] - rows[0] == len(rows) - 1:
        pick = slice(rows[0], rows[-1] + 1)
    return {name: column[pick] for name, column in columns.items()}


def _together(route: CompiledRoute, parts: list[tuple[Any, ...]]) -> RoutedRows:
    whole = [np.concatenate(each) for each in zip(*parts, strict=True)]
    return RoutedRows(route.name, route.live.predictor, route.live.transform, *whole)
