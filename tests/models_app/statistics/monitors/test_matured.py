"""What mature labels say: precision, calibration, delay; and risk told from scale by precision."""

import numpy as np
import pytest

from models_app.statistics.evidence.labels import UNLABELLED, LabelRule, counted
from models_app.statistics.monitors.matured import matured_of
from models_app.statistics.monitors.telling_apart import Told, by_precision


def test_matured__of_probabilities_that_are_right__has_what_came_within_its_intervals() -> None:
    rng = np.random.default_rng(1)
    probability = rng.beta(1.0, 20.0, 40_000)
    labels = (rng.random(40_000) < probability).astype(np.int8)
    delays = rng.exponential(2.0, 40_000)
    found = counted(labels, np.full(40_000, np.inf), LabelRule())
    matured = matured_of(probability, probability, found, delays, {"review": 0.1, "never": 2.0})
    held = [each.came.low <= each.foretold <= each.came.high for each in matured.calibration]
    assert len(held) > 4
    assert np.mean(held) >= 0.7
    alerts = probability >= 0.1
    assert matured.precision["review"].rate == pytest.approx(labels[alerts].mean())
    assert "never" not in matured.precision
    assert matured.delay is not None
    assert matured.delay.half == pytest.approx(2.0 * np.log(2.0), rel=0.05)


def test_matured__of_probabilities_that_are_twice_too_high__says_so() -> None:
    rng = np.random.default_rng(1)
    risk = rng.beta(1.0, 20.0, 40_000)
    labels = (rng.random(40_000) < risk).astype(np.int8)
    found = counted(labels, np.full(40_000, np.inf), LabelRule())
    matured = matured_of(risk, np.minimum(1.0, 2.0 * risk), found, np.full(40_000, np.nan), {})
    above = [each.foretold > each.came.high for each in matured.calibration if each.came.events > 1_000]
    assert above
    assert all(above)
    assert matured.delay is None


def test_matured__without_labels__counts_none_unless_that_means_negative() -> None:
    labels, ages = np.full(50, UNLABELLED, np.int8), np.full(50, np.inf)
    probability, never = np.full(50, 0.2), np.full(50, np.nan)
    unknown = matured_of(probability, probability, counted(labels, ages, LabelRule()), never, {"review": 0.1})
    negative = counted(labels, ages, LabelRule(unlabelled_negative=True))
    assert (unknown.events, unknown.counted, unknown.precision) == (50, 0, {})
    assert matured_of(probability, probability, negative, never, {"review": 0.1}).precision["review"].events == 50


@pytest.mark.parametrize(("positive", "kind"), [(30, "risk"), (15, "scale")])
def test_told__where_alerts_have_doubled__is_risk_if_precision_held_and_scale_if_it_halved(
    positive: int, kind: str
) -> None:
    for before in (Told("risk", 1.0, 0.02), Told("scale", 1.0, 0.0)):
        assert by_precision(before, (150, 500), (positive, 100), 2.0).kind == kind


def test_told__without_labels_or_more_alerts__stays_as_it_was() -> None:
    told = Told("scale", 1.0, 0.0)
    assert by_precision(told, (0, 0), (30, 100), 2.0) is told
    assert by_precision(told, (150, 500), (30, 100), 0.8) is told
