"""How an intent's alert rates move from week to week, as far as past weeks tell: scatter about a level that walks.

The local level model (Harvey, Forecasting, Structural Time Series Models and the Kalman Filter, 1989, section 2.3): a
week's rate scatters about a level, which takes a step from week to week. Both standard deviations are unknown, and few
weeks tell little of them; so none is picked, but all of a grid are weighed by how likely they make the weeks that were
seen (Hoeting, Madigan, Raftery and Volinsky, Bayesian Model Averaging, Statistical Science 14, 1999, 382 to 417).
Among them is that nothing moves: an estimate that cannot be below 0 would else see drift where there is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models_app.statistics.drift import ASSUMED, Drift
from models_app.statistics.past_weeks import Contrast
from scoring.engine.probability import FloatArray

# Standard deviations, as shares of the rate: from half a percent to about half.
_SHARES = np.concatenate([[0.0], 0.005 * 2.0 ** (np.arange(14) / 2.0)])
_SCATTER, _WALK = (each.ravel() for each in np.meshgrid(_SHARES**2, _SHARES**2, indexing="ij"))
# Of platforms, how many are taken to have intents in which nothing moves, before anything is seen of them.
_STILL = 0.2
# However many intents there are, another one may move otherwise: so many of them.
_OTHERWISE = 0.05
_UNLIKELY = 1e-6


@dataclass(frozen=True)
class Movement:
    """Variances of weeks about their level and of its steps, as shares of the rate, and how likely each pair is, (g,).

    `weeks`: how many numbers from past weeks tell so.
    """

    scatter: FloatArray
    walk: FloatArray
    likely: FloatArray
    weeks: int

    def ahead(self, span: float) -> Drift:
        """The drift of the next week from the mean of the `span` weeks before it."""
        found = self._variances(span)
        pairs = tuple(zip(found.tolist(), self.likely.tolist(), strict=True))
        return Drift(self.variance(span), np.inf, self.weeks, pairs)

    def variance(self, span: float) -> float:
        """That of the drift, in the mean of what it may be."""
        return float(self.likely @ self._variances(span))

    def _variances(self, span: float) -> FloatArray:
        steps = (span + 1.0) * (2.0 * span + 1.0) / (6.0 * span)
        found: FloatArray = (1.0 + 1.0 / span) * self.scatter + steps * self.walk
        return found


def movement_of(own: Sequence[Contrast], others: Sequence[Contrast] = ()) -> Movement:
    """An intent's, from its own past weeks and those of other intents, which it most likely moves as."""
    prior = _by_itself()
    if others:
        of_all = _weighed(_of_platform(), others)
        prior = (1.0 - _OTHERWISE) * of_all + _OTHERWISE * prior
    found = _weighed(prior, own)
    kept = found > _UNLIKELY * np.max(found)
    return Movement(_SCATTER[kept], _WALK[kept], found[kept] / np.sum(found[kept]), len(own) + len(others))


def _of_platform() -> FloatArray:
    """Any size is as likely as another, and both are independent, where anything moves."""
    found = np.full(len(_SCATTER), (1.0 - _STILL) / (len(_SCATTER) - 1))
    found[0] = _STILL
    return found


def _by_itself() -> FloatArray:
    """Of an intent of which nothing is known: as likely whatever the size, up to what is assumed, and less beyond."""
    found: FloatArray = 1.0 / (1.0 + _SCATTER / ASSUMED.variance) / (1.0 + _WALK / ASSUMED.variance)
    return found / np.sum(found)


def _weighed(prior: FloatArray, seen: Sequence[Contrast]) -> FloatArray:
    """How likely each pair is, after what is seen: contrasts are normal, and independent of each other."""
    columns = [np.array([getattr(each, name) for each in seen]) for name in ("error", "sampling", "scatter", "walk")]
    error, sampling, scatter, walk = columns
    variance = sampling + np.outer(_SCATTER, scatter) + np.outer(_WALK, walk)
    logs = np.log(prior) - 0.5 * np.sum(np.log(variance) + error**2 / variance, axis=1)
    found: FloatArray = np.exp(logs - np.max(logs))
    return found / np.sum(found)
