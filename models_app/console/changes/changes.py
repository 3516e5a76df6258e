"""Change requests as lists: of all tenants, and of one."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils import timezone

from models_app.changes import selectors
from models_app.changes.filters import AllChangeFilters, ChangeFilters
from models_app.changes.models import ChangeRequest
from models_app.console.changes.importing import ImportChange
from models_app.console.ui.choices import intent_names
from models_app.console.ui.listing import Listing
from models_app.console.ui.page import Page, TenantPage
from models_app.console.ui.panels import Cell, Panel, badge, link, several, when
from models_app.console.ui.tables import Column
from tenants.filters import same
from tenants.models import Tenant
from tenants.permissions import may
from tenants.roles import Permission

NEW_TENANT = "No change requests yet. A change request proposes a new configuration, with evidence of what it would do."


class AllChanges(Page):
    title = "Change requests"
    intro = "Proposed configuration changes of all tenants that you may see."

    def panels(self) -> Iterable[Panel]:
        offered = {"tenant": list(Tenant.objects.order_by("name").values_list("slug", "name"))}
        listing = Listing(self.request, selectors.listed(), (TENANT, *COLUMNS), AllChangeFilters, offered)
        yield listing.table(empty="No change requests yet.")


class Changes(TenantPage):
    title, tab, actions = "Change requests", "changes", (ImportChange,)
    intro = "Proposed configuration changes. Each shows what it would do and is approved by another person."

    def links(self) -> Sequence[tuple[str, str]]:
        may_propose = may(self.person, Permission.PROPOSE, self.tenant)
        return (("New change request", self.at("new_change")),) if may_propose else ()

    def panels(self) -> Iterable[Panel]:
        offered = {"intent": same(intent_names(self.tenant))}
        listing = Listing(self.request, selectors.listed(self.tenant), COLUMNS, ChangeFilters, offered)
        yield listing.table(empty=NEW_TENANT, next_link=self.first_link)


def numbered(row: ChangeRequest) -> Cell:
    return link(f"{row.number}: {row.title}", "change", tenant=row.tenant.slug, change=row.number)


def _expiry(row: ChangeRequest) -> Cell:
    """When an open change request expires, marked if that is soon."""
    if row.state not in ChangeRequest.OPEN:
        return Cell("–")
    soon = getattr(row, "urgency", "") == selectors.SOON
    return several(when(row.expires_at), badge("soon")) if soon else when(row.expires_at)


def age(at: datetime) -> str:
    """How long ago, in the largest unit that it fills: `3 h`, `2 d`."""
    minutes = int((timezone.now() - at).total_seconds() // 60)
    if minutes < 60:
        return f"{max(0, minutes)} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d"


def evidence_badge(row: ChangeRequest) -> Cell:
    """The verdict of the latest evidence, or how far it is; the row is of selectors.changes."""
    return badge(getattr(row, "verdict", None) or getattr(row, "evidence_state", None))


TENANT: Column[ChangeRequest] = Column(
    "tenant", "Tenant", lambda row: link(row.tenant.name, "tenant", tenant=row.tenant.slug), sort="tenant__name"
)
COLUMNS: Sequence[Column[ChangeRequest]] = (
    Column("change-request", "Change request", numbered, sort="title"),
    Column("state", "State", lambda row: badge(row.state), sort="state"),
    Column("evidence", "Evidence", evidence_badge),
    Column("author", "Author", lambda row: Cell(row.author or "the platform"), sort="author__email"),
    Column("age", "Age", lambda row: Cell(age(row.created_at)), sort="created_at"),
    Column("expires", "Expires", _expiry, sort="expires_at"),
)
