"""What people do with a change request; each act in the states that it has a meaning in."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from models_app.changes import drafting, reviewing
from models_app.changes.evidence import order
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from models_app.console.changes.base import BaseChangePage
from models_app.console.changes.findings import unpassed
from models_app.console.changes.new_change import ROUTES_HELP
from models_app.console.changes.wording import goes_live
from models_app.console.ui.actions import ActionForm
from models_app.console.ui.fields import YamlField
from models_app.console.ui.panels import Note, Panel
from tenants.roles import Permission

State = ChangeRequest.State


class ChangeForm(ActionForm[BaseChangePage]):
    """An act on a change request, in some of its states."""

    states: tuple[str, ...] = ()

    @property
    def change(self) -> ChangeRequest:
        return self.page.change

    def is_offered(self) -> bool:
        return super().is_offered() and (not self.states or self.change.state in self.states)


def _words(required: bool = True, label: str | None = None) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(required=required, label=label, max_length=10_000, widget=area)


class Submit(ChangeForm):
    in_dialog = prominent = True
    name, label, title = "submit", "Submit for review", "Submit for review"
    needs, states = Permission.PROPOSE, (State.DRAFT,)
    success = "Submitted for review."
    gate_reason = _words(required=False, label="Override justification")

    def prepare(self) -> None:
        evidence = self.page.evidence
        if evidence is not None and evidence.is_good:
            del self.fields["gate_reason"]
        else:
            self.fields[
                "gate_reason"
            ].help_text = "Required because the verdict is neither “pass” nor “repairs”. Reviewers read it."

    def is_offered(self) -> bool:
        """Once evidence can be looked at."""
        return super().is_offered() and self.page.evidence is not None and not self.page.is_busy()

    def initial_values(self) -> Mapping[str, Any]:
        return {"gate_reason": self.change.gate_reason}

    def perform(self) -> None:
        reviewing.submit(
            actor=self.page.person, change=self.change, gate_reason=self.cleaned_data.get("gate_reason", "")
        )


class Approve(ChangeForm):
    in_dialog = prominent = True
    name, label, title, needs = "approve", "Approve", "Approve", Permission.APPROVE
    states = (State.IN_REVIEW, State.APPROVED)  # which may have lost an approval
    hint = "Your approval is for the document and the evidence that this page shows. Any edit voids it."
    success = "Approved. The next step is shown below."
    document_digest = forms.CharField(widget=forms.HiddenInput)
    evidence_digest = forms.CharField(widget=forms.HiddenInput, required=False)
    risk_answer = _words(label="Answer to the risk that rose")
    text = _words(required=False, label="Comment")

    def prepare(self) -> None:
        evidence = self.page.evidence
        if evidence is not None and evidence.risk_rose:
            words = "Required because risk rose: why is it right all the same? It stays on the record."
            self.fields["risk_answer"].help_text = words
        else:
            del self.fields["risk_answer"]

    def initial_values(self) -> Mapping[str, Any]:
        evidence = self.page.evidence
        return {"document_digest": self.change.digest, "evidence_digest": evidence.digest if evidence else ""}

    def is_offered(self) -> bool:
        return super().is_offered() and not self.page.why_not_approve and self.page.passes

    def preview(self) -> Iterable[Panel]:
        return goes_live(self.page)

    def perform(self) -> None:
        reviewing.approve(actor=self.page.person, change=self.change, **self.cleaned_data)


class ApproveAnyway(Approve):
    """Of what does not pass: it says what fails, asks why, and is done by no habit of the hand."""

    danger = True
    name, label, title = "approve_anyway", "Approve anyway", "Approve anyway"
    confirmation = forms.CharField(max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    field_order = ("risk_answer", "text", "confirmation")

    def prepare(self) -> None:
        super().prepare()
        reason = self.fields["text"]
        reason.label, reason.required = "Why approve it although it does not pass", True
        reason.help_text = "It stays on the record, beside the author's justification."
        if self._verdict == Evidence.Verdict.FAIL:
            self.fields["confirmation"].label = f"Type “{self._verdict}” to confirm"
        else:
            del self.fields["confirmation"]

    def is_offered(self) -> bool:
        return ChangeForm.is_offered(self) and not self.page.why_not_approve and not self.page.passes

    def preview(self) -> Iterable[Panel]:
        evidence = self.page.evidence
        if evidence is not None:
            yield Note(evidence.sentence, "bad", f"The verdict is “{evidence.verdict}”")
        if self.page.found is not None:
            yield from unpassed(self.page.found)
        yield Note(self.change.gate_reason, "wait", "Override justification")
        yield from super().preview()

    def clean_confirmation(self) -> str:
        typed = str(self.cleaned_data["confirmation"])
        if typed.strip(' “”"').casefold() != self._verdict:
            raise forms.ValidationError(f"expected “{self._verdict}”, found “{typed}”")
        return typed

    def perform(self) -> None:
        self.cleaned_data.pop("confirmation", None)
        super().perform()

    @property
    def _verdict(self) -> str:
        return self.page.evidence.verdict if self.page.evidence else ""


class Reject(ChangeForm):
    name, label, title, needs = "reject", "Reject", "Reject", Permission.APPROVE
    states, in_dialog, danger, upfront = (State.IN_REVIEW, State.APPROVED), True, True, True
    warning, success = "Reject this change request? It cannot be reopened.", "Rejected."
    text = _words(label="Reason")

    def perform(self) -> None:
        reviewing.reject(actor=self.page.person, change=self.change, text=self.cleaned_data["text"])


class Publish(ChangeForm):
    in_dialog = prominent = True
    name, label, title, needs, states = "publish", "Publish now", "Publish", Permission.APPROVE, (State.APPROVED,)
    hint, success = (
        "The change request has the approvals it needs. Publishing makes it live for the client.",
        "Published.",
    )

    def is_offered(self) -> bool:
        return super().is_offered() and not self.page.left

    def preview(self) -> Iterable[Panel]:
        return goes_live(self.page)

    def perform(self) -> None:
        reviewing.publish_change(actor=self.page.person, change=self.change)


class Recompute(ChangeForm):
    name, label, title, needs = "evidence", "Recompute", "Recompute evidence", Permission.PROPOSE
    states, in_dialog, success = ChangeRequest.OPEN, True, "Evidence is being computed."
    hint = "The window of events is moved up to now. Approvals given before are voided."

    def perform(self) -> None:
        order.request_evidence(actor=self.page.person, change=self.change)


class Refresh(ChangeForm):
    name, label, title, needs = "refresh", "Rebase", "Rebase", Permission.PROPOSE
    states, in_dialog, success = ChangeRequest.OPEN, True, "Rebased on the live release."
    hint = "It is compiled again over the live release. This makes it a draft again and voids approvals."

    def perform(self) -> None:
        drafting.refresh_change(actor=self.page.person, change=self.change)


class Edit(ChangeForm):
    name, label, title, needs = "edit", "Save", "Edit", Permission.PROPOSE
    states, in_dialog, success = ChangeRequest.OPEN, True, "Saved. It is a draft again."
    hint = "Saving makes it a draft again and voids approvals."
    called = forms.CharField(label="Title", max_length=200)
    reason = _words()
    routes = YamlField(required=False, help_text=f"By intent. {ROUTES_HELP}")

    def initial_values(self) -> Mapping[str, Any]:
        return {"called": self.change.title, "reason": self.change.reason, "routes": self.change.routes}

    def prepare(self) -> None:
        if self.change.republishes_id:
            del self.fields["routes"]

    def perform(self) -> None:
        data = self.cleaned_data
        drafting.edit_change(
            actor=self.page.person,
            change=self.change,
            title=data["called"],
            reason=data["reason"],
            routes=data.get("routes"),
        )


class Withdraw(ChangeForm):
    name, label, title, needs = "withdraw", "Withdraw", "Withdraw", Permission.PROPOSE
    states, in_dialog, danger = ChangeRequest.OPEN, True, True
    warning, success = "Withdraw this change request? It cannot be reopened.", "Withdrawn."
    reason = _words(required=False)

    def is_offered(self) -> bool:
        return super().is_offered() and self.change.author_id == self.page.person.pk

    def perform(self) -> None:
        reviewing.withdraw(actor=self.page.person, change=self.change, reason=self.cleaned_data["reason"])


class Comment(ChangeForm):
    name, label, title, success = "comment", "Post comment", "Comments", "Comment posted."
    text = _words()

    def prepare(self) -> None:
        self.fields["text"].label = "Comment"

    def perform(self) -> None:
        reviewing.comment(actor=self.page.person, change=self.change, text=self.cleaned_data["text"])
