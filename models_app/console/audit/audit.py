"""What was done, by whom, when, why and from where; and what it changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

import msgspec
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from models_app.console.audit.history import changed
from models_app.console.audit.subjects import subject, with_places
from models_app.console.ui.listing import NOTHING_MATCHES, Listing
from models_app.console.ui.page import Page, SharedPage, TenantPage
from models_app.console.ui.panels import Cell, Code, Facts, Links, Note, Panel, address, code, link, when
from models_app.console.ui.tables import Column
from tenants import history, selectors
from tenants.audit_export import FORMS, export
from tenants.audit_search import PLATFORM, AuditSearch, read_audit_search
from tenants.audit_terms import AuditAction
from tenants.models import AuditEntry
from tenants.query_text import one_of
from tenants.refusals import messages_by_field

PARAMETERS = ("q", "person", "act", "subject_type", "subject_id", "since", "until")
WORDS = {"csv": "Export as CSV", "jsonl": "Export as JSON lines"}


@dataclass(frozen=True)
class Finder(Panel):
    """What the trail is narrowed by (`query`), what can be chosen, and the ways to take away what is found."""

    template: ClassVar[str] = "console/audit_finder.html"
    query: Mapping[str, str]
    people: Iterable[str]
    exports: Iterable[tuple[str, str]]
    actions: Iterable[str] = tuple(AuditAction.values)
    nobody: str = PLATFORM


class _Trail(Page):
    title = "Audit"
    intro = "All actions of people and of the platform itself, with what they changed. Entries are never rewritten."

    def panels(self) -> Iterable[Panel]:
        query = _query(self.request)
        yield self._finder(query)
        try:
            search = read_audit_search(query)
        except ValidationError as error:
            yield from (
                Note(f"{name}: {' '.join(messages)}", "bad") for name, messages in messages_by_field(error).items()
            )
            return
        entries = with_places(search.of(selectors.audit_trail(self.tenant)))
        listing = Listing(self.request, entries, self.columns())
        empty = "No actions yet." if search == AuditSearch() else NOTHING_MATCHES
        yield listing.table(empty=empty)

    def columns(self) -> Sequence[Column[AuditEntry]]:
        whose = () if self.tenant else (Column("tenant", "Tenant", _tenant, sort="tenant__name"),)
        return (
            Column("when", "When", lambda entry: when(entry.at), sort="at"),
            *whose,
            Column("who", "Person", lambda entry: Cell(entry.person or "the platform"), sort="person__email"),
            Column("act", "Action", self._act, sort="act"),
            Column("what", "Subject", subject, sort="subject"),
            Column("why", "Reason", lambda entry: Cell(entry.reason or "–")),
            Column("from", "Address", lambda entry: Cell(entry.address or "–")),
        )

    def _finder(self, query: Mapping[str, str]) -> Panel:
        people = selectors.audit_people(self.tenant)
        exports = [(WORDS[form], f"{self.way('audit_export')}?{urlencode({**query, 'form': form})}") for form in FORMS]
        return Finder(query, people, exports)

    def _act(self, entry: AuditEntry) -> Cell:
        return Cell(entry.act, href=self.way("audit_entry", entry=entry.pk))

    def way(self, page: str, **place: Any) -> str:
        """Return the address of a page of this trail: below its tenant, or the platform's."""
        return way(self, page, **place)


class TenantAudit(_Trail, TenantPage):
    tab = "audit"


class Audit(_Trail, SharedPage):
    """The audit trail of all tenants, and of what they share."""


def _tenant(entry: AuditEntry) -> Cell:
    return link(entry.tenant.name, "tenant", tenant=entry.tenant.slug) if entry.tenant else Cell("–")


class _Export(Page):
    is_fragment = True  # a file: nothing of it is looked at here

    def get(self, request: HttpRequest, *args: Any, **place: Any) -> HttpResponseBase:
        self._open()
        try:
            query = request.GET.dict()
            form = one_of(list(FORMS))(query.pop("form", "") or "csv")
            search = read_audit_search(query)
        except (ValidationError, ValueError):
            return redirect(f"{way(self, 'audit')}?{urlencode(_query(request))}")  # which says what is wrong
        return export(tenant=self.tenant, search=search, form=form)


class TenantAuditExport(_Export, TenantPage):
    """The trail as a file, for who is logged in."""


class AuditExport(_Export, SharedPage):
    """The trail as a file, for who is logged in."""


class _Entry(Page):
    subject = "entry"

    @cached_property
    def entry(self) -> AuditEntry:
        return get_object_or_404(with_places(selectors.audit_trail(self.tenant)), pk=self.kwargs["entry"])

    def heading(self) -> str:
        return f"{self.entry.act}: {self.entry.subject}"

    def panels(self) -> Iterable[Panel]:
        entry = self.entry
        facts = [
            ("When", when(entry.at)),
            ("Person", Cell(entry.person or "the platform")),
            ("Subject", subject(entry)),
            ("Reason", Cell(entry.reason or "–")),
            ("Address", Cell(entry.address or "–")),
            ("Request", code(entry.request or "–")),
            ("Tenant", Cell(entry.tenant or "–")),
        ]
        yield Facts(facts)
        if entry.subject_type:
            row = {"subject_type": entry.subject_type, "subject_id": entry.subject_id}
            yield Links([("See all that was done to it", f"{way(self, 'audit')}?{urlencode(row)}")])
        if entry.details:
            yield Code(msgspec.json.format(msgspec.json.encode(entry.details)).decode(), "Details")
        # A request for many tenants writes for all of them: what an entry of one tenant shows is that tenant's.
        tenant = self.tenant or entry.tenant
        yield from changed(self, history.steps_from(origin=entry.origin, tenant=tenant), named=True)


class TenantEntry(_Entry, TenantPage):
    tab = "audit"

    def breadcrumbs(self) -> list[tuple[str, str]]:
        return [*super().breadcrumbs(), ("Audit", way(self, "audit"))]


class Entry(_Entry, SharedPage):
    def breadcrumbs(self) -> list[tuple[str, str]]:
        return [("Audit", way(self, "audit"))]


def way(page: Page, to: str, **place: Any) -> str:
    """A page of the trail that this page belongs to: below its tenant, or the platform's."""
    return address(to, tenant=page.tenant.slug, **place) if page.tenant else address(f"platform_{to}", **place)


def _query(request: HttpRequest) -> dict[str, str]:
    values = {name: request.GET.get(name, "").replace("\x00", "").strip() for name in PARAMETERS}
    return {name: value for name, value in values.items() if value}
