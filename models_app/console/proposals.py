"""Proposals: one act for many tenants, and what became of it in each."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.shortcuts import get_object_or_404

from models_app.console import choices
from models_app.console.acts import ActForm
from models_app.console.fields import KeyField
from models_app.console.listing import Listing
from models_app.console.page import SharedPage
from models_app.console.parts import Cell, Facts, Note, Part, Progress, address, badge, link, number, when
from models_app.models import ChangeRequest, Evidence, ProposalLine
from models_app.selectors import catalog
from models_app.selectors import proposals as selectors
from models_app.services import proposals as services
from models_app.services.bulk_approval import Approved, Seen, approve_passing
from models_app.services.errors import conflict
from tenants.roles import Act

SOURCES = (("either", "Recorded scores where there are any, else a replay"), *choices.WINDOWS)


class ProposeEverywhere(ActForm):
    in_dialog = prominent = True
    name, label, title, needs = "propose", "Propose it everywhere", "Replace a predictor", Act.PROPOSE
    hint = "Each tenant gets the fits that it needs, a change request and evidence; what passes is put to review."
    done = "Under way."
    replaced = KeyField("predictors", help_text="Wherever this one answers now …")
    predictor = KeyField("predictors", help_text="… this one is to answer.")
    source = forms.ChoiceField(choices=SOURCES, label="Fit from")
    days = forms.FloatField(initial=14, min_value=0, help_text="The window up to now, in days of occurred_at.")
    called = forms.CharField(label="Title", max_length=200)
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))

    def start(self) -> Mapping[str, Any]:
        return {name: self.page.request.GET.get(name) for name in ("replaced", "predictor")}

    def perform(self) -> str:
        data = self.cleaned_data
        made = services.create_proposal(
            actor=self.page.person,
            title=data["called"],
            reason=data["reason"],
            replaced=catalog.predictor_by_key(data["replaced"], "replaced"),
            predictor=catalog.predictor_by_key(data["predictor"], "predictor"),
            source={"kind": data["source"], "days": data["days"]},
        )
        return address("proposal", proposal=made.pk)


class Proposals(SharedPage):
    title, acts = "Proposals", (ProposeEverywhere,)
    lead = "One act replaces a predictor for all tenants; each still gets a change request of its own."

    def parts(self) -> Iterable[Part]:
        listing = Listing(self.request, selectors.proposals(), ("title", "reason"))
        headers = ["Proposal", "Instead of", "Predictor", "Tenants", "Done", "Made", "By"]
        yield listing.table(headers, _row, empty="Nothing was proposed for many tenants yet.")


def _row(row: Any) -> list[Cell]:
    return [
        link(row.title, "proposal", proposal=row.pk),
        Cell(row.replaced.key),
        Cell(row.predictor.key),
        number(row.total),
        number(row.done),
        when(row.created_at),
        Cell(row.author or "the platform"),
    ]


class ApproveAll(ActForm):
    in_dialog = prominent = True
    name, label, title, needs = "approve", "Approve all that pass", "Approve all that pass", Act.APPROVE
    hint = "Each by its own document and evidence, as this page shows them. What has changed since is left out."
    warning = "Approve all that pass? Where the tenants' policies say so, they go live."
    done = ""
    seen = forms.CharField(widget=forms.HiddenInput)
    text = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}), label="Your words")

    def start(self) -> Mapping[str, Any]:
        page = self.page
        assert isinstance(page, ProposalPage)
        return {"seen": json.dumps(page.passing)}

    def is_offered(self) -> bool:
        page = self.page
        assert isinstance(page, ProposalPage)
        return super().is_offered() and page.proposal.author_id != page.person.pk and bool(page.passing)

    def clean_seen(self) -> list[Seen]:
        try:
            return [Seen(**each) for each in json.loads(self.cleaned_data["seen"])]
        except (TypeError, ValueError):
            raise forms.ValidationError("expected what this page shows; open it again") from None

    def perform(self) -> None:
        page, data = self.page, self.cleaned_data
        assert isinstance(page, ProposalPage)
        done = approve_passing(actor=page.person, proposal=page.proposal, seen=data["seen"], text=data["text"])
        if not any(each.status == 200 for each in done):
            raise conflict(f"none was approved: {_why(done)}")
        page.tell(f"{sum(each.status == 200 for each in done):,} approved. {_why(done)}")


def _why(done: Sequence[Approved]) -> str:
    refused = [f"{each.tenant}: {each.detail}" for each in done if each.status != 200]
    more = f" and {len(refused) - 5} more" if len(refused) > 5 else ""
    return f"{len(refused)} left out: {'; '.join(refused[:5])}{more}" if refused else ""


class CancelProposal(ActForm):
    in_dialog = True
    name, label, title, needs, danger = "cancel", "Stop it", "Stop", Act.PROPOSE, True
    hint = "Stops what has not ended. Change requests that are made already stay."
    warning, done = "Stop what has not ended?", "Stopped."

    def is_offered(self) -> bool:
        return super().is_offered() and self.page.is_busy()

    def perform(self) -> None:
        page = self.page
        assert isinstance(page, ProposalPage)
        services.cancel_proposal(actor=page.person, proposal=page.proposal)


class ProposalPage(SharedPage):
    """Which tenants pass, which fail, and why?"""

    about, acts = "proposal", (ApproveAll, CancelProposal)

    @cached_property
    def proposal(self) -> Any:
        return get_object_or_404(selectors.proposals(), pk=self.kwargs["proposal"])

    @cached_property
    def lines(self) -> list[Any]:
        """With what their queries annotate."""
        return list(selectors.lines(self.proposal))

    @cached_property
    def passing(self) -> list[dict[str, str]]:
        """The lines that pass and wait for review, as they are shown."""
        return [
            {
                "tenant": line.tenant.slug,
                "document_digest": line.change_request.digest,
                "evidence_digest": line.evidence_digest,
            }
            for line in self.lines
            if line.verdict_now == Evidence.Verdict.PASS
            and line.change_request
            and line.change_request.state == ChangeRequest.State.IN_REVIEW
        ]

    def heading(self) -> str:
        return str(self.proposal.title)

    def trail(self) -> Sequence[tuple[str, str]]:
        return (("Proposals", address("proposals")),)

    def is_busy(self) -> bool:
        return bool(self.proposal.done < self.proposal.total)

    def live_parts(self) -> Iterable[Part]:
        found = self.proposal
        if self.is_busy():
            yield Progress(found.done / found.total, f"{found.done:,} of {found.total:,} tenants")
        counts = ", ".join(f"{count:,} {name}" for name, count in selectors.summary(found).items() if count)
        yield Note(counts or "No tenant is in it.", "plain", f"Of {found.total:,} tenants")

    def parts(self) -> Iterable[Part]:
        found = self.proposal
        yield Facts(
            [
                ("Instead of", Cell(found.replaced.key)),
                ("Predictor", link(found.predictor.key, "predictor", **_key(found.predictor))),
                ("Fitted from", Cell(f"{found.source['kind']}, {found.source['days']:g} days")),
                ("Author", Cell(found.author or "the platform")),
                ("Made", when(found.created_at)),
                ("Why", Cell(found.reason)),
            ]
        )
        listing = Listing(self.request, selectors.lines(found), ("tenant__slug",), {"state": ("state", _STATES)})
        yield listing.table(["Tenant", "Line", "Evidence", "Change request", "Why"], _line)


_STATES = ProposalLine.State.values


def _key(predictor: Any) -> dict[str, Any]:
    return {"name": predictor.name, "version": predictor.version}


def _line(line: Any) -> list[Cell]:
    change = line.change_request
    place = {"tenant": line.tenant.slug}
    return [
        link(line.tenant.slug, "tenant", **place),
        badge(line.state),
        badge(line.verdict_now),
        link(f"{change.number}: {change.state}", "change", change=change.number, **place) if change else Cell("–"),
        Cell(line.error or line.sentence or "–"),
    ]
