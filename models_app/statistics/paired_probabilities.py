"""Two probabilities for each of the same events, compared: what answered, and what would."""

from dataclasses import dataclass

import numpy as np

from models_app.statistics.evidence.examine import ranks
from scoring.engine.probability import FloatArray

# At these shares of the riskiest events distributions are compared, as far as there is an event there.
SHARES = tuple(np.geomspace(1.0, 1e-5, 51).tolist())
RISKIEST = 0.01


@dataclass(frozen=True)
class Quantile:
    """The probability that this share of the events reaches, `before` and `after`."""

    share: float
    before: float
    after: float


@dataclass(frozen=True)
class Compared:
    """`n` events; `same_riskiest`: of the riskiest 1 % by one (at least one event), the share that is so by the other.

    `rank_correlation` is Spearman's; None where one of the two is the same for all events.
    """

    n: int
    mean_before: float
    mean_after: float
    rank_correlation: float | None
    same_riskiest: float
    quantiles: tuple[Quantile, ...]


def compare(before: FloatArray, after: FloatArray) -> Compared:
    """Both of shape (n,), for the same events in the same order, without NaN. Raises ValueError without events."""
    n = len(before)
    if not n or before.shape != after.shape:
        raise ValueError(f"after: expected one for each of one event or more, found {after.shape} for {before.shape}")
    return Compared(
        n=n,
        mean_before=float(np.mean(before)),
        mean_after=float(np.mean(after)),
        rank_correlation=_rank_correlation(before, after),
        same_riskiest=_same_riskiest(before, after),
        quantiles=tuple(_quantiles(np.sort(before), np.sort(after))),
    )


def _rank_correlation(before: FloatArray, after: FloatArray) -> float | None:
    if np.ptp(before) == 0.0 or np.ptp(after) == 0.0:
        return None
    return float(np.corrcoef(ranks(before), ranks(after))[0, 1])


def _same_riskiest(before: FloatArray, after: FloatArray) -> float:
    m = max(1, round(RISKIEST * len(before)))
    riskiest = [set(np.argsort(-each, kind="stable")[:m].tolist()) for each in (before, after)]
    return len(riskiest[0] & riskiest[1]) / m


def _quantiles(before: FloatArray, after: FloatArray) -> list[Quantile]:
    n = len(before)
    reached = [(share, n - max(1, round(share * n))) for share in SHARES if share * n >= 1.0]
    return [Quantile(share, float(before[place]), float(after[place])) for share, place in reached]
