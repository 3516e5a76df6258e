"""One release: what it serves, what it changed, and going back to it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import yaml
from django import forms
from django.shortcuts import get_object_or_404

from models_app.changes.drafting import create_change
from models_app.changes.rollback import roll_back, why_not
from models_app.console.releases.difference import decoded, difference_in_words
from models_app.console.releases.releases import state_of
from models_app.console.releases.routing import routes_in_words
from models_app.console.ui.actions import ActionForm
from models_app.console.ui.page import TenantPage
from models_app.console.ui.panels import Cell, Code, Facts, Note, Panel, Words, badge, code, link, several, when
from models_app.console.ui.tables import Column, Table
from models_app.releases.diff import readable
from scoring import processes, releases
from scoring.engine import document as documents
from scoring.engine.document import ReleaseDocument
from scoring.models import Release
from tenants.permissions import may
from tenants.roles import Permission


class ReleaseForm(ActionForm["ReleasePage"]):
    """An act on a release that is not live."""

    def is_offered(self) -> bool:
        return super().is_offered() and self.page.is_another


class RollBack(ReleaseForm):
    in_dialog = prominent = True
    name, label, title, needs, danger = "roll_back", "Roll back", "Roll back to this release", Permission.APPROVE, True
    success = "Rolled back."
    based_on = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(max_length=10_000, widget=forms.Textarea(attrs={"rows": 2}))

    def initial_values(self) -> Mapping[str, Any]:
        return {"based_on": self.page.current.number if self.page.current else 0}

    def is_offered(self) -> bool:
        return super().is_offered() and not self.page.why_not_back

    def preview(self) -> Iterable[Panel]:
        current = self.page.current
        live = f"release {current.number}" if current else "nothing"
        intro = f"These changes go live within a second as a new release; {live} stays on record:"
        yield Words(self.page.going_back, intro=intro, empty="No configuration changes.")

    def perform(self) -> str:
        page = self.page
        rollback = roll_back(actor=page.person, tenant=page.tenant, release=page.release, **self.cleaned_data)
        return page.at("release", number=rollback.number)


class ProposeAgain(ReleaseForm):
    name, label, title = "again", "Create change request", "Propose this release again"
    needs, in_dialog = Permission.PROPOSE, True
    hint = "This creates a change request that restores this release."
    success = "Change request created. Its evidence is being computed."
    reason = forms.CharField(max_length=10_000, widget=forms.Textarea(attrs={"rows": 2}))

    def preview(self) -> Iterable[Panel]:
        yield Words(
            self.page.going_back, intro="Once approved, these changes go live:", empty="No configuration changes."
        )

    def perform(self) -> str:
        page, reason = self.page, self.cleaned_data["reason"]
        title = f"Back to release {page.release.number}"
        change = create_change(
            actor=page.person, tenant=page.tenant, title=title, reason=reason, republishes=page.release
        )
        return page.at("change", change=change.number)


class ReleasePage(TenantPage):
    """What was served, from when to when, what it changed, and what going back to it would."""

    tab, subject, actions = "releases", "release", (RollBack, ProposeAgain)

    @cached_property
    def release(self) -> Release:
        rows = releases.releases(self.tenant).select_related("change_request__standing_approval")
        large = ("republishes__document", "change_request__document", "change_request__routes")
        return get_object_or_404(rows.defer(*large), number=self.kwargs["number"])

    @cached_property
    def current(self) -> Release | None:
        return releases.current(self.tenant)

    @cached_property
    def document(self) -> ReleaseDocument:
        return documents.decode(self.release.document)

    @cached_property
    def ended(self) -> datetime | None:
        return releases.live_until(self.release)

    @cached_property
    def is_another(self) -> bool:
        """Whether another document than this is live."""
        return self.current is not None and self.current.digest != self.release.digest

    @cached_property
    def why_not_back(self) -> str:
        return why_not(self.release, self.current) if self.current else ""

    @cached_property
    def going_back(self) -> list[str]:
        """What would change in what is served, in words."""
        live = decoded(self.current.document) if self.current else None
        return difference_in_words(self.tenant, live, self.document)

    def heading(self) -> str:
        return f"Release {self.release.number} of {self.tenant.name}"

    def badges(self) -> Sequence[Cell]:
        return (badge("live" if self.ended is None else "earlier"),)

    def live_panels(self) -> Iterable[Panel]:
        if self.ended is None:
            yield state_of(self.tenant, self.release, list(processes.processes()))
        elif self.is_another and self.why_not_back and may(self.person, Permission.APPROVE, self.tenant):
            yield Note(f"This release can only be restored by a change request: {self.why_not_back}.", "wait")

    def panels(self) -> Iterable[Panel]:
        before = releases.documents_of(self.tenant, [self.release.number - 1]).get(self.release.number - 1)
        sentences = difference_in_words(self.tenant, before, self.document)
        yield Words(sentences, "Configuration changes", empty="None: the same was served before.")
        if self.is_another:
            assert self.current
            title = f"Configuration changes of a rollback from release {self.current.number}"
            yield Words(self.going_back, title)
        yield self._served()
        text = yaml.safe_dump(readable(self.document), sort_keys=False, allow_unicode=True)
        yield Code(text, "Release document", folded=True)

    def _served(self) -> Panel:
        columns: Sequence[Column[tuple[str, documents.Intent]]] = (
            Column("intent", "Intent", lambda row: link(row[0], "intent", tenant=self.tenant.slug, intent=row[0])),
            Column("routes", "Routes", lambda row: several(*map(Cell, routes_in_words(row[1])))),
        )
        rows = sorted(self.document.intents.items())
        return Table(columns, rows, title="Served intents", empty="This release serves no intent.")

    def aside(self) -> Iterable[Panel]:
        row, slug = self.release, self.tenant.slug
        facts = [("Live from", when(row.published_at))]
        if self.ended is not None:
            facts.append(("Live until", when(self.ended)))
        facts += [("Published by", Cell(row.published_by or "the platform")), ("Reason", Cell(row.reason))]
        if (change := getattr(row, "change_request", None)) is not None:
            facts.append(("Change request", link(change.title, "change", tenant=slug, change=change.number)))
            if (ground := change.standing_approval) is not None:
                facts.append(("Went live by", Cell(f"standing approval {ground.number}")))
        if row.republishes:
            earlier = row.republishes.number
            facts.append(("Same as", link(f"release {earlier}", "release", tenant=slug, number=earlier)))
        yield Facts([*facts, ("Digest", code(row.digest[:12]))])
