"""The stability benchmark's arithmetic, on weeks whose figures are known."""

from itertools import pairwise

import numpy as np
import pytest

from benchmarks.measures import Edge, Week, auc_difference, floor, measure
from benchmarks.protocol import weeks

EDGE = Edge(score=0.9, rate=0.1)


def week(tenant: str, number: int, alerts: int, n: int = 100, transform: int = 1) -> Week:
    score = np.full(n, 0.5)
    score[:alerts] = 0.9
    fraud = np.arange(n) % 2 == 0
    return Week(tenant, number, transform, n_fit=200, probability=score / 2, score=score, fraud=fraud)


def test_weeks__of_the_file__begin_after_the_fitting_month_and_leave_no_day_out() -> None:
    found = weeks()
    assert len(found) == 13
    assert found[0] == (91, 98)
    assert found[-1] == (175, 183)
    assert all(end == begin for (_, end), (begin, _) in pairwise(found))


def test_period__of_weeks_that_even_out__has_no_error() -> None:
    at = measure([week("a", 0, 5), week("a", 1, 15)], [EDGE]).edges["0.1"]
    assert at.period_median == pytest.approx(0.0)
    assert at.week_median == pytest.approx(50.0)


def test_period__of_three_tenants__has_median_and_worst_of_them() -> None:
    at = measure([week("a", 0, 10), week("b", 0, 11), week("c", 0, 7)], [EDGE]).edges["0.1"]
    assert at.period_median == pytest.approx(10.0)
    assert at.period_worst == pytest.approx(30.0)


def test_period__of_weeks_of_unequal_size__counts_events_not_weeks() -> None:
    at = measure([week("a", 0, 10), week("a", 1, 60, n=300)], [EDGE]).edges["0.1"]
    assert at.period_median == pytest.approx(75.0)


def test_ratios__by_tenant__go_by_week() -> None:
    at = measure([week("a", 1, 20), week("a", 0, 5)], [EDGE]).edges["0.1"]
    assert at.ratios == {"a": [pytest.approx(0.5), pytest.approx(2.0)]}


def test_floor__of_two_weeks_to_fit_and_one_to_judge__is_that_of_the_protocol() -> None:
    assert floor(0.01, n_fit=22_400, n_week=11_200) == pytest.approx(7.8, abs=0.05)


def test_error_to_floor__over_edges__is_the_median() -> None:
    edges = [Edge(0.9, 0.1), Edge(0.91, 0.05), Edge(0.92, 0.02)]
    found = measure([week("a", 0, 12)], edges)
    ratios = [found.edges[edge.name].week_median / found.edges[edge.name].floor for edge in edges]
    assert found.error_to_floor() == pytest.approx(sorted(ratios)[1])


def test_auc_difference__of_an_increasing_mapping__is_none() -> None:
    assert auc_difference([week("a", 0, 10), week("a", 1, 20)]) == 0.0


def test_auc_difference__where_scores_lose_an_order__is_the_largest_of_all_transforms() -> None:
    fraud = np.array([True, False])
    lost = Week("a", 1, 2, 200, probability=np.array([0.4, 0.2]), score=np.array([0.5, 0.5]), fraud=fraud)
    assert auc_difference([week("a", 0, 10), lost]) == pytest.approx(0.5)
