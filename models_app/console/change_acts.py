"""What people do with a change request; each act in the states that it has a meaning in."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from django import forms

from models_app.console.acts import ActForm
from models_app.console.change_words import goes_live
from models_app.console.fields import YamlField
from models_app.console.new_change import ROUTES_HELP
from models_app.console.parts import Note, Part
from models_app.models import ChangeRequest, Evidence
from models_app.services import changes as services
from tenants.roles import Act

if TYPE_CHECKING:
    from models_app.console.change import ChangePage

State = ChangeRequest.State


class ChangeForm(ActForm):
    """An act on a change request, in some of its states."""

    states: tuple[str, ...] = ()

    @property
    def on(self) -> "ChangePage":
        return cast("ChangePage", self.page)

    @property
    def change(self) -> ChangeRequest:
        return self.on.change

    def is_offered(self) -> bool:
        return super().is_offered() and (not self.states or self.change.state in self.states)


def _words(required: bool = True, label: str | None = None) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(required=required, label=label, max_length=10_000, widget=area)


class Submit(ChangeForm):
    in_dialog = prominent = True
    name, label, title, needs, states = "submit", "Ask for review", "Ask for review", Act.PROPOSE, (State.DRAFT,)
    done = "It waits for review now."
    gate_reason = _words(required=False, label="Why publish it anyway")

    def prepare(self) -> None:
        evidence = self.on.evidence
        if evidence is not None and evidence.verdict == Evidence.Verdict.PASS:
            del self.fields["gate_reason"]
        else:
            self.fields["gate_reason"].help_text = "Needed, for the verdict is not “pass”. The approver reads it."

    def is_offered(self) -> bool:
        """Once evidence can be looked at."""
        return super().is_offered() and self.on.evidence is not None and not self.on.is_busy()

    def start(self) -> Mapping[str, Any]:
        return {"gate_reason": self.change.gate_reason}

    def perform(self) -> None:
        services.submit(
            actor=self.page.person, change=self.change, gate_reason=self.cleaned_data.get("gate_reason", "")
        )


class Approve(ChangeForm):
    in_dialog = prominent = True
    name, label, title, needs, states = "approve", "Approve", "Approve", Act.APPROVE, (State.IN_REVIEW,)
    hint = "You approve this document by this evidence, as this page shows them. Any edit voids your approval."
    done = "Approved. What comes next stands below."
    document_digest = forms.CharField(widget=forms.HiddenInput)
    evidence_digest = forms.CharField(widget=forms.HiddenInput, required=False)
    text = _words(required=False, label="Your words")

    def start(self) -> Mapping[str, Any]:
        evidence = self.on.evidence
        return {"document_digest": self.change.digest, "evidence_digest": evidence.digest if evidence else ""}

    def is_offered(self) -> bool:
        return super().is_offered() and not self.on.why_not_approve

    def shows(self) -> Iterable[Part]:
        evidence = self.on.evidence
        if evidence is not None and evidence.verdict != Evidence.Verdict.PASS:
            yield Note(f"Its author says: {self.change.gate_reason}", "wait", f"Its evidence says “{evidence.verdict}”")
        yield from goes_live(self.on)

    def perform(self) -> None:
        services.approve(actor=self.page.person, change=self.change, **self.cleaned_data)


class Reject(ChangeForm):
    name, label, title, needs = "reject", "Reject", "Reject", Act.APPROVE
    states, in_dialog, danger = (State.IN_REVIEW, State.APPROVED), True, True
    warning, done = "Reject it? It can then only be proposed anew.", "Rejected."
    text = _words(label="Why")

    def perform(self) -> None:
        services.reject(actor=self.page.person, change=self.change, text=self.cleaned_data["text"])


class Publish(ChangeForm):
    in_dialog = prominent = True
    name, label, title, needs, states = "publish", "Publish now", "Publish", Act.APPROVE, (State.APPROVED,)
    hint, done = "It has its approvals. Publishing makes it live for the client.", "Published."

    def shows(self) -> Iterable[Part]:
        return goes_live(self.on)

    def perform(self) -> None:
        services.publish_change(actor=self.page.person, change=self.change)


class Recompute(ChangeForm):
    name, label, title, needs = "evidence", "Compute evidence again", "Evidence up to now", Act.PROPOSE
    states, in_dialog, done = ChangeRequest.OPEN, True, "Evidence is being computed."
    hint = "On the recorded events up to now. Approvals no longer count after it."

    def perform(self) -> None:
        services.request_evidence(actor=self.page.person, change=self.change)


class Refresh(ChangeForm):
    name, label, title, needs = "refresh", "Compile it again", "Bring it up to date", Act.PROPOSE
    states, in_dialog, done = ChangeRequest.OPEN, True, "Compiled again, over what is live now."
    hint = "Over what is live and configured now. It is a draft again, and approvals no longer count."

    def perform(self) -> None:
        services.refresh_change(actor=self.page.person, change=self.change)


class Edit(ChangeForm):
    name, label, title, needs = "edit", "Save", "Edit", Act.PROPOSE
    states, in_dialog, done = ChangeRequest.OPEN, True, "Saved. It is a draft again."
    hint = "It is a draft again then, and approvals no longer count."
    called = forms.CharField(label="Title", max_length=200)
    reason = _words()
    routes = YamlField(required=False, help_text=f"By intent. {ROUTES_HELP}")

    def start(self) -> Mapping[str, Any]:
        return {"called": self.change.title, "reason": self.change.reason, "routes": self.change.routes}

    def prepare(self) -> None:
        if self.change.republishes_id:
            del self.fields["routes"]

    def perform(self) -> None:
        data = self.cleaned_data
        services.edit_change(
            actor=self.page.person,
            change=self.change,
            title=data["called"],
            reason=data["reason"],
            routes=data.get("routes"),
        )


class Withdraw(ChangeForm):
    name, label, title, needs = "withdraw", "Withdraw", "Withdraw", Act.PROPOSE
    states, in_dialog, danger = ChangeRequest.OPEN, True, True
    warning, done = "Withdraw it, for good?", "Withdrawn."
    reason = _words(required=False)

    def is_offered(self) -> bool:
        return super().is_offered() and self.change.author_id == self.page.person.pk

    def perform(self) -> None:
        services.withdraw(actor=self.page.person, change=self.change, reason=self.cleaned_data["reason"])


class Comment(ChangeForm):
    name, label, title, done = "comment", "Say it", "Say something", "Said; it stands in the history below."
    text = _words()

    def prepare(self) -> None:
        self.fields["text"].label = "Your comment"

    def perform(self) -> None:
        services.comment(actor=self.page.person, change=self.change, text=self.cleaned_data["text"])
