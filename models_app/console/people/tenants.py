"""Tenants: the list, and one with its intents."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.conf import settings

from models_app.console.releases.routing import routes_in_words
from models_app.console.ui.actions import ActionForm
from models_app.console.ui.counts import counted
from models_app.console.ui.listing import Listing
from models_app.console.ui.page import Page, TenantPage
from models_app.console.ui.panels import (
    Cell,
    Note,
    Panel,
    Stat,
    Stats,
    address,
    link,
    number,
    percent,
    scale,
    several,
    when,
)
from models_app.console.ui.refused import refused_panels
from models_app.console.ui.sparklines import Spark
from models_app.console.ui.tables import Column
from models_app.intents.filters import IntentFilters
from models_app.monitoring import alert_rates, overview, quotas, traffic
from scoring.engine import document as documents
from scoring.models import Release
from tenants import selectors, services
from tenants.filters import TenantFilters
from tenants.models import Intent
from tenants.models.tenant import slug
from tenants.permissions import may
from tenants.roles import Permission

QUOTA_HELP = "Events a second. Empty means no limit."
DAY_QUOTA_HELP = "Events a day (UTC). Empty means no limit."
RETENTION_HELP = "Days after which events and labels are deleted. Empty means the installation's {days}."
AUDIT_HELP = "Days for which entries are kept, if more than the installation's: {kept}."
NEAR_QUOTA = (
    "In the busiest minute of the last hour {0.share:.0%} of {0.quota:,} events a second were scored. What is beyond "
    "the quota is refused with 429, and so is what comes to a process of scoring that has used its part of it."
)
NEAR_DAY_QUOTA = (
    "Today {0.share:.0%} of {0.quota:,} events were let in. What is beyond is refused with 429 until midnight UTC."
)
LIMITS = ("quota_per_second", "quota_per_day", "retention_days", "audit_days")


def retention_field() -> forms.IntegerField:
    text = RETENTION_HELP.format(days=settings.ENV["MUSE_RETENTION_DAYS"])
    return forms.IntegerField(label="Retention", required=False, min_value=1, max_value=36_500, help_text=text)


def audit_field() -> forms.IntegerField:
    days = settings.ENV["MUSE_AUDIT_DAYS"]
    text = AUDIT_HELP.format(kept=counted(days, "day") if days else "all of it, for good")
    return forms.IntegerField(label="Audit trail", required=False, min_value=1, max_value=36_500, help_text=text)


class CreateTenant(ActionForm):
    prominent = True
    name, label, title, in_dialog = "create", "Create tenant", "New tenant", True
    needs, success = Permission.MANAGE_PLATFORM, "Tenant created. Set up its first intent."
    slug = forms.CharField(
        max_length=63, validators=[slug], help_text="The name in addresses, such as acme. It cannot be changed later."
    )
    called = forms.CharField(label="Name", max_length=200)
    quota_per_second = forms.IntegerField(required=False, min_value=1, help_text=QUOTA_HELP)
    quota_per_day = forms.IntegerField(required=False, min_value=1, help_text=DAY_QUOTA_HELP)
    retention_days = retention_field()
    audit_days = audit_field()

    def perform(self) -> str:
        data = self.cleaned_data
        limits = {name: data[name] for name in LIMITS}
        tenant = services.create_tenant(slug=data["slug"], name=data["called"], actor=self.page.person, **limits)
        return address("tenant", tenant=tenant.slug)


class Tenants(Page):
    title, actions = "Tenants", (CreateTenant,)

    def panels(self) -> Iterable[Panel]:
        listing = Listing(self.request, overview.tenants(), COLUMNS, TenantFilters)
        yield listing.table(empty="No tenants yet. Each client organisation is a tenant.")


def _open_changes(tenant: overview.Overview) -> Cell:
    many = tenant.open_changes
    return link(f"{many:,}", "changes", tenant=tenant.slug) if many else number(0)


def _live(tenant: overview.Overview) -> Release | None:
    current = getattr(tenant, "current", None)
    return current.release if current else None


def _release(tenant: overview.Overview) -> Cell:
    live = _live(tenant)
    return link(live.number, "release", tenant=tenant.slug, number=live.number) if live else Cell("none")


def _live_since(tenant: overview.Overview) -> Cell:
    live = _live(tenant)
    return when(live.published_at if live else None)


COLUMNS: Sequence[Column[overview.Overview]] = (
    Column("tenant", "Tenant", lambda tenant: link(tenant.slug, "tenant", tenant=tenant.slug), sort="slug"),
    Column("name", "Name", lambda tenant: Cell(tenant.name), sort="name"),
    Column("intents", "Intents", lambda tenant: number(tenant.intent_count), sort="intent_count"),
    Column("events", "Events scored, 24 h", lambda tenant: number(tenant.events), sort="events"),
    Column("open-changes", "Open change requests", _open_changes, sort="open_changes"),
    Column("release", "Release", _release),
    Column("live-since", "Live since", _live_since, sort="current__release__published_at"),
)


class ChangeTenant(ActionForm[TenantPage]):
    name, label, title, in_dialog = "change", "Save", "Edit name and limits", True
    needs = Permission.MANAGE_TENANT
    called = forms.CharField(label="Name", max_length=200)
    quota_per_second = forms.IntegerField(required=False, min_value=1, help_text=QUOTA_HELP)
    quota_per_day = forms.IntegerField(required=False, min_value=1, help_text=DAY_QUOTA_HELP)
    retention_days = retention_field()
    audit_days = audit_field()

    def initial_values(self) -> Mapping[str, Any]:
        tenant = self.page.tenant
        return {"called": tenant.name, **{name: getattr(tenant, name) for name in LIMITS}}

    def perform(self) -> None:
        """Only what is new: limits are the platform's, and a tenant's admin may still rename it."""
        tenant, data = self.page.tenant, self.cleaned_data
        values = {"name": data["called"], **{name: data[name] for name in LIMITS}}
        changes = {name: value for name, value in values.items() if value != getattr(tenant, name)}
        services.change_tenant(tenant=tenant, changes=changes, actor=self.page.person)


class TenantHome(TenantPage):
    """What is served to whom?"""

    tab, actions = "tenant", (ChangeTenant,)

    def heading(self) -> str:
        return self.tenant.name

    def breadcrumbs(self) -> Sequence[tuple[str, str]]:
        return super().breadcrumbs()[:1]

    def links(self) -> Sequence[tuple[str, str]]:
        return (
            [("New intent", self.at("new_intent"))] if may(self.person, Permission.MANAGE_TENANT, self.tenant) else []
        )

    @cached_property
    def seen(self) -> overview.Overview:
        return overview.tenants().defer(None).get(pk=self.tenant.pk)

    @cached_property
    def release(self) -> Release | None:
        return _live(self.seen)

    @cached_property
    def served(self) -> Mapping[str, documents.Intent]:
        return documents.decode(self.release.document).intents if self.release else {}

    @cached_property
    def rates(self) -> list[alert_rates.AlertRate]:
        return alert_rates.of_week([self.seen])

    def panels(self) -> Iterable[Panel]:
        yield from self._near_quota()
        yield self._stats()
        intents = Listing(self.request, selectors.intents(self.tenant).defer("context"), self._columns(), IntentFilters)
        empty = "No intents yet. A client asks for an intent, never for a model. Create the first with “New intent”."
        yield intents.table(title="Intents", empty=empty)
        yield from refused_panels(self.tenant)

    @cached_property
    def quota(self) -> quotas.Use | None:
        return quotas.use(self.tenant)

    @cached_property
    def day(self) -> quotas.Use | None:
        return quotas.day_use(self.tenant)

    def _near_quota(self) -> Iterable[Panel]:
        if self.quota and self.quota.is_near:
            yield Note(NEAR_QUOTA.format(self.quota), "wait", "The quota of events a second is nearly used up")
        if self.day and self.day.is_near:
            text = NEAR_DAY_QUOTA.format(self.day)
            yield Note(text, "wait", "The quota of events a day is nearly used up")

    def _stats(self) -> Panel:
        seen, slug = self.seen, self.tenant.slug
        by_hour, off = traffic.by_hour(overview.hours(self.tenant)), sum(rate.is_off for rate in self.rates)
        release = Cell("none yet")
        if self.release:
            release = link(self.release.number, "release", tenant=slug, number=self.release.number)
        return Stats(
            [
                Stat("Events scored, 24 h", number(seen.events), "", Spark(by_hour, f"Events by hour: {by_hour}")),
                Stat("Alert rates off target", number(off), f"of {len(self.rates):,}, over 7 days"),
                Stat("Open change requests", link(f"{seen.open_changes:,}", "changes", tenant=slug)),
                Stat("Release", release, "" if self.quota or self.day else "no quota"),
                *self._of_quota(),
            ]
        )

    def _of_quota(self) -> Iterable[Stat]:
        if self.quota:
            note = f"of {self.quota.quota:,} events a second, in the busiest minute of the last hour"
            yield Stat("Quota used", percent(self.quota.share), note)
        if self.day:
            yield Stat(
                "Quota of the day used", percent(self.day.share), f"of {self.day.quota:,} events, until midnight UTC"
            )

    def _columns(self) -> Sequence[Column[Intent]]:
        return (
            Column("intent", "Intent", self._intent, sort="name"),
            Column("routes", "Served by", self._routes),
            Column("alert-rates", "Alert rates, 7 days", self._alert_rates),
        )

    def _intent(self, intent: Intent) -> Cell:
        return link(intent.name, "intent", tenant=self.tenant.slug, intent=intent.name)

    def _routes(self, intent: Intent) -> Cell:
        if part := self.served.get(intent.name):
            return Cell("; ".join(routes_in_words(part)))
        return link("not served yet: set it up", "intent_setup", tenant=self.tenant.slug, intent=intent.name)

    def _alert_rates(self, intent: Intent) -> Cell:
        rates = [rate for rate in self.rates if rate.intent == intent.name]
        cells = [several(Cell(rate.threshold), scale(rate, rate.target)) for rate in rates]
        return several(*cells) if cells else Cell("–")
