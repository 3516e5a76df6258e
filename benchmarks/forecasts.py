"""What evidence said of the next week before each swap, and what the week brought."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.counts import Count
from benchmarks.measures import Edge, Week
from muse_site.driving.client import Json

_DRAWS = 2_000
CONFIDENCE = 95.0  # of the product's forecasts, in %
# What answers is fitted on 14 days for a week, and held out are the last 4 of them from the first 10. By this much the
# sampling error of the one, in events alone, is smaller than that of the other.
_FEWER = float(np.sqrt((1 / 14 + 1 / 7) / (1 / 10 + 1 / 4)))


@dataclass(frozen=True)
class Forecast:
    """The interval of a week's alert rate at a threshold of this score, as evidence told it before the week.

    `held_out`: the alert rate of the fit on days that it had not seen, where evidence had one.
    """

    tenant: str
    number: int
    score: float
    low: float
    high: float
    held_out: float | None = None


@dataclass(frozen=True)
class Cell:
    """A forecast beside the alert rate that came, at one edge."""

    tenant: str
    number: int
    edge: Edge
    low: float
    high: float
    observed: float
    held_out: float | None = None

    @property
    def held(self) -> bool:
        return self.low <= self.observed <= self.high


def read_forecasts(tenant: str, number: int, evidence: Json) -> list[Forecast]:
    """Read the forecasts of all thresholds from a change request's evidence as the API gives it."""
    (intent,) = evidence["result"]["intents"]
    return [_forecast(tenant, number, each) for each in intent["thresholds"]]


def _forecast(tenant: str, number: int, threshold: Json) -> Forecast:
    forecast, held = threshold["forecast"], threshold.get("held_out")
    return Forecast(
        tenant, number, threshold["score"], forecast["low"], forecast["high"], held["rate"] if held else None
    )


def cells(forecasts: Sequence[Forecast], weeks: Sequence[Week], edges: Sequence[Edge]) -> list[Cell]:
    """A cell for each tenant, week and edge. Raises KeyError where one was not forecast."""
    by_cell = {(each.tenant, each.number, each.score): each for each in forecasts}
    found = []
    for week in weeks:
        for edge in edges:
            forecast = by_cell[week.tenant, week.number, edge.score]
            observed = float(np.mean(week.score >= edge.score))
            found.append(Cell(week.tenant, week.number, edge, forecast.low, forecast.high, observed, forecast.held_out))
    return found


def at_edge(found: Sequence[Cell], edge: Edge) -> list[Cell]:
    return [cell for cell in found if cell.edge == edge]


def held(found: Sequence[Cell]) -> Count:
    """How many of one edge were held. Edges are not to be counted together: their alerts are in one another."""
    return Count(sum(cell.held for cell in found), len(found))


def errors(found: Sequence[Cell]) -> tuple[float, float] | None:
    """Medians of one edge, as shares of the target in %: the error that days held out foretell, and that which came."""
    known = [each for each in found if each.held_out is not None]
    if not known:
        return None
    foretold, came = _both_errors(known)
    return _median_error(foretold), _median_error(came)


def ratio(found: Sequence[Cell]) -> tuple[float, float, float] | None:
    """The one median over the other, and the 95 % interval of it that the number of weeks leaves.

    By a percentile bootstrap of whole weeks (Efron and Tibshirani, An Introduction to the Bootstrap, 1993), for the
    tenants of a week have that week in common.
    """
    known = [each for each in found if each.held_out is not None]
    if not known:
        return None
    foretold, came = (np.abs(each) for each in _both_errors(known))
    weeks = np.unique([each.number for each in known], return_inverse=True)[1]
    rows, random = [np.flatnonzero(weeks == week) for week in range(weeks.max() + 1)], np.random.default_rng(0)
    drawn = (np.concatenate([rows[each] for each in random.integers(0, len(rows), len(rows))]) for _ in range(_DRAWS))
    ratios = [float(np.median(foretold[each]) / np.median(came[each])) for each in drawn]
    low, high = np.quantile(ratios, [0.025, 0.975])
    return float(np.median(foretold) / np.median(came)), float(low), float(high)


def _both_errors(found: Sequence[Cell]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    held_out, came, target = np.array([(each.held_out, each.observed, each.edge.rate) for each in found], float).T
    return _FEWER * (held_out / target - 1.0), came / target - 1.0


def _median_error(error: NDArray[np.float64]) -> float:
    return 100.0 * float(np.median(np.abs(error)))


def as_text(found: Sequence[Cell], edges: Sequence[Edge]) -> str:
    return "\n".join(_lines(found, edges))


def as_json(found: Sequence[Cell], edges: Sequence[Edge]) -> dict[str, Any]:
    """Return, by edge, the tenant-weeks held, and half the median interval's width as a share of the target, in %."""
    own = {edge: at_edge(found, edge) for edge in edges}
    return {
        edge.name: {
            **held(each).as_json(),
            "half_width": _half_width(each),
            "errors": errors(each),
            "ratio": ratio(each),
        }
        for edge, each in own.items()
    }


def _lines(found: Sequence[Cell], edges: Sequence[Edge]) -> Iterator[str]:
    yield f"Tenant-weeks whose alert rate was in the {CONFIDENCE:g} % interval that evidence had told before the swap:"
    yield "how many, the 95 % interval of their share, and half the median forecast's width as a share of the target"
    for edge in edges:
        own = at_edge(found, edge)
        yield f"  at {edge.rate:.1%}: {held(own)}, {_told(held(own))}; ± {_half_width(own):.0f} %"
    yield from _errors(found, edges)


def _errors(found: Sequence[Cell], edges: Sequence[Edge]) -> Iterator[str]:
    own = {edge: at_edge(found, edge) for edge in edges}
    known = [
        (edge, own_errors, of_both)
        for edge, each in own.items()
        if (own_errors := errors(each)) and (of_both := ratio(each))
    ]
    if known:
        yield "The median error of a tenant-week's alert rate, as days held out foretold it and as it came; the ratio,"
        yield "and the 95 % interval that so many weeks leave of it"
    for edge, (foretold, came), (by, low, high) in known:
        yield f"  at {edge.rate:.1%}: {foretold:.1f} %, {came:.1f} %; {by:.2f}, {low:.2f} to {high:.2f}"


def _told(count: Count) -> str:
    low, high = count.interval
    if high < CONFIDENCE:
        return f"fewer than {CONFIDENCE:g} %"
    return f"more than {CONFIDENCE:g} %" if low > CONFIDENCE else f"{CONFIDENCE:g} % is possible"


def _half_width(found: Sequence[Cell]) -> float:
    return 100.0 * float(np.median([(each.high - each.low) / 2.0 / each.edge.rate for each in found]))
