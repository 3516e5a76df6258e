"""How the alerts of a part of an intent's events change beside those of all of them, from events enough.

Where few alert on a side, `few` asks the same.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from models_app.statistics import clusters
from models_app.statistics.clusters import Codes, Effect
from scoring.engine.probability import FloatArray

_HALF = 0.5  # of an alert
_NONE = 1e-9  # a difference below is none
Margin = tuple[float, float, float]  # a change as a share, and the ends of its interval
# How far segments of one attribute lie from each other, as a logarithm: half of all spreads are wider.
_SCALE = 0.5
_SPREADS = np.concatenate([[0.0], np.geomspace(0.003, 10.0, 60)])


@dataclass(frozen=True)
class Clustered:
    """What events have in common that makes them alike: the number of each one's day and, if known, entity, (n,)."""

    days: Codes
    entities: Codes | None = None


@dataclass(frozen=True)
class Alerting:
    """Those of an intent's n events that alert before a change or after it: m of them, at `rows` of the n.

    `before`, `after`: on which sides, 0 or 1, of shape (m,).
    """

    rows: NDArray[np.integer]
    before: FloatArray
    after: FloatArray
    clustered: Clustered

    @property
    def all_before(self) -> float:
        """How many alert before, and half of one more."""
        return float(np.sum(self.before)) + _HALF

    @property
    def all_after(self) -> float:
        return float(np.sum(self.after)) + _HALF

    @property
    def ratio(self) -> float:
        """Of the alerts after to those before."""
        return self.all_after / self.all_before

    def influence(self, inside: FloatArray, at_before: float, at_after: float) -> tuple[float, Effect]:
        """The variance, did they not come in clusters, of how the events `inside` change beside all; and their effect.

        `at_before`, `at_after`: how many of those inside alert. It is of the logarithm, by the delta method.
        """
        own = inside * (self.after / at_after - self.before / at_before)
        found = own - (self.after / self.all_after - self.before / self.all_before)
        return float(np.sum(found**2)), clusters.of_influence(
            found, self.rows, self.clustered.days, self.clustered.entities
        )


def alerting(before: NDArray[np.bool_], after: NDArray[np.bool_], clustered: Clustered) -> Alerting:
    """Of n events, those that alert, from which do `before` and `after`, (n,)."""
    (rows,) = np.nonzero(before | after)
    return Alerting(rows, before[rows].astype(np.float64), after[rows].astype(np.float64), clustered)


@dataclass(frozen=True)
class Difference:
    """A segment's log(alerts after / before) less that of the intent.

    `variance`: such that the difference lies as many deviations from none as a score test says, which holds for few
    alerts, too. `spread`: its variance where it lies, which is more where one side has few. `degrees` of freedom that
    both are known from; None where they are as good as known.
    """

    difference: float
    variance: float
    degrees: int | None = None
    spread: float = 0.0

    def p_within(self, tolerance: float) -> float:
        """How likely a difference this far is where the truth is within the tolerance: at its nearer edge."""
        beyond = max(self.difference - math.log1p(tolerance), _least(tolerance) - self.difference)
        score = beyond / math.sqrt(self.variance)
        return float(special.ndtr(-score) if self.degrees is None else special.stdtr(self.degrees, -score))


def difference(whole: Alerting, inside: FloatArray) -> Difference:
    """How the alerts of a segment change beside those of all; `inside` (m,): 1 for those of the segment, else 0.

    The events are the same before and after, and the segment is part of the whole: the variance is that of the sum of
    each event's influence on the difference (the delta method), by day and entity as in `clusters.of_change`. What is
    assumed is that days, and entities, are independent of each other; that a segment drifts from week to week is not in
    it. Half an alert more on each side (Haldane, Annals of Human Genetics 20, 1956, 309 to 311) keeps the logarithm
    finite where none alerts.
    """
    own_b, own_a = (float(np.sum(inside * each)) + _HALF for each in (whole.before, whole.after))
    ratio = whole.ratio
    alike = (own_a + own_b) / (1.0 + ratio)  # alerts before, did the segment change as the intent does

    def varies(at_b: float, at_a: float) -> tuple[float, int | None]:
        alone, effect = whole.influence(inside, at_b, at_a)
        return effect.factor * alone + _HALF / at_a**2 + _HALF / at_b**2, effect.degrees

    apart, line = math.log(own_a / own_b / ratio), own_a / (ratio * alike) - own_b / alike
    scored, degrees = varies(alike, ratio * alike)
    # The score test is of `line`, which the logarithm is where differences are small.
    stretched = (apart / line) ** 2 if abs(line) > _NONE else 1.0
    return Difference(apart, scored * stretched, degrees, varies(own_b, own_a)[0])


def shrunk(raw: Sequence[Difference], confidence: float = 0.95) -> list[Margin]:
    """The differences of one attribute's segments, drawn towards 0, with intervals.

    A normal hierarchical model: differences lie about 0 with a spread τ, and each is seen with its own variance. τ is
    integrated over, with a half-Cauchy prior (Gelman, Bayesian Analysis 1, 2006, 515 to 533): with two or three
    segments an estimate of it would be taken for known. A variance known from few days counts as a normal one of the
    same quantile. The interval is that of a normal with the posterior's mean and variance: it holds the truth in 95 %
    on average over an attribute's segments, less often for one that lies apart from all others and has few alerts.
    """
    if not raw:
        return []
    seen = np.array([each.difference for each in raw])
    variance = np.array([_as_known(each.variance, each.degrees, confidence) for each in raw])
    spread = _SPREADS[:, np.newaxis] ** 2  # (spreads, 1)
    likelihood = -0.5 * np.sum(np.log(variance + spread) + seen**2 / (variance + spread), axis=1)
    weight = np.exp(likelihood - np.max(likelihood)) / (1.0 + (_SPREADS / _SCALE) ** 2) * np.gradient(_SPREADS)
    weight /= np.sum(weight)
    kept = spread / (spread + variance)
    mean = weight @ (kept * seen)
    more = np.maximum(0.0, [_as_known(each.spread, each.degrees, confidence) for each in raw] - variance)
    deviation = np.sqrt(weight @ (kept * variance + kept**2 * more + (kept * seen - mean) ** 2))
    z = float(special.ndtri((1.0 + confidence) / 2.0))
    ends = zip(mean, mean - z * deviation, mean + z * deviation, strict=True)
    return [(math.expm1(middle), math.expm1(low), math.expm1(high)) for middle, low, high in ends]


def _as_known(variance: float, degrees: int | None, confidence: float) -> float:
    if degrees is None:
        return variance
    level = (1.0 + confidence) / 2.0
    return variance * float(special.stdtrit(degrees, level) / special.ndtri(level)) ** 2


def _least(tolerance: float) -> float:
    return math.log1p(-tolerance) if tolerance < 1.0 else -math.inf
