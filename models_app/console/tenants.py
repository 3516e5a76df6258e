"""Tenants: the list, and one with its intents."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from models_app.console.acts import ActForm
from models_app.console.listing import Listing
from models_app.console.page import Page, TenantPage
from models_app.console.parts import Cell, Facts, Links, Part, Table, address, link, number, when
from models_app.console.routing import routes_in_words
from models_app.selectors import releases
from scoring.engine import document as documents
from tenants import selectors, services
from tenants.models import Tenant
from tenants.models.tenant import slug
from tenants.permissions import may
from tenants.roles import Act


class CreateTenant(ActForm):
    prominent = True
    name, label, title, in_dialog = "create", "Create the tenant", "New tenant", True
    needs, done = Act.MANAGE_PLATFORM, "The tenant is there. Set up its first intent."
    slug = forms.CharField(max_length=63, validators=[slug], help_text="Its name in addresses, as acme. It stays.")
    called = forms.CharField(label="Name", max_length=200)
    quota_per_second = forms.IntegerField(required=False, min_value=1, help_text="Events a second; empty: no limit.")

    def perform(self) -> str:
        data = self.cleaned_data
        made = services.create_tenant(
            slug=data["slug"], name=data["called"], quota_per_second=data["quota_per_second"], actor=self.page.person
        )
        return address("tenant", tenant=made.slug)


class Tenants(Page):
    title, acts = "Tenants", (CreateTenant,)

    def parts(self) -> Iterable[Part]:
        rows = Tenant.objects.select_related("current__release__tenant").order_by("slug")
        listing = Listing(self.request, rows, search=("slug", "name"))
        yield listing.table(["Tenant", "Name", "Release", "Live since"], _row, empty="No tenant is there yet.")


def _row(tenant: Tenant) -> list[Cell]:
    current = getattr(tenant, "current", None)
    return [
        link(tenant.slug, "tenant", tenant=tenant.slug),
        Cell(tenant.name),
        number(current.release.number) if current else Cell("none"),
        when(current.release.published_at if current else None),
    ]


class ChangeTenant(ActForm):
    name, label, title, in_dialog = "change", "Save", "Name and quota", True
    needs = Act.MANAGE_TENANT
    called = forms.CharField(label="Name", max_length=200)
    quota_per_second = forms.IntegerField(required=False, min_value=1, help_text="Events a second; empty: no limit.")

    def start(self) -> Mapping[str, Any]:
        tenant = self.page.tenant
        assert tenant
        return {"called": tenant.name, "quota_per_second": tenant.quota_per_second}

    def perform(self) -> None:
        tenant, data = self.page.tenant, self.cleaned_data
        assert tenant
        changes = {"name": data["called"], "quota_per_second": data["quota_per_second"]}
        services.change_tenant(tenant=tenant, changes=changes, actor=self.page.person)


class TenantHome(TenantPage):
    """What is served to whom?"""

    tab, acts = "tenant", (ChangeTenant,)

    def heading(self) -> str:
        return self.tenant.name

    def parts(self) -> Iterable[Part]:
        current = releases.current(self.tenant)
        served = documents.decode(current.document) if current else None
        facts = [
            ("Release", self._release(current)),
            ("Live since", when(current.published_at if current else None)),
            ("Quota", Cell(f"{self.tenant.quota_per_second} a second" if self.tenant.quota_per_second else "none")),
        ]
        yield Facts(facts)
        yield Table(
            ["Intent", "Served by", "Thresholds"],
            [self._intent(row, served) for row in selectors.intents(self.tenant)],
            title="Intents",
            empty="A client asks for an intent, never for a model. Set up the first one.",
        )
        if may(self.person, Act.MANAGE_TENANT, self.tenant):
            yield Links([("New intent", self.at("new_intent"))])

    def _release(self, current: Any) -> Cell:
        if current is None:
            return Cell("nothing is served yet")
        return link(f"release {current.number}", "release", tenant=self.tenant.slug, number=current.number)

    def _intent(self, intent: Any, served: documents.ReleaseDocument | None) -> list[Cell]:
        part = served.intents.get(intent.name) if served else None
        thresholds = ", ".join(f"{each['name']} {each['score']:g}" for each in intent.thresholds)
        return [
            link(intent.name, "intent", tenant=self.tenant.slug, intent=intent.name),
            Cell("; ".join(routes_in_words(part)) if part else "not served yet"),
            Cell(thresholds or "none"),
        ]
