"""Releases: what was live when, and going back."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import yaml
from django import forms
from django.shortcuts import get_object_or_404

from models_app.console.acts import ActForm
from models_app.console.change import places
from models_app.console.listing import Listing
from models_app.console.page import TenantPage
from models_app.console.parts import Cell, Code, Facts, Part, Table, badge, code, link, when
from models_app.console.routing import routes_in_words
from models_app.selectors import releases as selectors
from models_app.selectors import serving
from models_app.services.changes import create_change, roll_back
from models_app.services.document_diff import diff, readable
from scoring.engine import document as documents
from scoring.models import Release
from tenants.permissions import may
from tenants.roles import Act


class Releases(TenantPage):
    title, tab = "Releases", "releases"

    def parts(self) -> Iterable[Part]:
        listing = Listing(self.request, selectors.releases(self.tenant).defer("document"), ("reason",))
        headers = ["Release", "", "Published", "By", "Why"]
        yield listing.table(headers, self._row, empty="Nothing was published yet. Propose a change.")
        yield self._processes()

    def _row(self, row: Release) -> list[Cell]:
        return [
            link(f"release {row.number}", "release", tenant=self.tenant.slug, number=row.number),
            badge("active") if getattr(row, "is_current", False) else Cell(""),
            when(row.published_at),
            Cell(row.published_by or "the platform"),
            Cell(row.reason),
        ]

    def _processes(self) -> Part:
        """Machines are the platform's: a tenant's people see what is served, not where."""
        slug, named = self.tenant.slug, may(self.person, Act.VIEW_SHARED)
        rows = [
            [
                Cell(row.name if named else f"process {place}"),
                Cell(f"release {row.releases[slug]}" if slug in row.releases else "nothing"),
                Cell(row.failures.get(slug, {}).get("reason", "–")),
                when(row.seen_at),
            ]
            for place, row in enumerate(serving.processes(), start=1)
        ]
        headers = ["Scoring process", "Serves", "Could not load", "Said at"]
        return Table(headers, rows, title="What each process serves now", empty="No scoring process has spoken lately.")


class RollBack(ActForm):
    in_dialog = True
    name, label, title, needs, danger = "roll_back", "Roll back to this release", "Roll back", Act.APPROVE, True
    hint = "Its document is served again under a new number, within a second. What is live now stays on record."
    warning = "Serve this release again, now?"
    done = "Rolled back."
    based_on = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(max_length=10_000, widget=forms.Textarea(attrs={"rows": 2}))

    def start(self) -> Mapping[str, Any]:
        page = self.page
        assert isinstance(page, ReleasePage)
        return {"based_on": page.current.number if page.current else 0}

    def is_offered(self) -> bool:
        page = self.page
        assert isinstance(page, ReleasePage)
        return super().is_offered() and page.is_another()

    def perform(self) -> str:
        page = self.page
        assert isinstance(page, ReleasePage)
        made = roll_back(actor=page.person, tenant=page.tenant, release=page.release, **self.cleaned_data)
        return page.at("release", number=made.number)


class ProposeAgain(ActForm):
    name, label, title, needs, in_dialog = "again", "Propose it", "Propose this release again", Act.PROPOSE, True
    hint = "For a release that is too old for a rollback: a change request, with evidence and review."
    done = "Proposed. Evidence is being computed."
    reason = forms.CharField(max_length=10_000, widget=forms.Textarea(attrs={"rows": 2}))

    def is_offered(self) -> bool:
        page = self.page
        assert isinstance(page, ReleasePage)
        return super().is_offered() and page.is_another()

    def perform(self) -> str:
        page, reason = self.page, self.cleaned_data["reason"]
        assert isinstance(page, ReleasePage)
        title = f"Back to release {page.release.number}"
        made = create_change(
            actor=page.person, tenant=page.tenant, title=title, reason=reason, republishes=page.release
        )
        return page.at("change", change=made.number)


class ReleasePage(TenantPage):
    """What was served, and how it differs from what is live."""

    tab, about, acts = "releases", "release", (RollBack, ProposeAgain)

    @cached_property
    def release(self) -> Release:
        return get_object_or_404(selectors.releases(self.tenant), number=self.kwargs["number"])

    @cached_property
    def current(self) -> Release | None:
        return selectors.current(self.tenant)

    def is_another(self) -> bool:
        return self.current is not None and self.current.digest != self.release.digest

    def heading(self) -> str:
        return f"Release {self.release.number} of {self.tenant.name}"

    def parts(self) -> Iterable[Part]:
        row, document = self.release, documents.decode(self.release.document)
        facts = [
            ("State", badge("active") if not self.is_another() else Cell("earlier")),
            ("Published", when(row.published_at)),
            ("By", Cell(row.published_by or "the platform")),
            ("Digest", code(row.digest[:12])),
            ("Why", Cell(row.reason)),
        ]
        if row.republishes:
            facts.append(
                ("Repeats", link(row.republishes, "release", tenant=self.tenant.slug, number=row.republishes.number))
            )
        yield Facts(facts)
        yield Table(
            ["Intent", "Routes"],
            [[Cell(name), Cell("; ".join(routes_in_words(part)))] for name, part in sorted(document.intents.items())],
            title="What it serves",
        )
        if self.is_another():
            assert self.current
            live = documents.decode(self.current.document)
            yield Code(places(diff(live, document)), f"What going back from release {self.current.number} would change")
        yield Code(yaml.safe_dump(readable(document), sort_keys=False, allow_unicode=True), "The document")
