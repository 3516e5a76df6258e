"""The stability benchmark's report: weeks first, the form of its JSON, its page."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import page, report
from benchmarks.events import DAY, Events
from benchmarks.forecasts import Cell
from benchmarks.measures import ArmMeasures, AtEdge, Edge
from benchmarks.plan import plan_of
from benchmarks.protocol import ARMS
from benchmarks.ranking import Ranking

EDGES = [Edge(0.5, 0.1), Edge(0.8, 0.01), Edge(0.95, 0.001)]
PLAN = plan_of(60)


def measures(auc_difference: float = 0.0) -> report.Measures:
    at = AtEdge({"alder": [1.0, 1.1], "birch": [0.8, 1.0]}, 7.8)
    ranked = {"alder": Ranking(0.9, (0.7, 0.5)), "birch": Ranking(0.8, (0.6, 0.4))}
    found = dict.fromkeys(ARMS, ArmMeasures({edge.name: at for edge in EDGES}, ranked, auc_difference))
    worse = replace(found["weekly_14d"], ranking={**ranked, "birch": Ranking(0.79, (0.6, 0.37))})
    return {**found, "weekly_14d": worse}


def events() -> Events:
    at = np.arange(60) * DAY
    return Events("simulated events", "tenants by bank", True, ["alder"], [], at, at * 0, at[:, None] * 1.0, at > 0)


def test_json__of_all_arms__has_the_documented_form() -> None:
    found = json.loads(report.as_json(events(), PLAN, measures(), {"0.1": {"count": 35}}))
    assert found["forecast"] == {"0.1": {"count": 35}}
    assert found["data"]["simulated"] is True
    assert found["data"]["events_a_week"] == {"alder": 7.0}
    assert list(found["arms"]) == ["old", "swap", "once", "weekly_7d", "weekly_14d", "weekly_28d"]
    arm = found["arms"]["weekly_14d"]
    assert list(arm["week"]) == ["0.1", "0.01", "0.001"]
    assert arm["week"]["0.01"]["median"] == pytest.approx(5.0)
    assert arm["week"]["0.01"]["worst"] == pytest.approx(20.0)
    assert arm["week"]["0.01"]["to_floor"] == pytest.approx(5.0 / 7.8)
    assert arm["ranking"]["birch"] == {"auc": 0.79, "recall": {"0.01": 0.6, "0.001": 0.37}}
    assert "period" not in arm


def test_told__of_simulated_events__says_so_and_how_tenants_differ() -> None:
    assert "60 simulated events, 1970-01-01 to 1970-03-01; tenants by bank" in report.told_of(events(), PLAN)


def test_text__of_all_arms__begins_with_weeks_and_ends_with_what_they_cost() -> None:
    text = report.as_text(measures(), EDGES)
    assert text.index("week’s alert rate") < text.index("refitting costs")
    assert "5.0, 17.0, 20 [7.8]" in text
    assert "0.8450 (-0.0100)" in text
    assert "0.4350 (-0.0300)" in text


@pytest.mark.parametrize(("difference", "sentence"), [(0.0, "as it must be"), (1e-8, "WHICH MUST NOT BE")])
def test_text__of_auc_within_a_transform__says_whether_it_is_untouched(difference: float, sentence: str) -> None:
    assert sentence in report.as_text(measures(difference), EDGES)


def test_page__written__needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "report" / "stability.html"
    cells = [Cell(tenant, 0, edge, 0.0, 0.05, 0.02) for tenant in ("alder", "birch") for edge in EDGES]
    page.write(file, "60 simulated events", measures(), cells, EDGES, "all in <numbers>")
    html = file.read_text()
    assert "all in &lt;numbers&gt;" in html
    assert "60 simulated events" in html
    assert "thresholds as they were" in html
    assert "<script src=" not in html
    assert "Plotly.newPlot" in html
