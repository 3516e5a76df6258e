"""Every metric is documented and every documented one exists; alert rules and dashboard name no others."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase

from muse_site import console_metrics
from muse_site.driving.running import ROOT
from scoring.consumer import metrics as of_consumer
from scoring.serving import metrics as of_serving

PAGE = (ROOT / "docs" / "metrics.md").read_text()
FOLDER = ROOT / "deploy" / "monitoring"
ROW = re.compile(r"^\| `(muse_\w+)` \| (\w+) \| ([^|]*)\|", re.MULTILINE)
NAME = re.compile(r"\bmuse_\w+")
SUFFIXES = {"histogram": ("_bucket", "_count", "_sum"), "counter": (), "gauge": ()}
FUNCTIONS = {"sum", "max", "min", "rate", "increase", "time", "histogram_quantile", "by"}


def of_code() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Kind and labels of each metric by its name, as Prometheus sees it."""
    found = {}
    made = {id(each): each for each in REGISTRY._collector_to_names if isinstance(each, MetricWrapperBase)}
    declared = [each for module in (of_serving, of_consumer) for each in vars(module).values()]
    for metric in (each for each in declared if id(each) in made):
        name = f"{metric._name}_total" if metric._type == "counter" else metric._name
        found[name] = (metric._type, tuple(metric._labelnames))
    return found | {name: ("gauge", labels) for name, (labels, _) in console_metrics.GAUGES.items()}


def documented() -> dict[str, tuple[str, tuple[str, ...]]]:
    return {name: (kind, tuple(re.findall(r"`(\w+)`", labels))) for name, kind, labels in ROW.findall(PAGE)}


def test_metrics__of_the_code__are_those_of_the_page() -> None:
    assert documented() == of_code()
    assert set(NAME.findall(PAGE)) == set(documented())


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def queries() -> Iterator[str]:
    yield from (rule["expr"] for rule in rules())
    for panel in json.loads((FOLDER / "dashboard.json").read_text())["panels"]:
        yield from (target["expr"] for target in panel["targets"])


@pytest.mark.parametrize("query", list(queries()))
def test_query__names_and_labels__are_documented_and_its_brackets_close(query: str) -> None:
    page = documented()
    bare = re.sub(r'"[^"]*"', '""', query)
    for opened, closed in ("()", "[]", "{}"):
        assert bare.count(opened) == bare.count(closed)
    known = {f"{name}{suffix}": name for name, (kind, _) in page.items() for suffix in (*SUFFIXES[kind], "")}
    used = NAME.findall(bare)
    assert set(used) <= known.keys()
    labels = {label for name in used for label in page[known[name]][1]} | {"le", "instance", "job"}
    selected = re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"", query)
    grouped = [each.strip() for group in re.findall(r"\bby\s*\(([^)]*)\)", bare) for each in group.split(",")]
    assert {*selected, *grouped} <= labels
    assert set(re.findall(r"\b([a-z_]+)\s*\(", bare)) <= FUNCTIONS


def test_alerts__each__says_what_it_is_and_how_urgent() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names) > 10
    for rule in rules():
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("page", "warn", "info")
        assert set(rule["annotations"]) == {"summary", "description"}


def test_dashboard__panels__do_not_overlap() -> None:
    places = [panel["gridPos"] for panel in json.loads((FOLDER / "dashboard.json").read_text())["panels"]]
    cells = [(x, y) for p in places for x in range(p["x"], p["x"] + p["w"]) for y in range(p["y"], p["y"] + p["h"])]
    assert len(set(cells)) == len(cells)
