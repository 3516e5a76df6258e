"""Columns: typed by the release, whatever was recorded."""

import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine import document
from scoring.lake import delta
from scoring.lake.columns import event_table
from scoring.lake.events import Events, Part
from scoring.lake.names import TYPES, column_to_write, columns_of, doubtful_columns, is_certain, name_of, own_column
from tests.scoring.eventlog import INTENT, TENANT, consume, event, rows, write, writer

ROUTE = document.Route("all", document.Target("cards@1", 17))


def table_of(kind: str, *values: Any, existing: dict[str, pa.DataType] | None = None) -> pa.Table:
    intent = document.Intent((document.Feature("x", type=kind),), (ROUTE,))
    records = [event(str(number), features={"x": value}) for number, value in enumerate(values)]
    return event_table([Part(intent, Events.of(records))], existing or {})


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
    assert found.column("feature_x~~integer").to_pylist() == [5]
    assert "feature_x" not in found.schema.names


@pytest.mark.parametrize(
    "name",
    [
        "a b",
        "a,b;c",
        "a=b",
        "a.b",
        "Größe",
        "a(b){c}\n\t",
        "~x",
        "x" * 200,
        "金額",
        "{source}",
        'a"b',
        "a'b",
        "x__integer",
    ],
)
def test_column_to_write__any_feature_name__can_be_written(segments: Path, name: str) -> None:
    intent = document.Intent((document.Feature(name),), (ROUTE,))
    data = event_table([Part(intent, Events.of([event("a", features={name: 1.5})]))], {})
    delta.append(delta.TableName(TENANT, INTENT, "events"), None, data, {"m/0": 1})
    column = column_to_write("feature", name, "number", {}).replace('"', '""')
    assert rows(f'"{column}"') == [1.5]


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("amount", "feature_amount"),
        ("Amount", "feature_Amount"),
        ("a.x", "feature_a~2ex"),
        ("a b", "feature_a~20b~~number"),  # as a former version would have called U+020B
        ("x__integer", "feature_x__integer~~number"),
        ("größe", "feature_gr~c3~b6~c3~9fe~~number"),
    ],
)
def test_column_to_write__new_table__is_readable_where_it_is_certain(name: str, column: str) -> None:
    assert column_to_write("feature", name, "number", {}) == column


def test_column_to_write__column_of_another_case_is_there__another_column() -> None:
    known = {"feature_Amount": pa.float64()}
    assert column_to_write("feature", "amount", "number", known) == "feature_amount~~number"
    assert column_to_write("feature", "AMOUNT", "number", known) == "feature_~41~4d~4f~55~4e~54~~number"
    assert column_to_write("feature", "Amount", "number", known) == "feature_Amount"


any_name = st.text(st.sampled_from("aAbB02_~. {}'\"ßſKéè金\u020b\u0301"), min_size=1, max_size=6) | st.sampled_from(
    ["x", "X", "x__integer", "x__number", "x__integer__integer", "a b", "a\u020b", "x~~integer"]
)
steps = st.lists(st.tuples(st.sampled_from(["feature", "context"]), any_name, st.sampled_from(["number", "boolean"])))


@given(steps)
def test_column_to_write__any_names_and_types__each_finds_its_own_and_case_never_clashes(steps: Any) -> None:
    known: dict[str, pa.DataType] = {}
    columns = {}
    for prefix, name, type_name in steps:
        column = column_to_write(prefix, name, type_name, known)
        assert columns.setdefault(column, (prefix, name, type_name)) == (prefix, name, type_name)
        assert column == column_to_write(prefix, name, type_name, known | {column: TYPES[prefix][type_name]})
        known[column] = TYPES[prefix][type_name]
    assert len({column.lower() for column in known}) == len(known)
    for column, (prefix, name, _) in columns.items():
        assert name_of(column) == (prefix, name)
        assert column in columns_of(prefix, name, known)
        assert not doubtful_columns(prefix, name, known)


def test_own_column__names_that_a_former_version_took_for_one__differ() -> None:
    names = ["a b", "a.b", "a~20b", "a_b", "ab", "a\u020b", "A b"]
    assert len({own_column("feature", name, "number").lower() for name in names}) == len(names)
    assert not is_certain("feature_x__integer")


def test_lake__transaction_versions__survive_checkpoints(segments: Path) -> None:
    out = writer(segments)
    for number in range(60):
        write(out, event(str(number)))
        consume(segments)
    table = delta.open_table(delta.TableName(TENANT, INTENT, "events"))
    assert table is not None
    assert list(
        (segments.parent / "lake" / str(TENANT) / INTENT / "events" / "_delta_log").glob("*.checkpoint.parquet")
    )
    assert table.transaction_version("m/0") is not None
    assert consume(segments).tally.events.total() == 0
