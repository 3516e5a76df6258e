"""Standing approvals on the page of an intent's refreshes: proposed by one person, approved by another, revoked."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from math import ceil
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone

from models_app.catalog.selectors import predictor_by_key, reference_by_key
from models_app.changes.approvers import Deciders
from models_app.changes.standing_approvals import selectors, services
from models_app.changes.standing_approvals.models import StandingApproval
from models_app.changes.writers import written_by
from models_app.console.intents.base import BelowIntent
from models_app.console.ui.actions import ActionForm
from models_app.console.ui.panels import Cell, Panel, badge, opens, several, when
from models_app.console.ui.schema_rows import NumberField
from models_app.console.ui.tables import Column, Table
from scoring import releases
from scoring.engine import document as documents
from tenants.permissions import may
from tenants.roles import Permission

MOST = 50  # rows of the table; REST has them all
HOW = "Within these bounds, refreshes go live without an approval of their own, once another person has approved them."
NONE = "None: every refresh waits for approval."


class WithStandingApprovals(BelowIntent):
    """A page that has an intent's standing approvals."""

    @cached_property
    def served(self) -> Sequence[tuple[str, str]]:
        """What the intent's routes answer by now, as choices: predictor and reference, by key."""
        live = releases.current(self.tenant)
        document = documents.decode(live.document) if live else None
        part = document.intents.get(self.intent.name) if document else None
        if document is None or part is None:
            return ()
        pairs = [(r.live.predictor, document.transforms[str(r.live.transform)].reference) for r in part.routes]
        return [(f"{predictor} {to}", f"{predictor} to {to}") for predictor, to in dict.fromkeys(pairs)]


class _Bounds(ActionForm[WithStandingApprovals]):
    in_dialog = True
    needs = Permission.PROPOSE
    rate = NumberField(
        label="Alert rates move by at most, %",
        min_value=0.1,
        max_value=50,
        initial=10,
        help_text="Relative to the rate: with 10 %, a rate of 1 % may become 0.9 to 1.1 %. Fits must know each rate "
        "as closely: 10 % takes about 400 alerts, 30 % about 45, 50 % about 16.",
    )
    alerts_a_day = NumberField(
        label="Or by so many alerts a day",
        min_value=0,
        max_value=1000,
        required=False,
        initial=0,
        help_text="Any rate may move by these, whatever share of it they are; for rates at which alerts are few.",
    )
    mapping_tolerance = NumberField(
        label="Scores move by at most",
        min_value=0.001,
        max_value=0.5,
        initial=0.05,
        help_text="The score of any probability, from the mapping that is live to the new one.",
    )
    days = forms.IntegerField(label="Days until it is over", min_value=1, max_value=366, initial=90)
    reason = forms.CharField(max_length=10_000, widget=forms.Textarea(attrs={"rows": 3}))

    def bounds(self) -> dict[str, Any]:
        data = self.cleaned_data
        until = timezone.now() + timedelta(days=data["days"])
        rates = {"rate_tolerance": data["rate"] / 100, "alerts_a_day": data["alerts_a_day"] or 0.0}
        return {**rates, "mapping_tolerance": data["mapping_tolerance"], "until": until, "reason": data["reason"]}


class ProposeStandingApproval(_Bounds):
    name, label, title = "propose_standing", "Propose", "Propose standing approval"
    hint, success = HOW, "Proposed. It holds once another person has approved it."
    of = forms.ChoiceField(label="Predictor and reference")
    field_order = ("of",)

    def prepare(self) -> None:
        self.offer(of=self.page.served)

    def is_offered(self) -> bool:
        return super().is_offered() and bool(self.page.served)

    def perform(self) -> None:
        predictor, reference = self.cleaned_data["of"].split(" ")
        services.propose_standing_approval(
            actor=self.page.person,
            intent=self.page.intent,
            predictor=predictor_by_key(predictor, "of"),
            reference=reference_by_key(reference, "of"),
            **self.bounds(),
        )


class _OnOne(ActionForm[WithStandingApprovals]):
    """An act on one standing approval, whose row has the button."""

    in_dialog = from_rows = True
    number = forms.CharField(widget=forms.HiddenInput)

    def about(self) -> str:
        found = self._rows().first()
        return in_words(found) if found else ""

    def approval(self) -> StandingApproval:
        return get_object_or_404(self._rows())

    def _rows(self) -> "QuerySet[StandingApproval]":
        """The one that is meant; none where there is none of this number."""
        number = self.data.get("number", "")
        rows = selectors.standing_approvals(self.page.tenant).filter(intent=self.page.intent)
        return rows.filter(number=number) if number.isdecimal() and len(number) < 10 else rows.none()


class EditStandingApproval(_OnOne, _Bounds):
    name, label, title = "edit_standing", "Save", "Edit standing approval"
    hint, success = "It must be approved anew.", "Saved. It holds once another person has approved it."

    def perform(self) -> None:
        changes = self.bounds()
        reason = changes.pop("reason")
        services.edit_standing_approval(
            actor=self.page.person, approval=self.approval(), changes=changes, reason=reason
        )


class ApproveStandingApproval(_OnOne):
    name, label, title, needs = "approve_standing", "Approve", "Approve standing approval", Permission.APPROVE
    hint, success = HOW, "Approved."
    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)
    text = forms.CharField(required=False, label="Comment", max_length=10_000, widget=forms.Textarea(attrs={"rows": 3}))

    def perform(self) -> None:
        data = self.cleaned_data
        services.approve_standing_approval(
            actor=self.page.person, approval=self.approval(), digest=data["digest"], text=data["text"]
        )


class RevokeStandingApproval(_OnOne):
    name, label, title, danger = "revoke_standing", "Revoke", "Revoke standing approval", True
    needs, success = Permission.PROPOSE, "Revoked. Refreshes wait for approval again."
    warning = "It ends at once, and for good: refreshes wait for approval again."
    reason = forms.CharField(required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 3}))

    def perform(self) -> None:
        reason = self.cleaned_data["reason"]
        services.revoke_standing_approval(actor=self.page.person, approval=self.approval(), reason=reason)


ACTS = (ProposeStandingApproval, EditStandingApproval, ApproveStandingApproval, RevokeStandingApproval)


def standing_approvals(page: WithStandingApprovals) -> Panel:
    """The latest of the intent, with what this person can do to each."""
    of_intent = selectors.standing_approvals(page.tenant).filter(intent=page.intent)
    rows, own = list(of_intent[:MOST]), set(of_intent.filter(written_by(page.person)).values_list("pk", flat=True))
    approvers = selectors.approvers_for(rows)
    columns = (
        *COLUMNS,
        Column("state", "State", lambda row: _state(row, approvers)),
        Column("acts", "Actions", lambda row: _acts(page, row, approvers, is_own=row.pk in own)),
    )
    offered = ProposeStandingApproval(page).is_offered()
    next_link = (ProposeStandingApproval.title, f"#{ProposeStandingApproval.name}") if offered else None
    return Table(columns, rows, title="Standing approvals", empty=NONE, hint=HOW, next_link=next_link)


def _acts(page: WithStandingApprovals, row: StandingApproval, approvers: Deciders | None, *, is_own: bool) -> Cell:
    if row.state != StandingApproval.State.OPEN or not may(page.person, Permission.PROPOSE, page.tenant):
        return Cell("")
    of: Mapping[str, Any] = {"number": row.number, "about": in_words(row)}
    found = [
        opens("Edit", "edit_standing", **of, **_values(row)),
        opens("Revoke", "revoke_standing", grave=True, **of),
    ]
    waits = selectors.state_of(row, approvers) == "proposed"
    if waits and may(page.person, Permission.APPROVE, page.tenant) and not is_own:
        found.insert(0, opens("Approve", "approve_standing", **of, digest=row.digest))
    return several(*found)


def _values(row: StandingApproval) -> Mapping[str, Any]:
    """What an edit begins with: the bounds as they are, and the days that are left."""
    days = max(1, ceil((row.until - timezone.now()) / timedelta(days=1)))
    rates = {"rate": f"{100 * row.rate_tolerance:g}", "alerts_a_day": f"{row.alerts_a_day:g}"}
    return {**rates, "mapping_tolerance": row.mapping_tolerance, "days": days}


def in_words(row: StandingApproval) -> str:
    """The bounds, as they are approved."""
    return (
        f"{row.number}: {row.predictor.key} to {row.reference.key}, {_rates(row)}, "
        f"scores ±{row.mapping_tolerance:.3g}, until {row.until:%Y-%m-%d %H:%M} UTC"
    )


def _rates(row: StandingApproval) -> str:
    return f"alert rates ±{100 * row.rate_tolerance:.3g} % of each{row.or_alerts}"


def _bounds(row: StandingApproval) -> Cell:
    moves = f"{_rates(row)}, scores ±{row.mapping_tolerance:.3g}"
    return several(Cell(f"{row.number}: {row.predictor.key} to {row.reference.key},"), Cell(moves))


def _state(row: StandingApproval, approvers: Deciders | None) -> Cell:
    state = badge(selectors.state_of(row, approvers))
    return several(state, *(Cell(each) for each in _said(row, approvers)))


def _said(row: StandingApproval, approvers: Deciders | None) -> Iterator[str]:
    """Why it ended, or who stands behind it, and who does no longer."""
    if row.ended_because:
        yield row.ended_because
    elif approvers is not None:
        given = ", ".join(str(each.person) for each in selectors.approvals_of(row, approvers))
        yield from [f"approved by {given}"] if given else []
        yield from (f"counts no more: approved {each}" for each in selectors.lapsed(row, approvers))


COLUMNS: Sequence[Column[StandingApproval]] = (
    Column("bounds", "Standing approval", _bounds),
    Column("until", "Until", lambda row: when(row.until)),
    Column("reason", "Reason", lambda row: Cell(row.reason)),
    Column("author", "Author", lambda row: Cell(row.author if row.revision == 1 else row.edited_by)),
)
