"""What a threshold did to events of which it is known what they were: frauds caught, genuine events bothered."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from models_app.statistics.evidence.cuts import at_alert_rate
from models_app.statistics.evidence.shares import Estimate, Sampled, Share, around, paired_difference, share_of
from scoring.engine.probability import FloatArray

ALERT_RATES = (0.01, 0.005, 0.001)
_FEWEST = 10  # alerts at a fixed alert rate: of fewer, recall says nothing

Rows = NDArray[np.bool_]


@dataclass(frozen=True)
class Caught:
    """One side: positive events that alert and that do not, and negative ones that do; `precision` is None of no alert.

    Money is that of the events caught, missed and alerted though negative; None where no amount is known.
    """

    caught: int
    missed: int
    false_alarms: int
    recall: Share
    precision: Share | None
    money_caught: Estimate | None = None
    money_missed: Estimate | None = None
    money_bothered: Estimate | None = None

    @property
    def false_alarms_per_fraud(self) -> Estimate | None:
        """From the interval of precision; None where no fraud is caught."""
        found = self.precision
        if found is None or not found.hits:
            return None
        return Estimate(1 / found.rate - 1, 1 / found.high - 1, 1 / found.low - 1 if found.low else None)


@dataclass(frozen=True)
class Outcome:
    """A declared threshold, or a fixed alert rate, where `score` is that of the side after. Changes: after − before.

    `before` and the changes are None where nothing was live; `precision_change` also where a side has no alert.
    """

    name: str
    score: float
    before: Caught | None
    after: Caught
    recall_change: Estimate | None
    precision_change: Estimate | None
    money_change: Estimate | None = None


@dataclass(frozen=True)
class Known:
    """Events of which it is known what they were, arrays of shape (n,), at least one positive."""

    before: FloatArray | None
    after: FloatArray
    positive: Rows
    sampled: Sampled
    amounts: FloatArray | None = None  # NaN where not known


def at_thresholds(
    known: Known, thresholds: Sequence[tuple[str, float]], former: Sequence[tuple[str, float]] = ()
) -> list[Outcome]:
    """What each threshold, (name, score), does; `former`: where they lie in what is live, if elsewhere."""
    scores = dict(former)
    return [_at_threshold(known, name, score, scores.get(name, score)) for name, score in thresholds]


def at_alert_rates(known: Known) -> list[Outcome]:
    """At scores that a fixed share of these events reach, each side at its own: they differ by how they rank alone.

    Those scores are estimates: the intervals of recall and of its change have that in them.
    """
    return [_ranked(known, rate) for rate in ALERT_RATES if rate * len(known.after) >= _FEWEST]


def _at_threshold(known: Known, name: str, score: float, former: float) -> Outcome:
    before = None if known.before is None else known.before >= former
    return _outcome(name, score, known, known.after >= score, before)


def _outcome(name: str, score: float, known: Known, after: Rows, before: Rows | None) -> Outcome:
    caught = _caught(known, after)
    if before is None:
        return Outcome(name, score, None, caught, None, None)
    positive, sampled = known.positive, known.sampled
    recall = paired_difference(before[positive], after[positive], sampled.of(positive))
    precision = _precision_change(before, after, positive, sampled)
    return Outcome(name, score, _caught(known, before), caught, recall, precision, _money_change(known, before, after))


def _caught(known: Known, alerts: Rows) -> Caught:
    positive, sampled = known.positive, known.sampled
    caught, missed, false = alerts & positive, positive & ~alerts, alerts & ~positive
    return Caught(
        caught=int(np.count_nonzero(caught)),
        missed=int(np.count_nonzero(missed)),
        false_alarms=int(np.count_nonzero(false)),
        recall=share_of("recall", alerts[positive], sampled.of(positive)),
        precision=share_of("precision", positive[alerts], sampled.of(alerts)) if alerts.any() else None,
        money_caught=_money(known, caught),
        money_missed=_money(known, missed),
        money_bothered=_money(known, false),
    )


def _money(known: Known, rows: Rows) -> Estimate | None:
    """The sum of these events' amounts; their number varies too, as Poisson's does. The interval is of its logarithm.

    The variance is that of a compound Poisson sum, Σ amount², by entity; Student's quantile knows how few amounts
    make up most of it.
    """
    if known.amounts is None:
        return None
    each = np.where(rows, np.nan_to_num(known.amounts), 0.0)
    total = float(np.sum(each))
    if total <= 0.0:
        return Estimate(total, total, None)
    relative = known.sampled.variance(each) / total**2
    quantile = special.stdtrit(max(1.0, 1.0 / relative - 1.0), (1.0 + known.sampled.confidence) / 2.0)
    ratio = float(np.exp(quantile * np.sqrt(relative)))
    return Estimate(total, total / ratio, total * ratio)


def _money_change(known: Known, before: Rows, after: Rows) -> Estimate | None:
    """Of the money caught: only events that change sides are in it, each with its amount."""
    if known.amounts is None:
        return None
    each = np.where(known.positive, np.nan_to_num(known.amounts), 0.0) * (after.astype(np.float64) - before)
    total, half = float(np.sum(each)), known.sampled.half_width(each)
    return Estimate(total, total - half, total + half)


def _precision_change(before: Rows, after: Rows, positive: Rows, sampled: Sampled) -> Estimate | None:
    """By the influence of each event on both precisions, so that those that alert on both sides count once.

    As far as the sides' alerts differ, each has one positive and one negative alert more, after Agresti and Caffo (The
    American Statistician 54, 2000, 280 to 288): else few alerts would seem to know too well.
    """
    if not before.any() or not after.any():
        return None
    influence, added, centre = np.zeros(len(positive)), 0.0, 0.0
    apart = np.count_nonzero(before ^ after) / np.count_nonzero(before | after)
    for sign, alerts in ((1.0, after), (-1.0, before)):
        n = np.count_nonzero(alerts) + 2.0 * apart
        share = (np.count_nonzero(alerts & positive) + apart) / n
        influence += sign * alerts * (positive - share) / n
        added += apart * (share**2 + (1.0 - share) ** 2) / n**2
        centre += sign * share
    half = sampled.z * math.sqrt(sampled.variance(influence) + float(added))
    return around(float(np.mean(positive[after]) - np.mean(positive[before])), float(centre), half)


def _ranked(known: Known, rate: float) -> Outcome:
    """Recall and its change get the intervals that know how the score was found."""
    after = at_alert_rate(known.after, known.positive, rate)
    before = None if known.before is None else at_alert_rate(known.before, known.positive, rate)
    name = f"{100 * rate:g} % of events alert"
    plain = _outcome(name, after.score, known, after.alerts, None if before is None else before.alerts)
    caught = replace(plain.after, recall=after.share("recall", known.sampled))
    if before is None or plain.before is None:
        return replace(plain, after=caught)
    was = replace(plain.before, recall=before.share("recall", known.sampled))
    return replace(plain, after=caught, before=was, recall_change=after.less(before, known.sampled))
