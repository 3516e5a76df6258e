"""The band around a Q-Q plot covers as often as it says."""

import math

import numpy as np
import pytest
from scipy import stats

from models_app.statistics.bands import rate_band

RATES = (0.9, 0.5, 0.1, 0.01, 0.002)
SAMPLES, EVENTS = 4_000, 500


def test_band__of_many_samples__covers_the_true_alert_rate_as_often_as_it_says() -> None:
    random = np.random.default_rng(11)
    for confidence in (0.8, 0.95):
        low, high = rate_band(EVENTS, RATES, confidence)
        values = np.sort(random.beta(2.0, 20.0, (SAMPLES, EVENTS)), axis=1)
        reached = values[:, [EVENTS - max(1, round(rate * EVENTS)) for rate in RATES]]
        truth = stats.beta(2.0, 20.0).sf(reached)
        covered = np.mean((low <= truth) & (truth <= high), axis=0)
        allowed = 4.0 * math.sqrt(confidence * (1.0 - confidence) / SAMPLES)
        assert np.all(np.abs(covered - confidence) < allowed), covered


def test_band__with_more_events__narrows_around_the_rate() -> None:
    narrow, wide = (np.ptp(rate_band(n, RATES), axis=0) for n in (100_000, 1_000))
    assert np.all(narrow < wide)
    low, high = rate_band(100_000, RATES)
    assert np.all((low < RATES) & (high > RATES))


@pytest.mark.parametrize(
    ("n", "rates", "confidence", "named"),
    [(0, [0.1], 0.95, "n:"), (9, [0.0], 0.95, "alert_rates:"), (9, [0.1], 1.0, "confidence:")],
)
def test_band__of_what_cannot_be__names_it(n: int, rates: list[float], confidence: float, named: str) -> None:
    with pytest.raises(ValueError, match=f"^{named}"):
        rate_band(n, rates, confidence)
