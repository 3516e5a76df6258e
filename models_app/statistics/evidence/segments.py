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

from models_app.statistics.clusters import variance_of_days
from models_app.statistics.evidence.multiplicity import discoveries

# With fewer, nothing is said of a segment: a single event would be a tenth of its alerts.
LEAST_EVENTS, LEAST_ALERTS = 100, 20
MOST_TOLD = 3  # in a sentence
# Of all segments that are said to move, so many may be expected not to.
FALSE_DISCOVERIES = 0.05
# Below this share of the variance of independent events, the few days of a window agree by chance.
_LEAST_FACTOR = 0.3
# How far segments of one attribute lie from each other, as a logarithm: half of all spreads are wider.
_SCALE = 0.3
_SPREADS = np.concatenate([[0.0], np.geomspace(0.003, 10.0, 60)])


@dataclass(frozen=True)
class Segment:
    """`events` whose `attribute` has this `value`, with their alerts before and after a change.

    `relative`: how their alert rate changes, as a share of what is live; None where none alerts there. `beside`: the
    same beside the change of the whole intent, shrunk towards it, with the 95 % interval `low` to `high`, which is held
    against `tolerance`. `moves`: it lies beyond, and still does when all segments are asked at once.
    """

    attribute: str
    value: str
    events: int
    before: int
    after: int
    relative: float | None
    beside: float
    low: float
    high: float
    tolerance: float
    moves: bool = False


@dataclass(frozen=True)
class Raw:
    """A segment's log(alerts after / before) less that of the intent, with its variance.

    `degrees` of freedom that the variance is known from; None where it is as good as known.
    """

    difference: float
    variance: float
    degrees: int | None


def of_attribute(
    attribute: str,
    names: Sequence[str],
    place: NDArray[np.integer],
    before: NDArray[np.bool_],
    after: NDArray[np.bool_],
    days: NDArray[np.integer],
    tolerances: Sequence[float],
    confidence: float = 0.95,
) -> list[tuple[Segment, float]]:
    """The segments with events enough, each with the p-value of its lying within the tolerance.

    `place`: which of `names` each of n events has; `before`, `after`: whether it alerts; `days`: the number of its day;
    all of shape (n,). `tolerances`: by name. None where there is but one segment, or no alert before or after.
    """
    size = len(names)
    n, alerts = (
        np.bincount(place, minlength=size),
        [np.bincount(place[side], minlength=size) for side in (before, after)],
    )
    told = [j for j in range(size) if n[j] >= LEAST_EVENTS and max(alerts[0][j], alerts[1][j]) >= LEAST_ALERTS]
    if size < 2 or not before.any() or not after.any():
        return []
    raw = [difference(place == j, before, after, days) for j in told]
    found = []
    for j, each, margin in zip(told, raw, shrunk(raw, confidence), strict=True):
        was, came = int(alerts[0][j]), int(alerts[1][j])
        relative = came / was - 1.0 if was else None
        segment = Segment(attribute, names[j], int(n[j]), was, came, relative, *margin, tolerances[j])
        found.append((segment, p_within(each, tolerances[j])))
    return found


def judged(found: Sequence[Sequence[tuple[Segment, float]]]) -> list[list[Segment]]:
    """The segments at each threshold, those that move marked so and first, then by how far.

    A segment moves where its shrunk interval lies wholly beyond the tolerance, and its p-value is among the discoveries
    over all segments of all thresholds (Benjamini and Hochberg): of those marked, 5 % are expected to be false.
    """
    holds = iter(discoveries([p for at in found for _, p in at], FALSE_DISCOVERIES))
    marked = [[replace(each, moves=next(holds) and _beyond(each)) for each, _ in at] for at in found]
    return [sorted(at, key=lambda each: (not each.moves, -_distance(each))) for at in marked]


def in_words(moving: Sequence[Segment]) -> list[str]:
    """As `within channel = web alerts go from 1.34 % to 2.09 %, +56 % [+40, +74] beside all`; the first few."""
    told = [_in_words(each) for each in moving[:MOST_TOLD]]
    more = len(moving) - MOST_TOLD
    return [*told, f"{more} more segments move"] if more > 0 else told


def _in_words(segment: Segment) -> str:
    value = segment.value or "(none)"
    was, after = (100 * count / segment.events for count in (segment.before, segment.after))
    beside = f"{100 * segment.beside:+.0f} % [{100 * segment.low:+.0f}, {100 * segment.high:+.0f}] beside all"
    return f"within {segment.attribute} = {value} alerts go from {was:.3g} % to {after:.3g} %, {beside}"


def difference(
    inside: NDArray[np.bool_], before: NDArray[np.bool_], after: NDArray[np.bool_], days: NDArray[np.integer]
) -> Raw:
    """How the alerts of the events `inside` change beside those of all n events; all of shape (n,).

    The variance is that of sums of influences by day, as in `clusters.of_change`: the events are the same before and
    after, and the segment is part of the whole. Half an alert more on each side keeps the logarithm finite.
    """
    (rows,) = np.nonzero(before | after)
    b, a, own = before[rows] + 0.0, after[rows] + 0.0, inside[rows] + 0.0
    whole_b, whole_a, own_b, own_a = (float(np.sum(each)) + 0.5 for each in (b, a, b * own, a * own))
    influence = own * (a / own_a - b / own_b) - (a / whole_a - b / whole_b)
    alone = float(np.sum(influence**2))
    first = int(days.min())
    by_day, degrees = variance_of_days(
        np.bincount(days[rows] - first, influence, minlength=int(days.max()) - first + 1).astype(np.float64)
    )
    sampled = alone if degrees is None else max(_LEAST_FACTOR * alone, by_day)
    halves = 0.5 / own_a**2 + 0.5 / own_b**2
    return Raw(math.log(own_a / own_b) - math.log(whole_a / whole_b), sampled + halves, degrees)


def shrunk(raw: Sequence[Raw], confidence: float = 0.95) -> list[tuple[float, float, float]]:
    """The differences of one attribute's segments, drawn towards 0, with intervals.

    A normal hierarchical model: differences lie about 0 with a spread τ, and each is seen with its own variance. τ is
    integrated over, with a half-Cauchy prior (Gelman, Bayesian Analysis 1, 2006, 515 to 533): with two or three
    segments an estimate of it would be taken for known. A variance known from few days counts as a normal one of the
    same quantile. The interval is that of a normal with the posterior's mean and variance.
    """
    if not raw:
        return []
    seen = np.array([each.difference for each in raw])
    variance = np.array([_as_known(each, confidence) for each in raw])
    spread = _SPREADS[:, np.newaxis] ** 2  # (spreads, 1)
    likelihood = -0.5 * np.sum(np.log(variance + spread) + seen**2 / (variance + spread), axis=1)
    weight = np.exp(likelihood - np.max(likelihood)) / (1.0 + (_SPREADS / _SCALE) ** 2) * np.gradient(_SPREADS)
    weight /= np.sum(weight)
    kept = spread / (spread + variance)
    mean = weight @ (kept * seen)
    deviation = np.sqrt(weight @ (kept * variance + (kept * seen - mean) ** 2))
    z = float(special.ndtri((1.0 + confidence) / 2.0))
    ends = zip(mean, mean - z * deviation, mean + z * deviation, strict=True)
    return [(math.expm1(middle), math.expm1(low), math.expm1(high)) for middle, low, high in ends]


def p_within(raw: Raw, tolerance: float) -> float:
    """How likely a difference this far is where the truth is within the tolerance: at its nearer edge."""
    beyond = max(raw.difference - math.log1p(tolerance), _least(tolerance) - raw.difference)
    score = beyond / math.sqrt(raw.variance)
    return float(special.ndtr(-score) if raw.degrees is None else special.stdtr(raw.degrees, -score))


def _as_known(raw: Raw, confidence: float) -> float:
    if raw.degrees is None:
        return raw.variance
    level = (1.0 + confidence) / 2.0
    return raw.variance * float(special.stdtrit(raw.degrees, level) / special.ndtri(level)) ** 2


def _beyond(segment: Segment) -> bool:
    return segment.low > segment.tolerance or segment.high < -segment.tolerance


def _distance(segment: Segment) -> float:
    return abs(math.log1p(segment.beside))


def _least(tolerance: float) -> float:
    return math.log1p(-tolerance) if tolerance < 1.0 else -math.inf
