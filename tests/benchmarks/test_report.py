"""The stability benchmark's report: the form of its JSON, its verdicts, its page."""

import json
from pathlib import Path

import pytest

from benchmarks import page, report
from benchmarks.forecasts import Cell
from benchmarks.measures import ArmMeasures, AtEdge, Edge
from benchmarks.protocol import ARMS

EDGES = [Edge(0.5, 0.1), Edge(0.8, 0.01), Edge(0.95, 0.001)]


def measures(median: float = 1.9, auc: float = 0.0) -> report.Measures:
    at = AtEdge(median, 3.0, 10.1, 22.2, 7.8, {"alder": [1.0, 1.1], "birch": [0.9, 1.0]})
    return {arm: ArmMeasures({edge.name: at for edge in EDGES}, auc) for arm in ARMS}


def test_json__of_all_arms__has_the_documented_form() -> None:
    found = json.loads(report.as_json(measures(), {"cells": 156, "held": 85.0}))
    assert found["forecast"] == {"cells": 156, "held": 85.0}
    assert list(found["arms"]) == ["old", "swap", "once", "weekly_7d", "weekly_14d", "weekly_28d"]
    arm = found["arms"]["weekly_14d"]
    assert arm["period"]["0.01"] == {"median": 1.9, "worst": 3.0}
    assert arm["week"]["0.01"] == {"median": 10.1, "floor": 7.8}
    assert arm["auc_difference"] == 0.0
    assert list(arm["period"]) == ["0.1", "0.01", "0.001"]


def test_promises__within_all_limits__are_kept() -> None:
    assert all(line.startswith("kept") for line in report.promises(measures(), EDGES))


@pytest.mark.parametrize(("median", "auc", "broken"), [(2.6, 0.0, 0), (1.0, 1e-8, 3)])
def test_promises__beyond_a_limit__say_which(median: float, auc: float, broken: int) -> None:
    lines = list(report.promises(measures(median, auc), EDGES))
    assert [line.startswith("NOT KEPT") for line in lines] == [number == broken for number in range(4)]


def test_page__written__needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "report" / "stability.html"
    cells = [Cell(tenant, 0, edge, 0.0, 0.05, 0.02) for tenant in ("alder", "birch") for edge in EDGES]
    page.write(file, measures(), cells, EDGES, "all in <numbers>")
    html = file.read_text()
    assert "all in &lt;numbers&gt;" in html
    assert "plain swap" in html
    assert "<script src=" not in html
    assert "Plotly.newPlot" in html
