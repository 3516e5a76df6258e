"""What evidence said of the next week before each swap, and what the week brought."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.measures import Edge, Week
from muse_site.driving.client import Json

# What the product promises of its 95 % intervals, down to an alert rate of 0.5 %: the share of weeks that they hold, %.
PROMISED_HELD, PROMISED_DOWN_TO = 80.0, 0.005


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


def judged(found: Sequence[Cell]) -> list[Cell]:
    """Those that the promise is about."""
    return [each for each in found if each.edge.rate >= PROMISED_DOWN_TO]


def held(found: Sequence[Cell]) -> float:
    """The share that was held, in %."""
    return 100.0 * sum(each.held for each in found) / len(found)


def as_text(found: Sequence[Cell], edges: Sequence[Edge]) -> str:
    return "\n".join(_lines(found, edges))


def as_json(found: Sequence[Cell]) -> dict[str, Any]:
    """Of the cells that the promise is about."""
    asked = judged(found)
    return {"cells": len(asked), "held": held(asked)}


def _lines(found: Sequence[Cell], edges: Sequence[Edge]) -> Iterator[str]:
    yield "Weeks whose alert rate the evidence before the swap had in its 95 % interval"
    for edge in edges:
        own = [each for each in found if each.edge == edge]
        wide = float(np.median([(each.high - each.low) / 2.0 / edge.rate for each in own]))
        count = sum(each.held for each in own)
        told = f"{count} of {len(own)} ({held(own):.0f} %)"
        yield f"  at {edge.rate:.1%}: {told}; the median interval is ± {100 * wide:.0f} % of it"
    asked = judged(found)
    share = held(asked)
    kept = "kept    " if share >= PROMISED_HELD else "NOT KEPT"
    yield ""
    what = f"% of {len(asked)} (tenant, threshold, week) from {PROMISED_DOWN_TO:.1%} up"
    yield f"{kept} forecasts held, {what}: {share:.1f}, promised at least {PROMISED_HELD:g}"
