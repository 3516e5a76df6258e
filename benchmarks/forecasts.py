"""What evidence said of the next week before each swap, and what the week brought."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.counts import Count
from benchmarks.measures import Edge, Week
from muse_site.driving.client import Json

CONFIDENCE = 95.0  # of the product's forecasts, in %


@dataclass(frozen=True)
class Forecast:
    """The interval of a week's alert rate at a threshold of this score, as evidence told it before the week."""

    tenant: str
    number: int
    score: float
    low: float
    high: float


@dataclass(frozen=True)
class Cell:
    """A forecast beside the alert rate that came, at one edge."""

    tenant: str
    number: int
    edge: Edge
    low: float
    high: float
    observed: float

    @property
    def held(self) -> bool:
        return self.low <= self.observed <= self.high


def read_forecasts(tenant: str, number: int, evidence: Json) -> list[Forecast]:
    """Of all thresholds, from a change request's evidence as the API gives it."""
    (intent,) = evidence["result"]["intents"]
    asked = [(each["score"], each["forecast"]) for each in intent["thresholds"]]
    return [Forecast(tenant, number, score, each["low"], each["high"]) for score, each in asked]


def cells(forecasts: Sequence[Forecast], weeks: Sequence[Week], edges: Sequence[Edge]) -> list[Cell]:
    """A cell for each tenant, week and edge. Raises KeyError where one was not forecast."""
    told = {(each.tenant, each.number, each.score): each for each in forecasts}
    found = []
    for week in weeks:
        for edge in edges:
            said = told[week.tenant, week.number, edge.score]
            observed = float(np.mean(week.score >= edge.score))
            found.append(Cell(week.tenant, week.number, edge, said.low, said.high, observed))
    return found


def at_edge(found: Sequence[Cell], edge: Edge) -> list[Cell]:
    return [cell for cell in found if cell.edge == edge]


def held(found: Sequence[Cell]) -> Count:
    """How many of one edge were held. Edges are not to be counted together: their alerts are in one another."""
    return Count(sum(cell.held for cell in found), len(found))


def as_text(found: Sequence[Cell], edges: Sequence[Edge]) -> str:
    return "\n".join(_lines(found, edges))


def as_json(found: Sequence[Cell], edges: Sequence[Edge]) -> dict[str, Any]:
    """By edge: tenant-weeks held, and half the median interval's width as a share of the target, in %."""
    own = {edge: at_edge(found, edge) for edge in edges}
    return {edge.name: {**held(each).as_json(), "half_width": _half_width(each)} for edge, each in own.items()}


def _lines(found: Sequence[Cell], edges: Sequence[Edge]) -> Iterator[str]:
    yield f"Tenant-weeks whose alert rate was in the {CONFIDENCE:g} % interval that evidence had told before the swap:"
    yield "how many, the 95 % interval of their share, and half the median forecast's width as a share of the target"
    for edge in edges:
        own = at_edge(found, edge)
        yield f"  at {edge.rate:.1%}: {held(own)}, {_told(held(own))}; ± {_half_width(own):.0f} %"


def _told(count: Count) -> str:
    low, high = count.interval
    if high < CONFIDENCE:
        return f"fewer than {CONFIDENCE:g} %"
    return f"more than {CONFIDENCE:g} %" if low > CONFIDENCE else f"{CONFIDENCE:g} % is possible"


def _half_width(found: Sequence[Cell]) -> float:
    return 100.0 * float(np.median([(each.high - each.low) / 2.0 / each.edge.rate for each in found]))
