"""What was done, by whom, when and why."""

from collections.abc import Iterable

import msgspec

from models_app.console.listing import Listing
from models_app.console.page import Page, SharedPage, TenantPage
from models_app.console.parts import Cell, Part, code, when
from tenants import selectors
from tenants.models import AuditEntry, Tenant

HEADERS = ["When", "Who", "Act", "What", "Why", "From", "Details"]


class TenantAudit(TenantPage):
    title, tab = "Audit", "audit"

    def parts(self) -> Iterable[Part]:
        return [_table(self, self.tenant)]


class Audit(SharedPage):
    title = "Audit"

    def parts(self) -> Iterable[Part]:
        return [_table(self, None)]


def _table(page: Page, tenant: Tenant | None) -> Part:
    rows = selectors.audit_trail(tenant)
    listing = Listing(page.request, rows, ("act", "subject", "reason", "person__email"))
    return listing.table(HEADERS, _row, empty="Nothing was done yet.")


def _row(entry: AuditEntry) -> list[Cell]:
    details = msgspec.json.encode(entry.details).decode() if entry.details else "–"
    return [
        when(entry.at),
        Cell(entry.person or "the platform"),
        Cell(entry.act),
        Cell(entry.subject),
        Cell(entry.reason or "–"),
        Cell(entry.address or "–"),
        code(details if len(details) <= 160 else f"{details[:160]}…"),
    ]
