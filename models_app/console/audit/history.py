"""How an object came to be as it is: what changed at each step, from what to what, by whom."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import Http404

from models_app.console.audit.naming import PERSON, Key, Name, names, words
from models_app.console.ui.page import Page, SharedPage, TenantPage
from models_app.console.ui.panels import Cell, Links, Note, Panel, Section, address, code, when
from models_app.console.ui.tables import Column, Table
from models_app.releases.diff import compare
from tenants import history
from tenants.history import Difference, Step

WRITTEN = {"insert": "created", "update": "changed", "delete": "deleted"}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$")  # as Postgres writes one in JSON
LONGEST = 1_000  # characters of a value

Names = Mapping[Key, Name]


class _History(Page):
    subject = "steps"
    intro = "Each change to the record, newest first. Secrets and large files are not shown."

    @cached_property
    def steps(self) -> list[Step]:
        found = history.steps_of(kind=self.kwargs["of"], key=self.kwargs["key"], tenant=self.tenant)
        if not found:
            raise Http404("There is no history of this.")
        return found

    @cached_property
    def name(self) -> Name:
        key = (self.kwargs["of"], self.kwargs["key"])
        return names(self, [key])[key]

    def heading(self) -> str:
        return f"History of {self.name.text}"

    def links(self) -> Sequence[tuple[str, str]]:
        return ((self.name.heading, self.name.href),) if self.name.href else ()

    def panels(self) -> Iterable[Panel]:
        return changed(self, self.steps)

    def breadcrumbs(self) -> Sequence[tuple[str, str]]:
        tenant = self.tenant
        here = address("audit", tenant=tenant.slug) if tenant else address("platform_audit")
        return (*super().breadcrumbs(), ("Audit", here))


class TenantHistory(_History, TenantPage):
    tab = "audit"


class SharedHistory(_History, SharedPage):
    pass


def changed(page: Page, steps: Sequence[Step], *, named: bool = False) -> Iterable[Panel]:
    """A section for each step; `named`: headed by what it is about, with the ways to its page and its history."""
    known = names(page, _keys(steps))
    if not steps:
        yield Note("This action changed nothing that decides what is served.")
    for number, step in enumerate(steps, start=1):
        table = _table(step, known)
        if named:
            name = known[step.kind, step.key]
            title = f"{name.heading} was {WRITTEN[step.label]}"
            yield Section(f"step-{number}", title, [table, Links(_ways(page, step, name))])
        else:
            title, source = WRITTEN[step.label].capitalize(), _source(step, known)
            yield Section(f"step-{number}", title, [table], source, step.at)
    if len(steps) == history.MOST:
        yield Note(f"These are the latest {history.MOST}; there may be more.")


def _keys(steps: Iterable[Step]) -> Iterator[Key]:
    """All rows that are to be named: those that steps are about, those that fields name, and who wrote."""
    for step in steps:
        yield step.kind, step.key
        if "person" in step.context:
            yield PERSON, step.context["person"]
        for each in step.differences:
            yield from ((each.kind, value) for value in (each.before, each.after) if _is_key(each, value))


def _is_key(difference: Difference, value: Any) -> bool:
    return bool(difference.kind) and isinstance(value, int)


def _ways(page: Page, step: Step, name: Name) -> list[tuple[str, str]]:
    own = [(name.heading, name.href)] if name.href else []
    return [*own, ("Full history", place(page, step.kind, step.key))]


def _table(step: Step, known: Names) -> Panel:
    rows = [each for difference in step.differences for each in _parts(difference)]
    columns: Sequence[Column[Difference]] = (
        Column("field", "Field", lambda each: Cell(words(each.field))),
        Column("before", "Before", lambda each: _value(each, each.before, known)),
        Column("after", "After", lambda each: _value(each, each.after, known)),
    )
    return Table(columns, rows, empty="No recorded field changed.")


def _parts(difference: Difference) -> list[Difference]:
    """Split a change of a list or an object into what differs in it: `thresholds.review.score`."""
    sides = (difference.before, difference.after)
    if not all(isinstance(side, list | dict) for side in sides):
        return [difference]
    return [
        Difference(each["path"], each["before"], each["after"], difference.kind)
        for each in compare(difference.field, *sides)
    ]


def _source(step: Step, known: Names) -> str:
    """Who and what wrote it, as far as it is known."""
    person = step.context.get("person")
    parts = [
        known[PERSON, person].text if person else "",
        step.context.get("what", ""),
        step.context.get("address", ""),
    ]
    return ", ".join(part for part in parts if part) or "Written outside of requests and tasks."


def _value(difference: Difference, value: Any, known: Names) -> Cell:
    if value is None or value == "":
        return Cell("–")
    if _is_key(difference, value):
        name = known[difference.kind, value]
        return Cell(name.text, href=name.href)
    if isinstance(value, list | dict):
        text = json.dumps(value, ensure_ascii=False)
        return code(text if len(text) <= LONGEST else f"{text[:LONGEST]}…")
    if isinstance(value, str) and _TIME.match(value):
        return when(datetime.fromisoformat(value))
    return Cell(value)


def place(page: Page, kind: str, key: int) -> str:
    """Return the address of an object's history, for this page's tenant or for the platform."""
    if page.tenant:
        return address("history", tenant=page.tenant.slug, of=kind, key=key)
    return address("platform_history", of=kind, key=key)
