"""Scores events that come as arrays, with the same bits and faults as one by one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.engine.compiled import CompiledIntent, CompiledRoute, no_probability
from scoring.engine.fallback import Degraded, Part
from scoring.engine.features import Columns, RowFaults
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
    """Events that took the same route and were answered alike.

    `rows` (m,) are their places; `outputs` is (m, k) of k models; `degraded` as in compiled.Scored.
    """

    route: str
    predictor: str
    transform: int
    rows: Rows
    outputs: FloatArray
    probability: FloatArray
    score: FloatArray
    degraded: Degraded | None = None


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
        parts: list[Part] = []
        for places in slices(len(rows)):
            parts += _run(route, columns, rows[places.start : places.stop], scored.faults)
        scored.groups.extend(_together(route, parts))
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


def _run(route: CompiledRoute, columns: Columns, rows: Rows, faults: RowFaults) -> list[Part]:
    """Run these rows; those for which no predictor gives a probability become faults."""
    found = route.path.many(columns, rows)
    faults.update({row: [no_probability(error)] for row, error in found.errors.items()})
    return found.parts


def _together(route: CompiledRoute, parts: list[Part]) -> list[RoutedRows]:
    """The parts of all slices, those that were answered alike as one."""
    alike: dict[tuple[str, int, Degraded | None], list[Part]] = {}
    for part in parts:
        alike.setdefault((part.predictor, part.transform, part.degraded), []).append(part)
    return [
        RoutedRows(route.name, predictor, transform, *_joined(some), degraded)
        for (predictor, transform, degraded), some in alike.items()
    ]


def _joined(parts: list[Part]) -> tuple[Rows, FloatArray, FloatArray, FloatArray]:
    rows, outputs, probability, score = (
        np.concatenate([getattr(each, name) for each in parts]) for name in ("rows", "outputs", "probability", "score")
    )
    return rows, outputs, probability, score
