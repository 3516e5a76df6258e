"""What pages have in common on which somebody changes what decides which change requests pass: it takes two people."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol, TypeVar

from django import forms
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from models_app.changes.policy_changes import selectors, services
from models_app.changes.policy_changes.models import PolicyChange
from models_app.changes.policy_changes.subjects import Subject, managing
from models_app.changes.policy_changes.words import differences, what
from models_app.console.ui.actions import ActionForm, Place
from models_app.console.ui.page import Page
from models_app.console.ui.panels import Cell, Panel, badge, opens, several, when
from models_app.console.ui.tables import Column, Table
from tenants.permissions import may
from tenants.roles import Permission

REASON = "Another admin, of the tenant or of the whole platform, reads it and must agree before this holds."
MOST = 50  # rows of the table; REST has them all
HOW = "A policy change holds once a second admin, of the tenant or of the whole platform, agrees to it."
NONE = "None yet. Once something is proposed, what decides over change requests is changed by two people."
PROPOSED = "Proposed. It holds once a second admin agrees to it, under “Policy changes”."


class Governed(Place, Protocol):
    """A page that knows whether what decides over change requests is changed by two people there."""

    @property
    def takes_two(self) -> bool: ...


PageT = TypeVar("PageT", bound=Governed)


class PolicyForm(ActionForm[PageT]):
    """Writes at once while nothing goes by it yet (`at_once` is said then); after that it asks, with a reason."""

    success = ""
    at_once: ClassVar[str] = "Saved."

    def subject(self) -> Subject:
        """What it changes."""
        raise NotImplementedError

    def values(self) -> dict[str, Any]:
        """What is to be, by field."""
        return {name: value for name, value in self.cleaned_data.items() if name != "reason"}

    def prepare(self) -> None:
        super().prepare()
        if self.page.takes_two:
            self.label = "Propose change"
            area = forms.Textarea(attrs={"rows": 3})
            self.fields["reason"] = forms.CharField(max_length=10_000, widget=area, help_text=REASON)

    def perform(self) -> None:
        subject, values, person = self.subject(), self.values(), self.page.person
        if services.needs_another(subject, values):
            services.ask(actor=person, subject=subject, values=values, reason=self.cleaned_data["reason"])
            self.page.tell(PROPOSED)
        else:
            subject.write(values, person, self.cleaned_data.get("reason", ""))
            self.page.tell(self.at_once)


class Decide(ActionForm[Page]):
    """An act on one policy change, whose row has the button."""

    in_dialog = from_rows = True
    needs = Permission.MANAGE_TENANT
    number = forms.CharField(widget=forms.HiddenInput)
    text = forms.CharField(required=False, label="Comment", max_length=10_000, widget=forms.Textarea(attrs={"rows": 3}))

    def about(self) -> str:
        found = self._rows().first()
        return in_words(found) if found else ""

    def change(self) -> PolicyChange:
        return get_object_or_404(self._rows())

    def _rows(self) -> "QuerySet[PolicyChange]":
        """The one that is meant; none where there is none of this number."""
        number, rows = self.data.get("number", ""), selectors.policy_changes(self.page.tenant)
        return rows.filter(number=number) if number.isdecimal() and len(number) < 10 else rows.none()


class Agree(Decide):
    name, label, title, success = "agree", "Agree", "Agree to a policy change", "It holds from now on."
    hint = "It holds at once, for open change requests too."

    def perform(self) -> None:
        services.approve(actor=self.page.person, change=self.change(), text=self.cleaned_data["text"])


class Reject(Decide):
    name, label, title, success, danger = "refuse", "Reject", "Reject a policy change", "Rejected.", True
    hint = "Say why, in a comment."

    def perform(self) -> None:
        services.reject(actor=self.page.person, change=self.change(), text=self.cleaned_data["text"])


class Withdraw(Decide):
    name, label, title, success, danger = "retract", "Withdraw", "Withdraw a policy change", "Withdrawn.", True

    def perform(self) -> None:
        services.withdraw(actor=self.page.person, change=self.change(), text=self.cleaned_data["text"])


ACTS = (Agree, Reject, Withdraw)


def policy_changes(page: Page) -> Panel:
    """The latest policy changes of the tenant, or of the platform, with what this person can do to each."""
    rows = list(selectors.policy_changes(page.tenant)[:MOST])
    columns = (*COLUMNS, Column("acts", "Actions", lambda row: _acts(page, row)))
    return Table(columns, rows, title="Policy changes", empty=NONE, hint=HOW)


def _acts(page: Page, row: PolicyChange) -> Cell:
    if row.state != PolicyChange.State.OPEN or not may(page.person, managing(page.tenant), page.tenant):
        return Cell("")
    of: Mapping[str, Any] = {"number": row.number, "about": in_words(row)}
    if row.author_id == page.person.pk:
        return opens("Withdraw", "retract", grave=True, **of)
    return several(opens("Agree", "agree", **of), opens("Reject", "refuse", grave=True, **of))


def in_words(row: PolicyChange) -> str:
    """What is agreed to."""
    return f"{row.number}: {what(row)}, {'; '.join(differences(row))}"


def _state(row: PolicyChange) -> Cell:
    """Its state; who decided, and what they said."""
    if row.decided_by is None:
        return badge(row.state)
    said = f"by {row.decided_by}: {row.answer}" if row.answer else f"by {row.decided_by}"
    return several(badge(row.state), Cell(said))


COLUMNS: Sequence[Column[PolicyChange]] = (
    Column(
        "number",
        "Policy change",
        lambda row: several(Cell(f"{row.number}: {what(row)},"), *map(Cell, differences(row))),
    ),
    Column("reason", "Reason", lambda row: Cell(row.reason)),
    Column("author", "Author", lambda row: several(Cell(row.author), when(row.created_at))),
    Column("state", "State", _state),
)
