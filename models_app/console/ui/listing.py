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

from models_app.console.ui.panels import Cell, Moment, Table, Timeline

PER_PAGE = 50
_TRUTH = {"True": True, "False": False}  # as an address says it
NOTHING_MATCHES = "Nothing matches. Look for something else, or clear the filters."
Choices = Sequence[str | tuple[str, str]]


@dataclass
class Listing:
    """A request's part of `rows`.

    `search`: lookups that `?q=` looks into; `filters`: parameter → (lookup, choices, each a value or a value with its
    words); `sorts`: header → the field that it sorts by. Unsorted, rows stay in their own order.
    """

    request: HttpRequest
    rows: QuerySet[Any]
    search: Sequence[str] = ()
    filters: Mapping[str, tuple[str, Choices]] = field(default_factory=dict)
    sorts: Mapping[str, str] = field(default_factory=dict)
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
        asked = self.request.GET.get("sort", "")
        return asked if asked.removeprefix("-") in map(slugify, self.sorts) else ""

    @cached_property
    def page(self) -> Any:
        return Paginator(self._found(), self.per_page).get_page(self.request.GET.get("page"))

    def heads(self, headers: Sequence[str]) -> list[dict[str, str]]:
        """Each header's words, the address that sorts by it, and how it is sorted now."""
        return [self._head(words) for words in headers]

    @property
    def before(self) -> str:
        return self._link(page=str(self.page.previous_page_number())) if self.page.has_previous() else ""

    @property
    def after(self) -> str:
        return self._link(page=str(self.page.next_page_number())) if self.page.has_next() else ""

    def table(self, headers: Sequence[str], row: Callable[[Any], Sequence[Cell]], **words: Any) -> Table:
        """The page of it, each row drawn by `row`."""
        return Table(headers, [row(each) for each in self.page], listing=self, **self._words(words))

    def timeline(self, moment: Callable[[Any], Moment], **words: Any) -> Timeline:
        """The page of it, each row a moment."""
        return Timeline([moment(each) for each in self.page], listing=self, **self._words(words))

    def _words(self, words: dict[str, Any]) -> dict[str, Any]:
        """What is said where there are no rows: that nothing matches, where it is looked for."""
        said = {name: text for name, text in words.items() if name not in ("empty", "next_link")}
        return {**said, "empty": NOTHING_MATCHES} if self.is_narrowed else words

    def _head(self, words: str) -> dict[str, str]:
        name = slugify(words)
        if words not in self.sorts:
            return {"words": words}
        now = {name: "ascending", f"-{name}": "descending"}.get(self.sorted_by, "none")
        other = f"-{name}" if now == "ascending" else name
        return {"words": words, "now": now, "href": self._link(sort=other, page="")}

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
        if not self.sorted_by:
            return rows
        fields = {slugify(words): name for words, name in self.sorts.items()}
        name = fields[self.sorted_by.removeprefix("-")]
        return rows.order_by(f"-{name}" if self.sorted_by.startswith("-") else name, "pk")


def _pairs(offered: Iterable[str | tuple[str, str]]) -> list[tuple[str, str]]:
    return [(each, each) if isinstance(each, str) else each for each in offered]
