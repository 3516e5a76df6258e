"""Fits judged on days that they have not seen: against counting by hand, and by simulation."""

import numpy as np
import pytest

from models_app.statistics.fit import fit_mapping
from models_app.statistics.held_out import HeldOut, HeldOutRate, held_out, next_week, together
from models_app.statistics.references import CurveReference

REFERENCE = CurveReference(((0.5, 0.1), (0.9, 0.01)))
SCORES = [0.5, 0.9]


def drawn(risks: list[float], a_day: int, rng: np.random.Generator) -> tuple[np.ndarray, list[int]]:
    """Probabilities of days, in each of which so many times as many events exceed any level."""
    days = [1.0 - np.minimum(1.0, rng.random(a_day) / risk) for risk in risks]
    return np.concatenate(days), [a_day] * len(risks)


def by_days(values: np.ndarray, by_day: list[int]) -> list[np.ndarray]:
    """As events are read: the values of each day in increasing order."""
    return [np.sort(day) for day in np.split(values, np.cumsum(by_day)[:-1])]


def judged(risks: list[float], a_day: int = 2_000, seed: int = 0) -> HeldOut:
    return held_out(by_days(*drawn(risks, a_day, np.random.default_rng(seed))), REFERENCE, SCORES)


def test_held_out__of_two_weeks__is_the_last_four_days_by_a_fit_of_the_first_ten() -> None:
    values, by_day = drawn([1.0] * 14, 2_000, np.random.default_rng(1))
    found = held_out(by_days(values, by_day), REFERENCE, SCORES)
    assert (found.fitted_days, found.days, found.fitted, found.n) == (10, 4, 20_000, 8_000)
    scored = fit_mapping(values[:20_000], REFERENCE, SCORES).mapping().many(values[20_000:])
    assert [each.alerts for each in found.thresholds] == [(scored >= score).sum() for score in SCORES]
    assert [each.target for each in found.thresholds] == pytest.approx([0.1, 0.01])


@pytest.mark.parametrize(("days", "fitted"), [(3, 2), (4, 3), (7, 5), (10, 7), (28, 20)])
def test_held_out__days__are_split_at_five_of_seven(days: int, fitted: int) -> None:
    assert judged([1.0] * days).fitted_days == fitted


def test_held_out__days_before_the_first_event__do_not_count() -> None:
    values, by_day = drawn([1.0] * 7, 2_000, np.random.default_rng(1))
    found = held_out(by_days(values, [0, 0, *by_day]), REFERENCE, SCORES)
    assert (found.fitted_days, found.days) == (5, 2)


@pytest.mark.parametrize(
    ("by_day", "why_not"),
    [
        ([3_000], "its events are of 1 day, and it takes 3 to hold some out"),
        ([1_000, 1_000, 0], "there are no events after the first 2 days"),
        ([300, 300, 2_400], "the first 2 days have 600 events, too few to fit an alert rate of 1 % on"),
    ],
)
def test_held_out__of_too_little__says_why_there_is_none(by_day: list[int], why_not: str) -> None:
    values = np.random.default_rng(0).random(sum(by_day))
    assert held_out(by_days(values, by_day), REFERENCE, SCORES) == HeldOut(why_not=why_not)


def test_held_out__an_attack_in_the_last_days__is_seen_where_the_fit_of_all_sees_nothing() -> None:
    risks = [1.0] * 10 + [1.5] * 4
    found = judged(risks, 10_000)
    assert all(each.low > 1.1 * each.target for each in found.thresholds)
    values, _ = drawn(risks, 10_000, np.random.default_rng(0))
    assert all(each.reachable for each in fit_mapping(values, REFERENCE, SCORES).thresholds)


@pytest.mark.parametrize("spread", [0.0, 0.1])
def test_held_out__target_of_stable_traffic__lies_in_the_interval_in_95_of_100_cases(spread: float) -> None:
    """Independent events, and days that differ by 10 %: coverage at two thresholds, 200 runs each."""
    rng, runs, hits = np.random.default_rng(7), 200, np.zeros(2)
    for _ in range(runs):
        values, by_day = drawn(list(np.exp(rng.normal(0.0, spread, 14))), 400, rng)
        found = held_out(by_days(values, by_day), REFERENCE, SCORES)
        hits += [each.low <= each.target <= each.high for each in found.thresholds]
    assert np.all(hits / runs >= 0.92), hits / runs
    assert np.all(hits / runs <= 0.985), hits / runs


def test_held_out__days_that_differ__have_wider_intervals_than_those_that_do_not() -> None:
    still, moving = judged([1.0] * 14, 10_000), judged([0.8, 1.2] * 7, 10_000)
    width = [each.thresholds[0].high - each.thresholds[0].low for each in (still, moving)]
    assert width[1] > 2 * width[0]


def test_held_out__no_alert_in_the_days_held_out__has_an_interval_all_the_same() -> None:
    values = np.concatenate([np.linspace(0.0, 1.0, 2_000), np.zeros(1_000)])
    found = held_out(by_days(values, [1_000, 1_000, 1_000]), REFERENCE, SCORES)
    assert [each.alerts for each in found.thresholds] == [0, 0]
    assert all(0.0 == each.low < each.high for each in found.thresholds)


def test_next_week__after_days_held_out_that_were_off__is_told_wider() -> None:
    weeks = []
    for risks in ([1.0] * 14, [1.0] * 10 + [1.4] * 4):
        found = judged(risks, 10_000)
        weeks.append(next_week(found, found.thresholds[0], 0.1, 140_000))
    assert weeks[0].low < 0.1 < weeks[0].high
    assert weeks[1].high - weeks[1].low > 1.5 * (weeks[0].high - weeks[0].low)


def test_together__of_two_fits__weighs_each_by_its_share() -> None:
    parts = [
        HeldOutRate(0.9, 0.01, 100, 10_000, 0.01, 0.008, 0.012),
        HeldOutRate(0.9, 0.01, 60, 2_000, 0.03, 0.02, 0.04),
    ]
    found = together([(0.75, parts[0]), (0.25, parts[1])])
    assert (found.alerts, found.n, found.rate) == (160, 12_000, pytest.approx(0.015))
    assert found.low == pytest.approx(0.015 - np.hypot(0.75 * 0.002, 0.25 * 0.01))
    assert together([(1.0, parts[0])]) == parts[0]
