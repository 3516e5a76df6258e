"""Where the alert rate of further events will be: the sampling of both, and the drift between them."""

import math

from models_app.statistics.clusters import INDEPENDENT, Effect
from models_app.statistics.drift import Drift, quantile


def interval(
    alerts: int, n: int, m: float, drift: Drift, effect: Effect = INDEPENDENT, confidence: float = 0.95
) -> tuple[float, float]:
    """Of the alert rate of m further events, after `alerts` of n; infinitely many give the rate behind them."""
    sampling = effect.factor * (1.0 / n + 1.0 / m) * n / (alerts + 0.5)
    z = quantile(drift, sampling, confidence)
    return prediction_interval(alerts / n, n, m, effect.factor, drift.variance, z)


def prediction_interval(
    rate: float, n: int, m: float, design_effect: float, drift: float, z: float
) -> tuple[float, float]:
    """The rates of m further events that a score test, of two samples with one rate, accepts beside `rate` of n.

    (p − q)² = z² (φ r (1 − r) (1 / n + 1 / m) + τ² r²), r = (n p + m q) / (n + m), solved for q: the joint sampling
    interval of Krishnamoorthy and Peng (Journal of Statistical Planning and Inference 141, 2011, 1709 to 1718) with a
    design effect φ, and a `drift` of variance τ² as a share of the rate. Unlike an interval of the rate's logarithm
    it is sound for few alerts, and for none. With m infinite and no drift it is Wilson's.
    """
    spread, share = z * z * design_effect * (1.0 / n + 1.0 / m), 1.0 / (1.0 + n / m)
    known, curve = (1.0 - share) * rate, spread - z * z * drift
    square, linear = 1.0 + curve * share * share, 2.0 * rate + spread * share - 2.0 * curve * known * share
    constant = rate * rate - spread * known + curve * known * known
    if square <= 0.0:  # the drift has no upper bound: z τ is 1 or more
        return 0.0, 1.0
    root = math.sqrt(max(0.0, linear * linear - 4.0 * square * constant))
    low, high = (linear - root) / (2.0 * square), (linear + root) / (2.0 * square)
    return max(0.0, min(low, rate)), min(1.0, max(high, rate))
