"""Forecasts from evidence beside the weeks that came: which are held, and what is said of them."""

import numpy as np
import pytest

from benchmarks import forecasts
from benchmarks.forecasts import Cell, Forecast, cells, read_forecasts
from benchmarks.forecasts_figure import draw
from benchmarks.measures import Edge, Week

HALF, RARE = Edge(0.5, 0.1), Edge(0.95, 0.001)


def week(alerts: int, number: int = 0) -> Week:
    score = np.where(np.arange(100) < alerts, 0.7, 0.1)
    return Week("alder", number, 1, 200, score, score, score > 0.5)


def cell(observed: float, edge: Edge = HALF) -> Cell:
    return Cell("alder", 0, edge, 0.08, 0.12, observed)


def test_forecasts__of_evidence__are_those_of_its_thresholds() -> None:
    threshold = {"name": "a", "score": 0.5, "forecast": {"events": 9, "low": 0.08, "high": 0.12, "weeks": [0.1]}}
    evidence = {"result": {"intents": [{"intent": "cards", "thresholds": [threshold]}]}}
    assert read_forecasts("alder", 3, evidence) == [Forecast("alder", 3, 0.5, 0.08, 0.12)]


def test_errors__of_days_held_out__are_beside_those_that_came() -> None:
    found = [Cell("alder", number, HALF, 0.08, 0.12, 0.1 + number / 100, 0.12) for number in range(3)]
    assert forecasts.errors(found) == (pytest.approx(20 * np.sqrt((3 / 14) / 0.35)), pytest.approx(10.0))
    assert "at 10.0%: 15.6 %, 10.0 %" in forecasts.as_text(found, [HALF])
    assert forecasts.errors([cell(0.1)]) is None


def test_ratio__of_errors__has_the_interval_that_the_weeks_leave() -> None:
    random = np.random.default_rng(3)
    forecast, came = random.normal(0.1, 0.01 / np.sqrt(3 / 14 / 0.35), 300), random.normal(0.1, 0.01, 300)
    found = [Cell("alder", week, HALF, 0.08, 0.12, came[week], forecast[week]) for week in range(300)]
    by, low, high = forecasts.ratio(found) or (0.0, 0.0, 0.0)
    assert 0.8 < low < by < high < 1.25
    few = forecasts.ratio(found[:13]) or (0.0, 0.0, 0.0)
    assert few[2] - few[1] > 2 * (high - low)
    assert forecasts.ratio([cell(0.1)]) is None


def test_forecasts__of_evidence_with_days_held_out__have_that_rate() -> None:
    threshold = {"score": 0.5, "forecast": {"low": 0.08, "high": 0.12}, "held_out": {"rate": 0.11}}
    evidence = {"result": {"intents": [{"intent": "cards", "thresholds": [threshold]}]}}
    assert read_forecasts("alder", 3, evidence)[0].held_out == 0.11


def test_cells__of_a_week__have_the_alert_rate_that_came() -> None:
    (found,) = cells([Forecast("alder", 0, 0.5, 0.08, 0.12)], [week(11)], [HALF])
    assert (found.observed, found.held) == (pytest.approx(0.11), True)


def test_cells__of_a_week_that_was_not_forecast__are_an_error() -> None:
    with pytest.raises(KeyError):
        cells([Forecast("alder", 0, 0.5, 0.08, 0.12)], [week(11, number=1)], [HALF])


@pytest.mark.parametrize(("observed", "held"), [(0.08, True), (0.12, True), (0.079, False), (0.121, False)])
def test_cell__at_the_ends_of_its_interval__is_held(observed: float, held: bool) -> None:
    assert cell(observed).held is held


def test_json__of_cells__counts_each_edge_by_itself() -> None:
    found = forecasts.as_json([cell(0.1), cell(0.2), cell(0.0, RARE)], [HALF, RARE])
    assert [(found[name]["count"], found[name]["of"]) for name in ("0.1", "0.001")] == [(1, 2), (0, 1)]


@pytest.mark.parametrize(
    ("missed", "verdict"), [(0, "95 % is possible"), (2, "95 % is possible"), (9, "fewer than 95 %")]
)
def test_text__of_cells__says_whether_95_percent_may_be_held(missed: int, verdict: str) -> None:
    found = [cell(0.2)] * missed + [cell(0.1)] * (39 - missed)
    assert f"{39 - missed} of 39" in forecasts.as_text(found, [HALF])
    assert verdict in forecasts.as_text(found, [HALF])


def test_figure__of_cells__tells_more_from_less_and_from_what_was_held() -> None:
    found = [Cell("alder", number, HALF, 0.08, 0.12, observed) for number, observed in enumerate((0.05, 0.1, 0.2))]
    (trace,) = draw(found, [HALF]).data
    assert [list(row) for row in trace.z] == [[-1, 0, 1]]
