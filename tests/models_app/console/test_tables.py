"""Tables: their columns are what addresses sort by, with or without a database behind them."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from models_app.catalog.models import ModelVersion
from models_app.console.ui.listing import Listing
from models_app.console.ui.panels import Cell
from models_app.console.ui.tables import Column, Table
from tests.factories import World, make_model

Visit = Callable[..., Client]
COLUMNS: Sequence[Column[ModelVersion]] = (
    Column("beta", "β", lambda row: Cell(f"{row.beta:g}"), sort="beta"),
    Column("asked-for", "Asked for", lambda row: Cell(row.created_at), sort="created_at"),
    Column("notes", "Notes", lambda row: Cell(row.notes)),
)


def listing(sort: str) -> Listing:
    return Listing(RequestFactory().get("/models", {"sort": sort}), ModelVersion.objects.all(), COLUMNS)


@pytest.mark.parametrize("sort", ["beta", "-beta", "asked-for", "-asked-for"])
def test_sort__by_a_columns_name__is_in_the_addresses_and_marked(sort: str) -> None:
    marked = [head["words"] for head in listing(sort).heads if head.get("now") in ("ascending", "descending")]
    assert listing(sort).sorted_by == sort
    assert marked == ["β" if "beta" in sort else "Asked for"]


@pytest.mark.parametrize("sort", ["", "-", "notes", "-notes", "no-such-column"])
def test_sort__by_what_no_column_sorts__leaves_the_order(sort: str) -> None:
    assert listing(sort).sorted_by == ""
    assert {head.get("now", "none") for head in listing(sort).heads} == {"none"}


def test_sort__by_the_words_of_a_header__is_as_by_its_name(world: World, visit: Visit) -> None:
    by_name, by_words = (visit("viewer").get("/tenants", {"sort": sort}) for sort in ("-events", "-events-scored-24-h"))
    for answer in (by_name, by_words):
        assert 'aria-sort="descending"' in answer.content.decode()
        assert 'href="?sort=events"' in answer.content.decode()  # which turns it round


@pytest.mark.parametrize(("sort", "shown"), [("beta", ["low", "middle", "high"]), ("-beta", ["high", "middle", "low"])])
def test_models__sorted_by_beta__are_in_its_order(
    world: World, visit: Visit, settings: Settings, tmp_path: Path, sort: str, shown: list[str]
) -> None:
    settings.MEDIA_ROOT = tmp_path
    for name, beta in (("middle", 0.1), ("low", 0.01), ("high", 0.9)):
        make_model(name, beta=beta)
    page = visit("viewer").get("/models", {"sort": sort}).content.decode()
    assert re.findall(">(low|middle|high)@1</a>", page) == shown


def test_table__of_plain_rows__draws_each_cell_beside_its_header() -> None:
    columns: Sequence[Column[tuple[str, int]]] = (
        Column("name", "Name", lambda row: Cell(row[0])),
        Column("size", "Size", lambda row: Cell(row[1], kind="number")),
    )
    table = Table(columns, [("a", 1), ("b", 2)])
    assert table.heads == [{"words": "Name"}, {"words": "Size"}]
    assert [[(words, cell.value) for words, cell in row] for row in table.named_rows] == [
        [("Name", "a"), ("Size", 1)],
        [("Name", "b"), ("Size", 2)],
    ]
