"""Whether what somebody got is what a model gives: event by event, and by distribution alone."""

import numpy as np
import pytest

from models_app.statistics.cold_start import validation_quantiles
from models_app.statistics.comparing import same_distribution, same_events

TOLERANCE = 1e-5
SAMPLE = np.random.default_rng(1).beta(1, 9, 3000)


def test_same_events__rounded_to_float32__agree() -> None:
    found = same_events(SAMPLE.astype(np.float32).astype(np.float64), SAMPLE, TOLERANCE)
    assert (found.n, found.differing, found.first) == (3000, 0, ())
    assert 0 < found.largest < 1e-7


def test_same_events__some_differ__are_counted_and_the_first_named() -> None:
    given = SAMPLE.copy()
    given[[7, 70, 700, 800]] += 0.25
    found = same_events(SAMPLE, given, TOLERANCE)
    assert (found.differing, found.first, found.mirrored) == (4, (7, 70, 700), False)
    assert found.largest == pytest.approx(0.25)


def test_same_events__of_the_other_class__is_seen() -> None:
    assert same_events(1 - SAMPLE, SAMPLE, TOLERANCE).mirrored
    assert not same_events(SAMPLE, SAMPLE, TOLERANCE).mirrored


@pytest.mark.parametrize("sample", [SAMPLE, np.round(SAMPLE, 2), np.full(500, 0.25)])
def test_same_distribution__the_same_events_in_another_order__is_no_distance_apart(sample: np.ndarray) -> None:
    found = same_distribution(
        sample[::-1].astype(np.float32).astype(np.float64), validation_quantiles(sample), TOLERANCE
    )
    assert (found.distance, found.holds) == (0.0, True)


def test_same_distribution__other_events_of_the_same_kind__is_held_for_the_same_as_often_as_promised() -> None:
    random = np.random.default_rng(3)
    held = [
        same_distribution(random.beta(1, 9, 400), validation_quantiles(random.beta(1, 9, 900)), TOLERANCE, 0.95).holds
        for _ in range(500)
    ]
    assert np.mean(held) >= 0.94


def test_same_distribution__of_another_model__says_where() -> None:
    found = same_distribution(np.sqrt(SAMPLE), validation_quantiles(SAMPLE), TOLERANCE)
    assert not found.holds
    assert found.given == pytest.approx(np.mean(found.value > SAMPLE), abs=0.001)
    assert found.found == pytest.approx(np.mean(np.sqrt(SAMPLE) < found.value), abs=0.001)
