"""Which events count where labels come late or not for all, and what has to be said of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models_app.statistics.evidence.shares import Sampled, Share, share_of
from scoring.engine.probability import FloatArray

UNLABELLED = -1
DELAYS = (1, 3, 7, 14, 30, 60, 90)  # days
_MOST_ALIKE = 1.5  # shares of labels that differ by no more than this factor are taken for alike
_LATE = 1.0  # days

Rows = NDArray[np.bool_]
Labels = NDArray[np.int8]


@dataclass(frozen=True)
class LabelRule:
    """Events count from `maturity_days` of age on; `unlabelled_negative`: those without a label then are negative."""

    maturity_days: float = 0.0
    unlabelled_negative: bool = False


EVERY_LABEL = LabelRule()


@dataclass(frozen=True)
class Selection:
    """How many of live's alerts at a threshold have a label, and how many of the other events."""

    name: str
    alerts: Share
    rest: Share

    @property
    def sentence(self) -> str:
        """The warning, "" where labels do not depend on the score."""
        low, high = sorted((self.alerts, self.rest), key=lambda each: each.rate)
        if low.high >= high.low or high.rate < _MOST_ALIKE * low.rate:
            return ""
        shares = f"{_percent(self.alerts.rate)} of live's alerts at ‘{self.name}’ and {_percent(self.rest.rate)}"
        favours = "favours what is live" if self.alerts is high else "is unfair to what is live"
        return f"Labels exist for {shares} of the rest: the comparison {favours}."


@dataclass(frozen=True)
class Counted:
    """`rows` of n events count, `positive` of them are; `young`: how many labelled events are too young to count."""

    rows: Rows
    positive: Rows
    young: int


def counted(labels: Labels, ages: FloatArray, rule: LabelRule) -> Counted:
    """By labels (n,) of 0, 1 or UNLABELLED, and ages in days at the window's end."""
    labelled, matured = labels != UNLABELLED, ages >= rule.maturity_days
    rows = matured if rule.unlabelled_negative else matured & labelled
    return Counted(rows, rows & (labels == 1), int(np.count_nonzero(labelled & ~matured)))


def why_none(labels: Labels, found: Counted, rule: LabelRule) -> str:
    """Why nothing can be said of performance, as a sentence; "" where events of both kinds count."""
    n, known = len(labels), int(np.count_nonzero(labels != UNLABELLED))
    count, positive = int(np.count_nonzero(found.rows)), int(np.count_nonzero(found.positive))
    if not known:
        return f"No labels in the window: 0 of {n:,} events."
    if not count:
        return f"All {known:,} labelled events are younger than the {rule.maturity_days:g} days after which they count."
    if not positive:
        return f"None of the {count:,} events that count is positive{_young(found)}."
    if positive == count:
        return f"All {count:,} labels that count are positive: without negative events there is nothing to compare."
    return ""


def selections(
    before: FloatArray, labels: Labels, matured: Rows, thresholds: Sequence[tuple[str, float]], sampled: Sampled
) -> list[Selection]:
    """For each threshold that live has alerts at, among events old enough."""
    labelled = labels != UNLABELLED
    found = []
    for name, score in thresholds:
        alerts, rest = matured & (before >= score), matured & (before < score)
        if alerts.any() and rest.any():
            shares = (share_of(words, labelled[rows], sampled.of(rows)) for words, rows in _parts(alerts, rest))
            found.append(Selection(name, *shares))
    return found


def delay_curve(after_days: FloatArray, positive: Rows, ages: FloatArray, rule: LabelRule) -> list[Share]:
    """The share of positive labels that had come by so many days, of events old enough to have had them all.

    `after_days`: from event to label, NaN where not known. Events count from the rule's age on; without one, from half
    the age of the oldest, for younger ones would show only labels that came soon.
    """
    horizon = rule.maturity_days or float(np.max(ages, initial=0.0)) / 2.0
    old = positive & (ages >= horizon) & ~np.isnan(after_days)
    came = after_days[old & (after_days <= horizon)]
    days = [each for each in DELAYS if each <= horizon]
    return [share_of(_days(each), came <= each, Sampled()) for each in days] if len(came) else []


def late(after_days: FloatArray, positive: Rows, rule: LabelRule) -> str:
    """A warning where labels of positive events come late and nothing waits for them; "" where there is none."""
    came = after_days[positive & ~np.isnan(after_days)]
    if not len(came) or float(np.quantile(came, 0.9)) <= max(_LATE, rule.maturity_days):
        return ""
    half, most = np.quantile(came, [0.5, 0.9])
    words = f"Half of the positive labels came within {half:.2g} days, nine in ten within {most:.2g}"
    return f"{words}; events count from {rule.maturity_days:g} days on, so recent positive events may lack their label."


def _parts(alerts: Rows, rest: Rows) -> tuple[tuple[str, Rows], tuple[str, Rows]]:
    return ("live's alerts", alerts), ("the rest", rest)


def _young(found: Counted) -> str:
    return f"; {found.young:,} labelled ones are too young to count" if found.young else ""


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.995 else "100 %"
