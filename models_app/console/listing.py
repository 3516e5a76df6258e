"""Rows of the database as a table that searches, filters, sorts and pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from models_app.console.parts import Cell, Table

PER_PAGE = 50


@dataclass
class Listing:
    """A request's part of `rows`. `search`: lookups that `?q=` looks into; `filters`: parameter → (lookup, choices)."""

    request: HttpRequest
    rows: QuerySet[Any]
    search: Sequence[str] = ()
    filters: Mapping[str, tuple[str, Sequence[str]]] = field(default_factory=dict)

    @property
    def query(self) -> str:
        return self.request.GET.get("q", "").replace("\x00", "").strip()

    @property
    def choices(self) -> list[tuple[str, Sequence[str], str]]:
        """Of each filter: its name, what can be chosen, and what is."""
        return [(name, choices, self.request.GET.get(name, "")) for name, (_, choices) in self.filters.items()]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query) or any(chosen for _, _, chosen in self.choices)

    @property
    def is_searchable(self) -> bool:
        return bool(self.search or self.filters)

    @cached_property
    def page(self) -> Any:
        return Paginator(self._found(), PER_PAGE).get_page(self.request.GET.get("page"))

    def link(self, number: int) -> str:
        query = self.request.GET.copy()
        query["page"] = str(number)
        return "?" + query.urlencode()

    @property
    def before(self) -> str:
        return self.link(self.page.previous_page_number()) if self.page.has_previous() else ""

    @property
    def after(self) -> str:
        return self.link(self.page.next_page_number()) if self.page.has_next() else ""

    def table(self, headers: Sequence[str], row: Callable[[Any], Sequence[Cell]], **words: str) -> Table:
        """The page of it, each row drawn by `row`."""
        if self.is_narrowed:
            words["empty"] = "Nothing matches. Look for something else, or clear the filters."
        return Table(headers, [row(each) for each in self.page], listing=self, **words)

    def _found(self) -> QuerySet[Any]:
        rows = self.rows
        for name, (lookup, choices) in self.filters.items():
            if (chosen := self.request.GET.get(name, "")) in choices and chosen:
                rows = rows.filter(**{lookup: chosen})
        if self.query and self.search:
            rows = rows.filter(reduce(or_, (Q(**{f"{each}__icontains": self.query}) for each in self.search)))
        return rows
