"""Alert rates within segments: events that share the value of a context attribute, such as those of one channel.

A change may leave an intent's alert rate where it is, and yet bring a fifth more alerts to one channel and a fifth
fewer to another. What is judged is how a segment's rate changes beside that of the whole intent.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from models_app.statistics import clusters
from models_app.statistics.clusters import Codes
from models_app.statistics.evidence.multiplicity import discoveries

# With fewer, nothing is said of a segment: a single event would be a tenth of its alerts.
LEAST_EVENTS, LEAST_ALERTS = 100, 20
MOST_TOLD = 3  # in a sentence
# Of all segments that are said to move, so many may be expected not to.
FALSE_DISCOVERIES = 0.05
_NONE = 1e-9  # a difference below is none
# How far segments of one attribute lie from each other, as a logarithm: half of all spreads are wider.
_SCALE = 0.5
_SPREADS = np.concatenate([[0.0], np.geomspace(0.003, 10.0, 60)])


@dataclass(frozen=True)
class Segment:
    """`events` whose `attribute` has this `value`, with their alerts before and after a change.

    `relative`: how their alert rate changes, as a share of what is live. `beside`: the same beside the change of the
    whole intent, shrunk towards it, with the 95 % interval `low` to `high`, which is held against `tolerance`. All of
    them are None where none alerts before, for of nothing there is no share. `moves`: it lies beyond, and still does
    when all segments are asked at once.
    """

    attribute: str
    value: str
    events: int
    before: int
    after: int
    relative: float | None
    beside: float | None
    low: float | None
    high: float | None
    tolerance: float
    moves: bool = False

    @property
    def name(self) -> str:
        """As `channel = web`."""
        return f"{self.attribute} = {self.value or '(none)'}"

    @property
    def distance(self) -> float:
        """How far it moves beside the intent, either way, as a logarithm; infinite from no alert to some."""
        return math.inf if self.beside is None else abs(math.log1p(self.beside))

    @property
    def is_apart(self) -> bool:
        """Whether it moves beside the intent at all, by its interval."""
        return self.low is None or self.high is None or self.low > 0.0 or self.high < 0.0


@dataclass(frozen=True)
class Clustered:
    """What events have in common that makes them alike: the number of each one's day and, if known, entity, (n,)."""

    days: Codes
    entities: Codes | None = None


@dataclass(frozen=True)
class Raw:
    """A segment's log(alerts after / before) less that of the intent.

    `variance`: such that the difference lies as many deviations from none as a score test says, which holds for few
    alerts, too. `spread`: its variance where it lies, which is more where one side has few. `degrees` of freedom that
    both are known from; None where they are as good as known.
    """

    difference: float
    variance: float
    degrees: int | None = None
    spread: float = 0.0


def of_attribute(
    attribute: str,
    names: Sequence[str],
    place: NDArray[np.integer],
    before: NDArray[np.bool_],
    after: NDArray[np.bool_],
    clustered: Clustered,
    tolerances: Sequence[float],
    confidence: float = 0.95,
) -> list[tuple[Segment, float]]:
    """The segments with events enough, each with the p-value of its lying within the tolerance.

    `place`: which of `names` each of n events has; `before`, `after`: whether it alerts; all of shape (n,).
    `tolerances`: by name. None where there is but one segment, or no alert before or after.
    """
    size = len(names)
    if size < 2 or not before.any() or not after.any():
        return []
    n, *alerts = (np.bincount(each, minlength=size) for each in (place, place[before], place[after]))
    told = np.flatnonzero((n >= LEAST_EVENTS) & (np.maximum(*alerts) >= LEAST_ALERTS)).tolist()
    raw = [difference(place == j, before, after, clustered) for j in told]
    found = []
    for j, each, margin in zip(told, raw, shrunk(raw, confidence), strict=True):
        was, came = int(alerts[0][j]), int(alerts[1][j])
        relative, beside, low, high = (came / was - 1.0, *margin) if was else (None, None, None, None)
        segment = Segment(attribute, names[j], int(n[j]), was, came, relative, beside, low, high, tolerances[j])
        found.append((segment, p_within(each, tolerances[j])))
    return found


def judged(found: Sequence[Sequence[tuple[Segment, float]]]) -> list[list[Segment]]:
    """The segments at each threshold, those that move marked so and first, then by how far.

    A segment moves where its shrunk interval lies wholly beyond the tolerance, or none alerts in it before, and its
    p-value is among the discoveries over all segments of all thresholds (Benjamini and Hochberg): of those marked, 5 %
    are expected to be false. That one segment gains what another loses makes them depend on each other negatively, for
    which there is no proof; in simulations the share holds.
    """
    holds = iter(discoveries([p for at in found for _, p in at], FALSE_DISCOVERIES))
    marked = [[replace(each, moves=next(holds) and _beyond(each)) for each, _ in at] for at in found]
    return [sorted(at, key=lambda each: (not each.moves, -each.distance)) for at in marked]


def in_words(moving: Sequence[Segment]) -> list[str]:
    """As `within channel = web alerts go from 1.34 % to 2.09 %, +56 % [+40, +74] beside all`; the first few."""
    told = [_in_words(each) for each in moving[:MOST_TOLD]]
    more = len(moving) - MOST_TOLD
    return [*told, f"{more} more segments move"] if more > 0 else told


def _in_words(segment: Segment) -> str:
    was, after = (100 * count / segment.events for count in (segment.before, segment.after))
    beside = f", {besides} beside all" if (besides := beside_in_words(segment)) else ""
    return f"within {segment.name} alerts go from {was:.3g} % to {after:.3g} %{beside}"


def beside_in_words(segment: Segment) -> str:
    """As `+56 % [+40, +74]`; nothing where none alerts before."""
    if segment.beside is None or segment.low is None or segment.high is None:
        return ""
    return f"{100 * segment.beside:+.0f} % [{100 * segment.low:+.0f}, {100 * segment.high:+.0f}]"


def difference(
    inside: NDArray[np.bool_], before: NDArray[np.bool_], after: NDArray[np.bool_], clustered: Clustered
) -> Raw:
    """How the alerts of the events `inside` change beside those of all n events; all of shape (n,).

    The events are the same before and after, and the segment is part of the whole: the variance is that of the sum of
    each event's influence on the difference (the delta method), by day and entity as in `clusters.of_change`. What is
    assumed is that days, and entities, are independent of each other; that a segment drifts from week to week is not in
    it. Half an alert more on each side (Haldane, Annals of Human Genetics 20, 1956, 309 to 311) keeps the logarithm
    finite where none alerts.
    """
    (rows,) = np.nonzero(before | after)
    b, a, own = before[rows] + 0.0, after[rows] + 0.0, inside[rows] + 0.0
    whole_b, whole_a, own_b, own_a = (float(np.sum(each)) + 0.5 for each in (b, a, b * own, a * own))
    ratio = whole_a / whole_b
    alike = (own_a + own_b) / (1.0 + ratio)  # alerts before, did the segment change as the intent does

    def varies(at_b: float, at_a: float) -> tuple[float, int | None]:
        influence = (own * (a / at_a - b / at_b) - (a / whole_a - b / whole_b)).astype(np.float64)
        effect = clusters.of_influence(influence, rows, clustered.days, clustered.entities)
        return effect.factor * float(np.sum(influence**2)) + 0.5 / at_a**2 + 0.5 / at_b**2, effect.degrees

    apart, line = math.log(own_a / own_b / ratio), own_a / (ratio * alike) - own_b / alike
    scored, degrees = varies(alike, ratio * alike)
    # The score test is of `line`, which the logarithm is where differences are small.
    stretched = (apart / line) ** 2 if abs(line) > _NONE else 1.0
    return Raw(apart, scored * stretched, degrees, varies(own_b, own_a)[0])


def shrunk(raw: Sequence[Raw], confidence: float = 0.95) -> list[tuple[float, float, float]]:
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


def p_within(raw: Raw, tolerance: float) -> float:
    """How likely a difference this far is where the truth is within the tolerance: at its nearer edge."""
    beyond = max(raw.difference - math.log1p(tolerance), _least(tolerance) - raw.difference)
    score = beyond / math.sqrt(raw.variance)
    return float(special.ndtr(-score) if raw.degrees is None else special.stdtr(raw.degrees, -score))


def _as_known(variance: float, degrees: int | None, confidence: float) -> float:
    if degrees is None:
        return variance
    level = (1.0 + confidence) / 2.0
    return variance * float(special.stdtrit(degrees, level) / special.ndtri(level)) ** 2


def _beyond(segment: Segment) -> bool:
    if segment.low is None or segment.high is None:
        return True
    return segment.low > segment.tolerance or segment.high < -segment.tolerance


def _least(tolerance: float) -> float:
    return math.log1p(-tolerance) if tolerance < 1.0 else -math.inf
