"""Alert rates within segments: events that share the value of a context attribute or a feature, such as one channel's.

A change may leave an intent's alert rate where it is, and yet bring a fifth more alerts to one channel and a fifth
fewer to another. What is judged is how a segment's rate changes beside that of the whole intent.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models_app.statistics.evidence.beside import Clustered, Difference, Margin, alerting, difference, shrunk
from models_app.statistics.evidence.few import Few, few
from models_app.statistics.evidence.multiplicity import discoveries

# With fewer events, or fewer alerts before and after together, nothing is said of a segment. That they are counted
# together leaves open which way they change: those that are asked are not those that moved by chance.
LEAST_EVENTS, LEAST_ALERTS = 100, 20
MOST_TOLD = 3  # in a sentence
CONTEXT, FEATURE = "context", "feature"  # what a segment is of
# Of all segments that are said to move, so many may be expected not to.
FALSE_DISCOVERIES = 0.05


@dataclass(frozen=True)
class Segment:
    """`events` whose `attribute` has this `value`, with their alerts before and after a change.

    `source`: whether that is a context attribute or a feature; `is_band`: the value is a band of numbers.
    `relative`: how their alert rate changes, as a share of what is live. `beside`: the same beside the change of the
    whole intent, with the 95 % interval `low` to `high`, which is held against `tolerance`; shrunk towards the intent,
    but for segments of few alerts on a side. All of them are None where none alerts before, for of nothing there is no
    share. `moves`: it lies beyond, and still does when all segments are asked at once.
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
    source: str = CONTEXT
    is_band: bool = False

    @property
    def name(self) -> str:
        """As `channel = web`, or `amount 20 to 50`."""
        return f"{self.attribute} {'' if self.is_band and self.value else '= '}{self.value or '(none)'}"

    @property
    def distance(self) -> float:
        """How far it moves beside the intent, either way, as a logarithm; infinite from no alert to some, and back."""
        return math.inf if self.beside is None or self.beside <= -1.0 else abs(math.log1p(self.beside))

    @property
    def is_apart(self) -> bool:
        """Whether it moves beside the intent at all, by its interval."""
        return self.low is None or self.high is None or self.low > 0.0 or self.high < 0.0


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

    `place`: which of `names` each of n events has, beyond them where that is not known; `before`, `after`: whether it
    alerts; all of shape (n,).
    `tolerances`: by name. None where there is but one segment, or no alert before or after.
    """
    size = len(names)
    if size < 2 or not before.any() or not after.any():
        return []
    n, was, came = (np.bincount(each, minlength=size).tolist() for each in (place, place[before], place[after]))
    told = [j for j in range(size) if n[j] >= LEAST_EVENTS and was[j] + came[j] >= LEAST_ALERTS]
    whole = alerting(before, after, clustered)
    change = {j: few if min(was[j], came[j]) < LEAST_ALERTS else difference for j in told}
    changes = [change[j](whole, (place[whole.rows] == j).astype(np.float64)) for j in told]
    found = []
    for j, each, margin in zip(told, changes, _margins(changes, confidence), strict=True):
        relative = came[j] / was[j] - 1.0 if margin else None
        beside, low, high = margin or (None, None, None)
        segment = Segment(attribute, names[j], n[j], was[j], came[j], relative, beside, low, high, tolerances[j])
        found.append((segment, each.p_within(tolerances[j])))
    return found


def _margins(changes: Sequence[Difference | Few], confidence: float) -> list[Margin | None]:
    """Beside the intent: those of many alerts are drawn towards it together, each of few stands for itself."""
    of_many = iter(shrunk([each for each in changes if isinstance(each, Difference)], confidence))
    return [each.beside(confidence) if isinstance(each, Few) else next(of_many) for each in changes]


def judged(found: Sequence[Sequence[tuple[Segment, float]]]) -> list[list[Segment]]:
    """The segments at each threshold, those that move marked so and first, then by how far.

    A segment moves where its interval lies wholly beyond the tolerance, or none alerts in it before, and its
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


def _beyond(segment: Segment) -> bool:
    if segment.low is None or segment.high is None:
        return True
    return segment.low > segment.tolerance or segment.high < -segment.tolerance
