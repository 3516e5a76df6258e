"""Columns: typed by the release, whatever was recorded."""

import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from scoring.engine import document
from scoring.eventlog import lake
from scoring.eventlog.columns import column_name, event_table
from tests.eventlog.helpers import INTENT, TENANT, consume, event, rows, write, writer

ROUTE = document.Route("all", document.Target("cards@1", 17))


def table_of(kind: str, *values: Any, existing: dict[str, pa.DataType] | None = None) -> pa.Table:
    intent = document.Intent((document.Feature("x", type=kind),), (ROUTE,))
    records = [event(str(number), features={"x": value}) for number, value in enumerate(values)]
    return event_table(records, {}, lambda release: intent, existing or {})


@pytest.mark.parametrize(
    ("kind", "values", "stored"),
    [
        ("number", [1, 2.5, None, True, "a", 10**30], [1.0, 2.5, None, None, None, 1e30]),
        ("integer", [1, 2.0, 2.5, True, 2**63, "1"], [1, 2, None, None, None, None]),
        ("boolean", [True, False, None, 1, "true"], [True, False, None, None, None]),
        ("category", ["a", None, 5, True], ["a", None, None, None]),
    ],
)
def test_event_table__values_of_other_types__become_null_and_no_event_is_lost(
    kind: str, values: list[Any], stored: list[Any]
) -> None:
    assert table_of(kind, *values).column("feature_x").to_pylist() == stored


def test_event_table__nan__stays_nan() -> None:
    assert math.isnan(table_of("number", math.nan).column("feature_x")[0].as_py())


def test_event_table__type_has_changed__another_column() -> None:
    found = table_of("integer", 5, existing={"feature_x": pa.float64()})
    assert found.column("feature_x__integer").to_pylist() == [5]
    assert "feature_x" not in found.schema.names


@pytest.mark.parametrize("name", ["a b", "a,b;c", "a=b", "a.b", "Größe", "a(b){c}\n\t", "~x", "x" * 200])
def test_column_name__any_feature_name__can_be_written(segments: Path, name: str) -> None:
    intent = document.Intent((document.Feature(name),), (ROUTE,))
    data = event_table([event("a", features={name: 1.5})], {}, lambda release: intent, {})
    lake.append(lake.TableName(TENANT, INTENT, "events"), None, data, {"m/0": 1})
    assert rows(f'"{column_name("feature", name)}"') == [1.5]


def test_column_name__different_names__differ() -> None:
    names = ["a b", "a.b", "a~20b", "a_b", "ab"]
    assert len({column_name("feature", name) for name in names}) == len(names)


def test_lake__transaction_versions__survive_checkpoints(segments: Path) -> None:
    out = writer(segments)
    for number in range(60):
        write(out, event(str(number)))
        consume(segments)
    table = lake.open_table(lake.TableName(TENANT, INTENT, "events"))
    assert table is not None
    assert list(
        (segments.parent / "lake" / str(TENANT) / INTENT / "events" / "_delta_log").glob("*.checkpoint.parquet")
    )
    assert table.transaction_version("m/0") is not None
    assert consume(segments).tally.events.total() == 0
