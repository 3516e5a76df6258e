"""Drift that is not known from past weeks: what the days of a window show, and what is assumed; its quantile."""

import numpy as np
import pytest
from scipy import special

from models_app.statistics.drift import Drift, of_days, quantile

EVENTS = np.full(14, 50_000)


def test_of_days__independent__is_next_to_none_and_wild_days_are_seen() -> None:
    random = np.random.default_rng(2)
    calm = of_days(EVENTS, random.binomial(EVENTS, 0.01))
    wild = of_days(EVENTS, random.binomial(EVENTS, 0.01 * np.exp(random.normal(0, 0.3, 14))))
    assert calm.share < 0.04 < 0.08 < wild.share
    assert of_days(EVENTS, np.zeros(14, int)) == Drift(0.0, 1.0)


def test_quantile__of_what_the_drift_may_be__is_that_of_the_mixture() -> None:
    drift = Drift(0.5 * 3.0, np.inf, 1, ((0.0, 0.5), (3.0, 0.5)))
    half = quantile(drift, 1.0, 0.95) * np.sqrt(1.0 + drift.variance)
    assert 0.5 * special.ndtr(half) + 0.5 * special.ndtr(half / 2.0) == pytest.approx(0.975)


def test_quantile__one_drift_as_good_as_known__is_normal() -> None:
    assert quantile(Drift(2.0, np.inf, 1, ((2.0, 1.0),)), 1.0, 0.95) == pytest.approx(1.96, abs=1e-3)


def test_quantile__nothing_varies__is_finite() -> None:
    assert np.isfinite(quantile(Drift(0.0, np.inf, 1, ((0.0, 1.0),)), 0.0, 0.95))
