"""Tables: a column is one object, with its words, the cell that it draws of a row, and what it sorts by."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from models_app.console.ui.panels import Cell, Panel

Row = TypeVar("Row")


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column of a table. Addresses know it by `name`, which stays when the words of its `header` change.

    `cell` draws it for a row; `sort` is the field that a listing's rows can be sorted by, empty where they cannot.
    """

    name: str
    header: str
    cell: Callable[[Row], Cell]
    sort: str = ""


@dataclass(frozen=True)
class Table(Panel, Generic[Row]):
    """`empty` is said where there are no rows: why, and what to do. `listing` has search, filters and pages, if any."""

    template: ClassVar[str] = "console/panels/table.html"
    columns: Sequence[Column[Row]]
    rows: Sequence[Row]
    title: str = ""
    empty: str = "There is nothing here yet."
    listing: Any = None
    hint: str = ""
    next_link: tuple[str, str] | None = None  # (words, address): what to do where there are no rows

    @property
    def heads(self) -> Sequence[Any]:
        """The headers, each with the address that sorts by it, if there is one."""
        return self.listing.heads if self.listing else [{"words": column.header} for column in self.columns]

    @property
    def named_rows(self) -> Sequence[Sequence[tuple[str, Cell]]]:
        """Return rows of (header, cell): narrow screens show the header beside the cell."""
        return [[(column.header, column.cell(row)) for column in self.columns] for row in self.rows]
