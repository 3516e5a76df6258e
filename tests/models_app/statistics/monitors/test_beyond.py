"""An alert rate that has left what is tolerated is told from one that has not, however often one looks."""

import numpy as np
import pytest

from models_app.statistics.monitors.alert_rate import Target
from models_app.statistics.monitors.beyond import evidence_beyond

TARGET = Target(rate=0.01, tolerated=0.2, spread=0.03)


def hours(rate: float, count: int = 24, events: int = 2_000, seed: int = 1) -> list[tuple[int, int, int]]:
    alerts = np.random.default_rng(seed).binomial(events, rate, count)
    return [(490_000 + hour, events, int(each)) for hour, each in enumerate(alerts)]


@pytest.mark.parametrize("rate", [0.008, 0.01, 0.012])
def test_evidence__of_a_rate_that_is_tolerated__rarely_gets_large(rate: float) -> None:
    """Of 400 days, as many as one in a hundred may reach a hundred; at the edges it is about as many."""
    found = [evidence_beyond(hours(rate, seed=seed), TARGET) for seed in range(400)]
    assert np.mean(np.array(found) >= 100.0) <= 0.02


@pytest.mark.parametrize("rate", [0.004, 0.02])
def test_evidence__of_a_rate_beyond__gets_large_within_a_day(rate: float) -> None:
    assert min(evidence_beyond(hours(rate, seed=seed), TARGET) for seed in range(50)) > 1000.0


@pytest.mark.parametrize("tolerated", [1.0, 2.0])
def test_evidence__where_a_rate_of_none_is_tolerated__is_of_too_many_alerts_alone(tolerated: float) -> None:
    target = Target(rate=0.001, tolerated=tolerated, spread=0.03)
    assert evidence_beyond(hours(0.0), target) < 2.0
    assert min(evidence_beyond(hours(0.001, seed=seed), target) for seed in range(50)) < 2.0
    assert min(evidence_beyond(hours(0.008, seed=seed), target) for seed in range(50)) > 1000.0


def test_evidence__of_nothing__says_nothing() -> None:
    assert evidence_beyond([], TARGET) == 0.0
    assert evidence_beyond([(490_000, 0, 0)], TARGET) == 0.0


def test_evidence__once_large__stays_so() -> None:
    away = hours(0.03, count=6)
    assert evidence_beyond([*away, *[(490_100 + each, 2_000, 20) for each in range(18)]], TARGET) >= evidence_beyond(
        away, TARGET
    )
