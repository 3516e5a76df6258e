"""Whether a shadow has beaten what is live, by events of its trial of which it is known what they were.

Beaten means: at the alert rates that the intent's thresholds stand for, each side at its own score, the shadow catches
no smaller share of positive events at any, a larger one for certain at one at least, and in no week a smaller one for
certain. The intervals over all thresholds hold together with 95 %, so that a shadow that is no better is proposed in
one of forty trials at most.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from models_app.statistics.evidence.cuts import at_alert_rate
from models_app.statistics.evidence.outcomes import Known
from models_app.statistics.evidence.shares import Estimate, paired_difference
from models_app.statistics.in_words import percent

LEAST = 20  # positive events: of fewer, recall says nothing
_FEWEST = 10  # alerts at an alert rate
_WEEK = 7.0  # days


@dataclass(frozen=True)
class Contest:
    """At the `rate` of a threshold, the shares of positive events that what is live and the shadow catch."""

    threshold: str
    rate: float
    live: float
    shadow: float
    change: Estimate

    @property
    def is_won(self) -> bool:
        return self.change.low > 0.0

    @property
    def is_lost(self) -> bool:
        """For certain."""
        return self.change.high is not None and self.change.high < 0.0


@dataclass(frozen=True)
class Found:
    """`events` of a trial count, `positive` of them are. `against`: in sentences, why it has not beaten what is live.

    `is_known`: whether there are labels enough to say anything.
    """

    events: int = 0
    positive: int = 0
    contests: list[Contest] = field(default_factory=list)
    against: list[str] = field(default_factory=list)
    is_known: bool = False


def judged(known: Known, days: NDArray[np.float64], rates: Mapping[str, float]) -> Found:
    """`known.before` is what is live, `after` the shadow; `days` (n,) since the trial began; `rates` by threshold."""
    events, positive = len(known.after), int(np.count_nonzero(known.positive))
    found = Found(events, positive)
    if positive < LEAST:
        return replace(found, against=[f"{positive:,} labelled events are positive; it takes {LEAST} to compare"])
    told = {name: rate for name, rate in rates.items() if _FEWEST <= rate * events < events}
    if not told:
        return replace(found, against=[f"{events:,} labelled events are too few for the thresholds' alert rates"])
    contests = _contests(known, told, len(told))
    return replace(found, contests=contests, against=list(_against(known, days, told, contests)), is_known=True)


def _against(
    known: Known, days: NDArray[np.float64], rates: Mapping[str, float], contests: Sequence[Contest]
) -> Iterator[str]:
    for each in contests:
        if each.change.value < 0.0:
            yield f"at “{each.threshold}” it catches {_beside(each)}"
    if not any(each.is_won for each in contests):
        yield "at no threshold it catches more positive events for certain"
    weeks = list(_weeks(known, days))
    for number, week in weeks:
        told = {name: rate for name, rate in rates.items() if rate * len(week.after) >= _FEWEST}
        for each in _contests(week, told, len(rates) * len(weeks)):
            if each.is_lost:
                yield f"in week {number} it caught, at “{each.threshold}”, {_beside(each)}"


def _beside(contest: Contest) -> str:
    return f"{percent(contest.shadow)} of positive events, and what is live {percent(contest.live)}"


def _weeks(known: Known, days: NDArray[np.float64]) -> Iterator[tuple[int, Known]]:
    """Those with positive events enough, by number from 1 on."""
    week = (days // _WEEK).astype(np.int64)
    for number in np.unique(week):
        rows = week == number
        if np.count_nonzero(known.positive[rows]) >= LEAST and known.before is not None:
            of = known.sampled.of(rows)
            yield int(number) + 1, Known(known.before[rows], known.after[rows], known.positive[rows], of)


def _contests(known: Known, rates: Mapping[str, float], together: int) -> list[Contest]:
    """With intervals that hold with 95 % for so many of them together (Bonferroni)."""
    sampled = replace(known.sampled, confidence=1.0 - (1.0 - known.sampled.confidence) / max(1, together))
    return [_contest(replace(known, sampled=sampled), name, rate) for name, rate in rates.items()]


def _contest(known: Known, name: str, rate: float) -> Contest:
    """The interval is the wider one of two: one knows how the scores were found, the other of few changes of side."""
    assert known.before is not None
    live, shadow = (at_alert_rate(side, known.positive, rate) for side in (known.before, known.after))
    change, own = shadow.less(live, known.sampled), known.positive
    paired = paired_difference(live.alerts[own], shadow.alerts[own], known.sampled.of(own))
    highs = [each.high for each in (change, paired) if each.high is not None]
    widest = Estimate(change.value, min(change.low, paired.low), max(highs))
    return Contest(name, rate, live.recall, shadow.recall, widest)
