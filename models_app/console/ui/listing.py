"""Rows of the database as a table that searches, filters, sorts and pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import slugify
from django_filters import FilterSet

from models_app.console.ui.panels import Moment, Timeline
from models_app.console.ui.tables import Column, Table
from tenants.filters import Choices, expected
from tenants.ordering import in_order

PER_PAGE = 50
NOTHING_MATCHES = "Nothing matches. Look for something else, or clear the filters."


@dataclass(frozen=True)
class Typed:
    """A filter whose value is typed in, as a `kind` of input. `example` stands in it while it is empty."""

    name: str
    words: str
    kind: str = "text"
    example: str = ""
    suggestions: Sequence[str] = ()


@dataclass
class Listing:
    """A request's part of `rows`, as its `columns` show and sort them. Unsorted, rows stay in their own order.

    `filters` are the same as in REST. `offered`: values of filters that take any, by the filter's name, where the page
    knows them all; `typed`: those that have a field to type in. A value that cannot be is said, and finds nothing.
    """

    request: HttpRequest
    rows: QuerySet[Any]
    columns: Sequence[Column[Any]] = ()
    filters: type[FilterSet] = FilterSet
    offered: Mapping[str, Choices] = field(default_factory=dict)
    per_page: int = PER_PAGE
    typed: Sequence[Typed] = ()

    @property
    def query(self) -> str:
        return self._parameter("q")

    @property
    def is_searched(self) -> bool:
        """Whether it can be searched for words."""
        return "q" in self.filters.base_filters

    @property
    def choices(self) -> list[tuple[str, str, Choices, str]]:
        """For each filter with known values: its name, label, choices as (value, label), and the chosen value."""
        return [(name, name.replace("_", " "), values, self._parameter(name)) for name, values in self._values.items()]

    @property
    def fields(self) -> list[tuple[Typed, str]]:
        """Each filter that is typed in, with what is typed."""
        return [(each, self._parameter(each.name)) for each in self.typed]

    @property
    def is_narrowed(self) -> bool:
        return any(map(self._parameter, self.filters.base_filters))

    @property
    def is_searchable(self) -> bool:
        return bool(self.filters.base_filters)

    @property
    def sorted_by(self) -> str:
        """Return the order as the address has it: `tenant`, or `-tenant` for the largest first."""
        return f"{'-' * self._is_descending}{self._sorting.name}" if self._sorting else ""

    @cached_property
    def page(self) -> Any:
        return Paginator(self.matching, self.per_page).get_page(self.request.GET.get("page"))

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
        """The table's texts. Of a narrowed list, `empty` says that nothing matches, or which filter is invalid."""
        others = {name: text for name, text in words.items() if name not in ("empty", "next_link")}
        return {**others, "empty": " ".join(self.faults) or NOTHING_MATCHES} if self.is_narrowed else words

    @cached_property
    def _sorting(self) -> Column[Any] | None:
        """The column that is sorted by. Addresses had the slug of its header once: those still work."""
        name = self.request.GET.get("sort", "").removeprefix("-")
        return next((each for each in self.columns if each.sort and name in _names(each)), None)

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

    def _parameter(self, name: str) -> str:
        return self.request.GET.get(name, "").replace("\x00", "").strip()

    @cached_property
    def _values(self) -> Mapping[str, Choices]:
        """Return by a filter's name the values that it can have, each with its words."""
        filters = self.filters.base_filters.items()
        return {**{name: each.extra["choices"] for name, each in filters if "choices" in each.extra}, **self.offered}

    @cached_property
    def faults(self) -> list[str]:
        """A sentence for each filter whose value cannot be."""
        return [*self._none_of_the_choices(), *self._mistyped()]

    @cached_property
    def matching(self) -> QuerySet[Any]:
        """The rows on all pages together."""
        return self.rows.none() if self.faults else self._sorted(self._narrowed.qs)

    @cached_property
    def _narrowed(self) -> FilterSet:
        return self.filters({name: self._parameter(name) for name in self.filters.base_filters}, self.rows)

    def _mistyped(self) -> list[str]:
        errors = self._narrowed.errors if self.typed else {}
        return [f"{each.words}: {' '.join(errors[each.name])}" for each in self.typed if each.name in errors]

    def _none_of_the_choices(self) -> list[str]:
        """A sentence for each filter whose value is none of its choices."""
        parameters = {
            name: (self._parameter(name), [value for value, _ in values]) for name, values in self._values.items()
        }
        return [
            f"{name.replace('_', ' ').capitalize()}: {expected(choices) % {'value': value}}."
            for name, (value, choices) in parameters.items()
            if value and value not in choices
        ]

    def _sorted(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if self._sorting is None:
            return rows
        return in_order(rows, f"{'-' * self._is_descending}{self._sorting.sort}")


def _names(column: Column[Any]) -> set[str]:
    return {column.name, slugify(column.header)} - {""}
