"""How an object came to be as it is: what changed at each step, from what to what, by whom."""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import Http404

from models_app.console.ui.page import Page, SharedPage, TenantPage
from models_app.console.ui.panels import Cell, Links, Note, Panel, Section, address, code, when
from models_app.console.ui.tables import Column, Table
from models_app.releases.diff import compare
from tenants import history, selectors
from tenants.history import Difference, Step

WRITTEN = {"insert": "created", "update": "changed", "delete": "deleted"}
PERSON = "person"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$")  # as Postgres writes one in JSON
LONGEST = 1_000  # characters of a value


class _History(Page):
    subject = "steps"
    intro = "Each change to the record, newest first. Secrets and large files are not shown."

    @cached_property
    def steps(self) -> list[Step]:
        found = history.steps_of(kind=self.kwargs["of"], key=self.kwargs["key"], tenant=self.tenant)
        if not found:
            raise Http404("There is no history of this.")
        return found

    def heading(self) -> str:
        return f"History of {words(self.kwargs['of'])} {self.kwargs['key']}"

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
    """A section for each step; `named`: headed by what it is about, with the way to its history."""
    people = selectors.emails(_people(steps))
    if not steps:
        yield Note("This action changed nothing that decides what is served.")
    for number, step in enumerate(steps, start=1):
        yield _section(page, number, step, people, named)
    if len(steps) == history.MOST:
        yield Note(f"These are the latest {history.MOST}; there may be more.")


def _section(page: Page, number: int, step: Step, people: dict[int, str], named: bool) -> Panel:
    rows = [each for difference in step.differences for each in _parts(difference)]
    columns: Sequence[Column[Difference]] = (
        Column("field", "Field", lambda each: Cell(words(each.field))),
        Column("before", "Before", lambda each: _value(page, each, each.before, people)),
        Column("after", "After", lambda each: _value(page, each, each.after, people)),
    )
    parts: list[Panel] = [Table(columns, rows, empty="No recorded field changed.")]
    if named:
        parts.append(Links([("Full history", place(page, step.kind, step.key))]))
        title = f"{words(step.kind).capitalize()} {step.key} was {WRITTEN[step.label]}"
        return Section(f"step-{number}", title, parts)
    return Section(f"step-{number}", WRITTEN[step.label].capitalize(), parts, _source(step, people), step.at)


def _parts(difference: Difference) -> list[Difference]:
    """Of lists and objects, only what is different in them: `thresholds.review.score`."""
    sides = (difference.before, difference.after)
    if not all(isinstance(side, list | dict) for side in sides):
        return [difference]
    return [
        Difference(each["path"], each["before"], each["after"], difference.kind)
        for each in compare(difference.field, *sides)
    ]


def _source(step: Step, people: dict[int, str]) -> str:
    """Who and what wrote it, as far as it is known."""
    person = people.get(step.context.get("person", 0), "")
    parts = [person, step.context.get("what", ""), step.context.get("address", "")]
    return ", ".join(part for part in parts if part) or "Written outside of requests and tasks."


def _value(page: Page, difference: Difference, value: Any, people: dict[int, str]) -> Cell:
    if value is None or value == "":
        return Cell("–")
    if difference.kind == PERSON:
        return Cell(people.get(value, value))
    if difference.kind in history.kinds(page.tenant) and isinstance(value, int):
        return Cell(f"{words(difference.kind)} {value}", href=place(page, difference.kind, value))
    if isinstance(value, list | dict):
        text = json.dumps(value, ensure_ascii=False)
        return code(text if len(text) <= LONGEST else f"{text[:LONGEST]}…")
    if isinstance(value, str) and _TIME.match(value):
        return when(datetime.fromisoformat(value))
    return Cell(value)


def _people(steps: Iterable[Step]) -> set[int]:
    """Those who wrote, and those whom fields name."""
    named = {
        value
        for step in steps
        for each in step.differences
        for value in (each.before, each.after)
        if each.kind == PERSON and isinstance(value, int)
    }
    return named | {step.context["person"] for step in steps if "person" in step.context}


def place(page: Page, kind: str, key: int) -> str:
    """Where the history of an object is, for this page's tenant or for the platform."""
    if page.tenant:
        return address("history", tenant=page.tenant.slug, of=kind, key=key)
    return address("platform_history", of=kind, key=key)


def words(name: str) -> str:
    return name.replace("-", " ").replace("_", " ")
