"""Whether risk has risen: the probability of a window's events beside that which a transform was fitted on.

A refit brings any window to the same alert rates, an attack too. What it would take for normal shows at a fixed
mapping: how many events lie at or above the probabilities at which live thresholds are reached.
"""

import math
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from models_app.statistics.drift import DAY, WEEK, Drift, quantile
from models_app.statistics.evidence.findings import Exceedance, Risk, RiskOfDay
from models_app.statistics.evidence.observations import Answering, Observations, Question
from models_app.statistics.fitting_sample import FittingSample, Of
from models_app.statistics.movement import movement_of
from models_app.statistics.past_weeks import alike, contrasts, days_of
from models_app.statistics.sample import counts_above
from scoring.engine.probability import FloatArray

LIVE, PROPOSED = "live", "proposed"
# Two samples of one distribution lie no farther apart in 95 % of cases (Kolmogorov and Smirnov): 1.36 √(1/n + 1/m).
# That is so many standard deviations of the difference of their shares in the middle, where it is largest.
_FARTHEST = 2.0 * 1.36
_SHOWN = np.concatenate([np.arange(0.95, 0.1, -0.05), np.geomspace(0.1, 1e-5, 25)])
_MANY, _VERY_HIGH = 0.1, 0.001  # shares of a fitting sample, above which events are many, and very high


def risks(seen: Observations, question: Question) -> list[Risk]:
    """Each transform's fitting sample beside the events that it answers, where it answers any; live ones first."""
    return [_risk(seen, each, question) for each in seen.answering if each.rows.any()]


def _risk(seen: Observations, by: Answering, question: Question) -> Risk:
    given = seen.probability_before if by.side == LIVE else seen.probability_after
    assert given is not None
    probability, occurred_at, fitted = given[by.rows], seen.occurred_at[by.rows], by.fitted
    told = Risk(by.side, by.predictor, by.transform, len(probability), float(np.mean(probability)))
    if fitted is None:
        return told
    rates = _SHOWN[_SHOWN * len(probability) >= 1.0]
    exceedances = _exceedances(seen, by, fitted, probability, question)
    return replace(
        told,
        fitted_of=str(fitted.of),
        fitted_n=fitted.events or fitted.n,
        fitted_mean=fitted.mean,
        kept=fitted.kept,
        rates=rates.tolist(),
        fitted=fitted.reached(rates).tolist(),
        seen=[float(each) for each in np.quantile(probability, 1.0 - rates)],
        distance=_distance(fitted, probability),
        floor=_floor(fitted, len(probability), seen.days),
        thresholds=exceedances,
        very_high=_very_high(fitted, probability),
        highest=fitted.values[-1],
        beyond=int(np.count_nonzero(probability > fitted.values[-1])),
        by_day=_by_day(fitted, probability, occurred_at, [each.probability for each in exceedances]),
    )


# ---- at the thresholds


def _exceedances(
    seen: Observations, by: Answering, fitted: FittingSample, probability: FloatArray, question: Question
) -> list[Exceedance]:
    gated = by.side == LIVE and fitted.of == Of.EVENTS and fitted.n > 0
    found = []
    for name, (score, knot) in by.thresholds.items():
        drift = _drift(seen, fitted, score, knot, question)
        each = _exceedance(name, score, knot, fitted, probability, drift, question)
        rose = gated and each.low is not None and each.low > question.risk_tolerance
        found.append(replace(each, rose=rose))
    return found


def _exceedance(
    name: str,
    score: float,
    knot: float,
    fitted: FittingSample,
    probability: FloatArray,
    drift: Drift,
    question: Question,
) -> Exceedance:
    n, events, share = len(probability), int(np.count_nonzero(probability >= knot)), fitted.share(knot)
    told = Exceedance(name, score, knot, share, events, events / n, events / n / share - 1.0 if share else None)
    if not fitted.n:
        return told
    low, high = _ratio(share * fitted.n, fitted.n, events, n, drift, question.confidence)
    return replace(told, low=low, high=high, drift=drift.share, past_weeks=drift.weeks)


def _ratio(was: float, fitted: int, events: int, n: int, drift: Drift, confidence: float) -> tuple[float, float]:
    """The interval of one share over another, less 1: of their logarithms, with half an event more (Walter, 1975)."""
    middle = math.log((events + 0.5) / (n + 0.5)) - math.log((was + 0.5) / (fitted + 0.5))
    ends = ((events, n), (was, fitted))
    sampling = sum(1.0 / (some + 0.5) - 1.0 / (all_ + 0.5) for some, all_ in ends)
    spread = quantile(drift, sampling, confidence) * math.sqrt(sampling + drift.variance)
    return math.exp(middle - spread) - 1.0, math.exp(middle + spread) - 1.0


def _drift(seen: Observations, fitted: FittingSample, score: float, knot: float, question: Question) -> Drift:
    """By past weeks before the window, for an attack in the window is no drift; else by the fitting sample's days."""
    past, own = seen.past, []
    if past is not None and past.before is not None and len(past.before):
        own = contrasts(days_of(past.occurred_at, past.before, score, int(np.max(past.occurred_at))))
    others = alike(fitted.share(knot), question.others)
    if not own and not others:
        return fitted.drift(knot, seen.days)
    return movement_of(own, others).ahead(max(1, round(seen.days / WEEK)))


# ---- of the whole distribution


def _distance(fitted: FittingSample, probability: FloatArray) -> float:
    """The largest difference between the shares at or above the same probability (Kolmogorov and Smirnov)."""
    shares = counts_above(np.sort(probability), fitted.values) / len(probability)
    return float(np.max(np.abs(shares - fitted.above)))


def _floor(fitted: FittingSample, n: int, days: float) -> float | None:
    """The distance that chance alone stays below in 95 % of cases; None for a fitting sample of unknown size.

    For n events of so many days that differ as the fitting sample's days do, where those are known.
    """
    if not fitted.n:
        return None
    spreads = np.array(fitted.spread or [0.0] * len(fitted.values)) * math.sqrt(fitted.days / days)
    return _farthest(fitted, n, spreads)


def _floor_of_day(fitted: FittingSample, n: int) -> float | None:
    """As `_floor`, of a single day, weekdays included."""
    return _farthest(fitted, n, np.array(fitted.of_day or [0.0] * len(fitted.values))) if fitted.n else None


def _farthest(fitted: FittingSample, n: int, spreads: FloatArray) -> float:
    above = np.array(fitted.above)
    own = np.maximum(above * (1.0 - above) / n, spreads**2)
    known = np.array([fitted.variance(x) for x in fitted.values])
    return _FARTHEST * math.sqrt(float(np.max(own + known)))


def _very_high(fitted: FittingSample, probability: FloatArray) -> float | None:
    """Of the events that are more than there were, the share that is very high; None where there are not more.

    More at or above what a tenth of the fitting sample reaches; very high: what a thousandth of it reaches.
    """
    many, high = (
        float(np.mean(probability >= x)) - fitted.share(float(x)) for x in fitted.reached(np.array([_MANY, _VERY_HIGH]))
    )
    return min(1.0, max(0.0, high / many)) if many > 0.0 else None


def _by_day(
    fitted: FittingSample, probability: FloatArray, occurred_at: NDArray[np.int64], knots: list[float]
) -> list[RiskOfDay]:
    found = []
    for day in np.unique(occurred_at // DAY):
        own = probability[occurred_at // DAY == day]
        found.append(
            RiskOfDay(
                name=datetime.fromtimestamp(int(day) * 86_400, UTC).date().isoformat(),
                n=len(own),
                mean=float(np.mean(own)),
                distance=_distance(fitted, own),
                floor=_floor_of_day(fitted, len(own)),
                above=[int(np.count_nonzero(own >= knot)) for knot in knots],
                beyond=int(np.count_nonzero(own > fitted.values[-1])),
            )
        )
    return found
