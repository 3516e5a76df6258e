"""The stability benchmark's arithmetic, on weeks whose figures are known."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from benchmarks.counts import Count
from benchmarks.measures import Edge, Week, auc_difference, floor, measure, nearer
from benchmarks.plan import plan_of
from benchmarks.ranking import ranking, recall_at

EDGE = Edge(score=0.9, rate=0.1)


def week(tenant: str, number: int, alerts: int, n: int = 100, transform: int = 1) -> Week:
    score = np.full(n, 0.5)
    score[:alerts] = 0.9
    label = np.arange(n) % 2 == 0
    return Week(tenant, number, transform, n_fit=200, probability=score / 2, score=score, label=label)


def test_weeks__of_the_card_transactions__begin_after_the_fitting_month_and_leave_no_day_out() -> None:
    found = plan_of(183, warm_up=30).weeks()
    assert len(found) == 13
    assert found[0] == (91, 98)
    assert found[-1] == (175, 183)
    assert all(end == begin for (_, end), (begin, _) in pairwise(found))


def test_weeks__when_only_some_are_judged__are_the_first() -> None:
    assert plan_of(183, most_weeks=2).weeks() == [(91, 98), (98, 105)]


def test_errors__of_weeks_that_even_out__are_those_of_the_weeks() -> None:
    at = measure([week("a", 0, 5), week("a", 1, 15)], [EDGE]).edges["0.1"]
    assert (at.median, at.worst) == (pytest.approx(50.0), pytest.approx(50.0))


def test_errors__of_all_weeks_together__cancel_and_are_told_of_the_worst_tenant() -> None:
    at = measure([week("a", 0, 5), week("a", 1, 15), week("b", 0, 9), week("b", 1, 9)], [EDGE]).edges["0.1"]
    assert at.period == {"a": pytest.approx(0.0), "b": pytest.approx(10.0)}
    assert at.worst_period == pytest.approx(10.0)


def test_auc_difference__of_a_week_that_several_transforms_mapped__is_not_asked_for() -> None:
    several = replace(week("a", 0, 10), transform=None, probability=np.zeros(100), label=np.arange(100) < 10)
    assert auc_difference([several]) == 0.0
    assert auc_difference([replace(several, transform=1)]) > 0.0


def test_errors__of_tenant_weeks__have_median_and_worst() -> None:
    at = measure([week("a", 0, 10), week("b", 0, 11), week("c", 0, 7)], [EDGE]).edges["0.1"]
    assert at.median == pytest.approx(10.0)
    assert at.worst == pytest.approx(30.0)
    assert at.to_floor == pytest.approx(10.0 / at.floor)


def test_nearer__of_two_arms__counts_the_tenant_weeks_that_differ() -> None:
    arm, other = (
        measure([week("a", number, alerts) for number, alerts in enumerate(found)], [EDGE]).edges["0.1"]
        for found in ((10, 12, 14, 9), (11, 12, 13, 20))
    )
    assert nearer(arm, other) == Count(2, 3)


def test_count__of_tenant_weeks__tells_the_interval_of_wilson() -> None:
    assert str(Count(35, 39)) == "35 of 39 (76 to 96 %)"
    assert str(Count(0, 0)) == "0 of 0 (0 to 100 %)"


def test_ratios__by_tenant__go_by_week() -> None:
    at = measure([week("a", 1, 20), week("a", 0, 5)], [EDGE]).edges["0.1"]
    assert at.ratios == {"a": [pytest.approx(0.5), pytest.approx(2.0)]}


def test_floor__of_two_weeks_to_fit_and_one_to_judge__is_that_of_the_protocol() -> None:
    assert floor(0.01, n_fit=22_400, n_week=11_200) == pytest.approx(7.8, abs=0.05)


def test_ranking__of_weeks_on_different_scales__loses_what_each_week_has() -> None:
    label = np.arange(100) < 10
    score = np.where(label, 0.4, 0.1)
    assert ranking([score, score], [label, label]).figures == (1.0, 1.0, 1.0)
    moved = ranking([score, score + 0.5], [label, label])
    assert moved.recall == (0.5, 0.5)
    assert 0.5 < moved.auc < 1.0


def test_ranking__without_a_risky_event__is_unknown() -> None:
    assert np.isnan(ranking([np.ones(3)], [np.zeros(3, bool)]).figures).all()


def test_recall__at_a_rate_of_false_positives__alerts_no_more_of_them() -> None:
    score = np.concatenate([np.arange(100) / 100, [0.985, 0.995]])
    label = np.arange(102) >= 100
    assert [recall_at(score, label, rate) for rate in (0.0, 0.01, 0.02)] == [0.5, 1.0, 1.0]


def test_auc_difference__of_an_increasing_mapping__is_none() -> None:
    assert auc_difference([week("a", 0, 10), week("a", 1, 20)]) == 0.0


def test_auc_difference__where_scores_lose_an_order__is_the_largest_of_all_transforms() -> None:
    label = np.array([True, False])
    lost = Week("a", 1, 2, 200, probability=np.array([0.4, 0.2]), score=np.array([0.5, 0.5]), label=label)
    assert auc_difference([week("a", 0, 10), lost]) == pytest.approx(0.5)
