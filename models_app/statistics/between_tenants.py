"""How far tenants differ: what each one of a pool would have had with a mapping made of the other ones.

However many events it has, a pool knows of a new tenant no more than its tenants tell. Of n tenants that are alike but
for chance, the next one lies between the lowest and the highest of them with probability (n − 1) / (n + 1).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models_app.statistics.in_words import percent
from models_app.statistics.sample_size import LEAST_EXPECTED_ALERTS
from scoring.engine.probability import FloatArray


@dataclass(frozen=True)
class Spread:
    """At an alert rate `target`: the rates of tenants, lowest first, each by a mapping made of all others' events.

    Tenants with fewer than 10 expected alerts are not among them, for their rates would be chance.
    """

    target: float
    rates: tuple[float, ...]

    @property
    def low(self) -> float | None:
        """None where fewer than two tenants tell."""
        return self.rates[0] if len(self.rates) > 1 else None

    @property
    def high(self) -> float | None:
        return self.rates[-1] if len(self.rates) > 1 else None

    @property
    def sentence(self) -> str:
        """How many tenants tell of it, and what."""
        n = len(self.rates)
        if n < 2:
            return f"How far tenants differ at {percent(self.target)} of alerts is not known: that takes two tenants."
        return (
            f"The {n:,} tenants are the sample, however many events they have: each by a transform made of the others "
            f"would have had {percent(self.rates[0])} to {percent(self.rates[-1])} of alerts instead of "
            f"{percent(self.target)}. One more tenant that is like them lies there with {percent((n - 1) / (n + 1))}."
        )


def spread_between(samples: Sequence[FloatArray], targets: Sequence[float]) -> list[Spread]:
    """The spread at each target, of tenants' samples of probabilities; `targets` are alert rates within (0, 1)."""
    each = [np.sort(sample) for sample in samples if len(sample)]
    pool = np.sort(np.concatenate(each)) if each else np.empty(0)
    return [_spread(each, pool, target) for target in targets]


def _spread(samples: Sequence[FloatArray], pool: FloatArray, target: float) -> Spread:
    telling = [sample for sample in samples if len(sample) * target >= LEAST_EXPECTED_ALERTS * (1.0 - 1e-9)]
    rates = [_above(sample, _edge(sample, pool, target)) / len(sample) for sample in telling if len(samples) > 1]
    return Spread(target, tuple(sorted(rates)))


def _edge(left_out: FloatArray, pool: FloatArray, target: float) -> float:
    """The probability from which on the rest of the pool alerts at the rate that is nearest to the target.

    It is found by halving the pool, so that no rest has to be sorted on its own.
    """
    rest = len(pool) - len(left_out)

    def rate(edge: float) -> float:
        return (_above(pool, edge) - _above(left_out, edge)) / rest

    low, high = 0, len(pool)  # from places[low] on it alerts too often, from places[high] on not
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if rate(float(pool[middle])) > target else (low, middle)
    fewer = float(pool[high]) if high < len(pool) else float(np.nextafter(pool[-1], 2.0))
    more = float(pool[low])
    return min((fewer, more), key=lambda edge: abs(rate(edge) - target))


def _above(values: FloatArray, edge: float) -> int:
    return len(values) - int(np.searchsorted(values, edge, side="left"))
