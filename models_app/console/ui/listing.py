"""Rows of the database as a table that searches, filters, sorts and pages."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.text import slugify

from models_app.console.ui.panels import Moment, Timeline
from models_app.console.ui.tables import Column, Table

PER_PAGE = 50
_TRUTH = {"True": True, "False": False}  # as an address says it
NOTHING_MATCHES = "Nothing matches. Look for something else, or clear the filters."
Choices = Sequence[str | tuple[str, str]]


@dataclass
class Listing:
    """A request's part of `rows`, as its `columns` show and sort them. Unsorted, rows stay in their own order.

    `search`: lookups that `?q=` looks into; `filters`: parameter → (lookup, choices, each a value or a value with its
    words).
    """

    request: HttpRequest
    rows: QuerySet[Any]
    columns: Sequence[Column[Any]] = ()
    search: Sequence[str] = ()
    filters: Mapping[str, tuple[str, Choices]] = field(default_factory=dict)
    per_page: int = PER_PAGE

    @property
    def query(self) -> str:
        return self.request.GET.get("q", "").replace("\x00", "").strip()

    @property
    def choices(self) -> list[tuple[str, list[tuple[str, str]], str]]:
        """Of each filter: its name, what can be chosen (value, words), and what is."""
        return [(name, _pairs(offered), self.request.GET.get(name, "")) for name, (_, offered) in self.filters.items()]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query) or any(chosen for _, _, chosen in self.choices)

    @property
    def is_searchable(self) -> bool:
        return bool(self.search or self.filters)

    @property
    def sorted_by(self) -> str:
        """As the address has it: `tenant`, or `-tenant` for the largest first."""
        return f"{'-' * self._is_descending}{self._sorting.name}" if self._sorting else ""

    @cached_property
    def page(self) -> Any:
        return Paginator(self._found(), self.per_page).get_page(self.request.GET.get("page"))

    @property
    def heads(self) -> list[dict[str, str]]:
        """Each header's words, the address that sorts by it, and how it is sorted now."""
        return [self._head(column) for column in self.columns]

    @property
    def before(self) -> str:
        return self._link(page=str(self.page.previous_page_number())) if self.page.has_previous() else ""

    @property
    def after(self) -> str:
        return self._link(page=str(self.page.next_page_number())) if self.page.has_next() else ""

    def table(self, **words: Any) -> Table[Any]:
        """The page of it."""
        return Table(self.columns, list(self.page), listing=self, **self._words(words))

    def timeline(self, moment: Callable[[Any], Moment], **words: Any) -> Timeline:
        """The page of it, each row a moment."""
        return Timeline([moment(each) for each in self.page], listing=self, **self._words(words))

    def _words(self, words: dict[str, Any]) -> dict[str, Any]:
        """What is said where there are no rows: that nothing matches, where it is looked for."""
        said = {name: text for name, text in words.items() if name not in ("empty", "next_link")}
        return {**said, "empty": NOTHING_MATCHES} if self.is_narrowed else words

    @cached_property
    def _sorting(self) -> Column[Any] | None:
        """The column that is sorted by. Addresses had the slug of its header once: those still work."""
        asked = self.request.GET.get("sort", "").removeprefix("-")
        return next((each for each in self.columns if each.sort and asked in _names(each)), None)

    @property
    def _is_descending(self) -> bool:
        return self.request.GET.get("sort", "").startswith("-")

    def _head(self, column: Column[Any]) -> dict[str, str]:
        if not column.sort:
            return {"words": column.header}
        name = column.name
        now = {name: "ascending", f"-{name}": "descending"}.get(self.sorted_by, "none")
        other = f"-{name}" if now == "ascending" else name
        return {"words": column.header, "now": now, "href": self._link(sort=other, page="")}

    def _link(self, **changes: str) -> str:
        query = self.request.GET.copy()
        for name, value in changes.items():
            query[name] = value
        return "?" + "&".join(part for part in query.urlencode().split("&") if not part.endswith("="))

    def _found(self) -> QuerySet[Any]:
        rows = self.rows
        for name, (lookup, offered) in self.filters.items():
            if (chosen := self.request.GET.get(name, "")) in dict(_pairs(offered)):
                rows = rows.filter(**{lookup: _TRUTH.get(chosen, chosen)})
        if self.query and self.search:
            rows = rows.filter(reduce(or_, (Q(**{f"{each}__icontains": self.query}) for each in self.search)))
        return self._sorted(rows)

    def _sorted(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if self._sorting is None:
            return rows
        return rows.order_by(f"{'-' * self._is_descending}{self._sorting.sort}", "pk")


def _names(column: Column[Any]) -> set[str]:
    return {column.name, slugify(column.header)} - {""}


def _pairs(offered: Iterable[str | tuple[str, str]]) -> list[tuple[str, str]]:
    return [(each, each) if isinstance(each, str) else each for each in offered]
