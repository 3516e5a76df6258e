"""One change request: should this go live?"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import msgspec
from django import forms
from django.shortcuts import get_object_or_404

from models_app.console.acts import ActForm, YamlField
from models_app.console.changes import ROUTES_HELP
from models_app.console.findings import findings
from models_app.console.page import TenantPage
from models_app.console.parts import (
    Cell,
    Facts,
    Figure,
    Figures,
    Note,
    Part,
    Progress,
    Table,
    badge,
    link,
    log_lines,
    when,
)
from models_app.evidence.figures import in_order
from models_app.models import ChangeRequest, Evidence
from models_app.selectors import changes as selectors
from models_app.selectors import releases
from models_app.services import changes as services
from models_app.services.document_diff import diff
from scoring.engine import document as documents
from tenants.roles import Act

State = ChangeRequest.State


class ChangeForm(ActForm):
    """An act on a change request, in some of its states."""

    states: tuple[str, ...] = ()

    @property
    def change(self) -> ChangeRequest:
        assert isinstance(self.page, ChangePage)
        return self.page.change

    def is_offered(self) -> bool:
        return super().is_offered() and (not self.states or self.change.state in self.states)

    def is_own(self) -> bool:
        return self.page.person.pk in (self.change.author_id, self.change.edited_by_id)


def _words(required: bool = True) -> forms.CharField:
    return forms.CharField(required=required, max_length=10_000, widget=forms.Textarea(attrs={"rows": 3}))


class Submit(ChangeForm):
    in_dialog = prominent = True
    name, label, title, needs, states = "submit", "Ask for review", "Ask for review", Act.PROPOSE, (State.DRAFT,)
    done = "It waits for review now."
    gate_reason = _words(required=False)

    def prepare(self) -> None:
        self.fields["gate_reason"].label = "Why publish it anyway"
        self.fields["gate_reason"].help_text = "Needed where the verdict is not “pass”."

    def start(self) -> Mapping[str, Any]:
        return {"gate_reason": self.change.gate_reason}

    def perform(self) -> None:
        services.submit(actor=self.page.person, change=self.change, gate_reason=self.cleaned_data["gate_reason"])


class Approve(ChangeForm):
    in_dialog = prominent = True
    name, label, title, needs, states = "approve", "Approve", "Approve", Act.APPROVE, (State.IN_REVIEW,)
    hint = "You approve this document by this evidence, as this page shows them. Any edit voids it."
    warning = "Approve it? Where the policy says so, it goes live with the last approval needed."
    done = "Approved."
    document_digest = forms.CharField(widget=forms.HiddenInput)
    evidence_digest = forms.CharField(widget=forms.HiddenInput, required=False)
    text = _words(required=False)

    def start(self) -> Mapping[str, Any]:
        page = self.page
        assert isinstance(page, ChangePage)
        evidence = page.evidence
        return {"document_digest": self.change.digest, "evidence_digest": evidence.digest if evidence else ""}

    def is_offered(self) -> bool:
        return super().is_offered() and not self.is_own()

    def perform(self) -> None:
        services.approve(actor=self.page.person, change=self.change, **self.cleaned_data)


class Reject(ChangeForm):
    name, label, title, needs = "reject", "Reject", "Reject", Act.APPROVE
    states, in_dialog, danger = (State.IN_REVIEW, State.APPROVED), True, True
    warning, done = "Reject it? It can then only be proposed anew.", "Rejected."
    text = _words()

    def perform(self) -> None:
        services.reject(actor=self.page.person, change=self.change, text=self.cleaned_data["text"])


class Publish(ChangeForm):
    in_dialog = prominent = True
    name, label, title, needs, states = "publish", "Publish now", "Publish", Act.APPROVE, (State.APPROVED,)
    hint, done = "It has its approvals. Publishing makes it live for the client.", "Published."
    warning = "Publish it now?"

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
    name, label, title, done = "comment", "Say it", "Discussion", ""
    text = _words()

    def prepare(self) -> None:
        self.fields["text"].label = "Your comment"

    def perform(self) -> None:
        services.comment(actor=self.page.person, change=self.change, text=self.cleaned_data["text"])


class ChangePage(TenantPage):
    """Should this go live? Verdict, thresholds, figures, the difference, what was said, and what I may do."""

    tab, about = "changes", "change"
    acts = (Submit, Approve, Publish, Comment, Edit, Recompute, Refresh, Reject, Withdraw)

    @cached_property
    def change(self) -> ChangeRequest:
        return get_object_or_404(selectors.changes(self.tenant), number=self.kwargs["change"])

    @cached_property
    def evidence(self) -> Evidence | None:
        return selectors.latest_evidence(self.change)

    def heading(self) -> str:
        return f"{self.change.number}: {self.change.title}"

    def is_busy(self) -> bool:
        return self.evidence is not None and self.evidence.state in Evidence.ACTIVE

    def live_parts(self) -> Iterable[Part]:
        change, evidence = self.change, self.evidence
        if change.failure:
            yield Note(change.failure, "bad", "It was rolled back by itself")
        if evidence is None:
            return
        if evidence.state in Evidence.ACTIVE:
            yield Progress(evidence.progress, f"Evidence {evidence.state}", log_lines(evidence.log))
        elif evidence.state == Evidence.State.SUCCEEDED:
            tone = {"pass": "good", "fail": "bad"}.get(evidence.verdict, "wait")
            yield Note(evidence.sentence, tone, f"Evidence: {evidence.verdict}")
            is_open = change.state in ChangeRequest.OPEN
            if is_open and not selectors.counts(evidence, change, releases.current(self.tenant)):
                words = "What is proposed or what is live has changed since: compile it again."
                yield Note(words, "wait", "Out of date")
        else:
            yield Note(evidence.error or "It was cancelled.", "bad", f"Evidence {evidence.state}")

    def parts(self) -> Iterable[Part]:
        yield self._facts()
        if self.change.gate_reason:
            yield Note(self.change.gate_reason, "wait", "Why publish it though the evidence does not say “pass”")
        if self.evidence is not None and self.evidence.result:
            yield from findings(msgspec.json.decode(self.evidence.result))
            yield Figures([Figure(name, figure) for name, figure in in_order(self.evidence.figures)])
        yield self._difference()
        yield self._reviews()

    def _facts(self) -> Part:
        change, slug = self.change, self.tenant.slug
        facts = [
            ("State", badge(change.state)),
            ("Author", Cell(change.author or "the platform")),
            ("Revision", Cell(change.revision)),
            ("Proposed", when(change.created_at)),
            ("Expires", when(change.expires_at))
            if change.state in ChangeRequest.OPEN
            else ("Decided", when(change.decided_at)),
            ("Over", link(change.based_on, "release", tenant=slug, number=change.based_on.number))
            if change.based_on
            else ("Over", Cell("nothing live")),
        ]
        if change.release:
            facts.append(("Published as", link(change.release, "release", tenant=slug, number=change.release.number)))
        return Facts([*facts, ("Why", Cell(change.reason))])

    def _difference(self) -> Part:
        before = documents.decode(self.change.based_on.document) if self.change.based_on else None
        rows = diff(before, documents.decode(self.change.document))
        return difference(rows, "What changes in the release")

    def _reviews(self) -> Part:
        rows = selectors.reviews(self.change)
        return Table(
            ["Who", "Said", "Words", "When", "Counts"],
            [
                [
                    Cell(row.person),
                    badge({"approve": "approved", "reject": "rejected"}.get(row.decision, "comment")),
                    Cell(row.text or "–"),
                    when(row.at),
                    Cell(
                        (row.voided_because and f"no: {row.voided_because}") or "yes"
                        if row.decision == "approve"
                        else "–"
                    ),
                ]
                for row in rows
            ],
            title="What was said",
            empty="Nobody has said anything yet.",
        )


def difference(rows: Iterable[Mapping[str, Any]], title: str) -> Part:
    shown = [[Cell(row["path"], kind="code"), Cell(_short(row["before"])), Cell(_short(row["after"]))] for row in rows]
    return Table(["Where", "Before", "After"], shown, title=title, empty="Nothing.")


def _short(value: Any) -> str:
    text = "–" if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= 200 else f"{text[:200]}…"
