"""A client's API keys."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cached_property

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from models_app.console.ui.credentials import (
    LIFE,
    NAME,
    CreateCredential,
    CredentialForm,
    CredentialsPage,
    living,
)
from models_app.console.ui.listing import Listing
from models_app.console.ui.page import TenantPage
from models_app.console.ui.panels import Cell, Panel, code, number, opens, several, when
from models_app.console.ui.tables import Column
from models_app.monitoring import quotas
from tenants import selectors, services
from tenants.caller import alive
from tenants.filters import KeyFilters
from tenants.models import ApiKey
from tenants.networks import LONGEST, MOST
from tenants.permissions import may
from tenants.roles import Permission
from tenants.services.keys import QUOTAS


class KeyForm(CredentialForm):
    needs = Permission.MANAGE_TENANT

    def keys(self) -> QuerySet[ApiKey]:
        assert self.page.tenant
        return selectors.api_keys(self.page.tenant)


def networks_field() -> forms.CharField:
    return forms.CharField(
        label="Networks", required=False, max_length=MOST * (LONGEST + 1), widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Where the key may be used, one a line, such as 192.0.2.0/24 or 2001:db8::/32. Empty means anywhere.",
    )  # fmt: skip


def quota_field() -> forms.IntegerField:
    text = "Events a second with this key, beside the tenant's quota. Empty means no limit of its own."
    return forms.IntegerField(
        label="Quota per second", required=False, min_value=1, max_value=1_000_000, help_text=text
    )


def day_quota_field() -> forms.IntegerField:
    text = "Events a day (UTC) with this key, beside the tenant's quota. Empty means no limit of its own."
    return forms.IntegerField(
        label="Quota per day", required=False, min_value=1, max_value=100_000_000_000, help_text=text
    )


class CreateKey(CreateCredential, KeyForm):
    in_dialog = prominent = True
    name, label, title = "create", "Create key", "New key"
    called = forms.CharField(label="Name", max_length=200, help_text="The program that uses the key, such as web shop.")
    scopes = forms.MultipleChoiceField(
        choices=ApiKey.Scope.choices, widget=forms.CheckboxSelectMultiple, initial=["score", "label"]
    )
    networks = networks_field()
    quota_per_second = quota_field()
    quota_per_day = day_quota_field()
    field_order = ["called", "scopes", "networks", "quota_per_second", "quota_per_day", "days"]

    def perform(self) -> HttpResponse:
        data, tenant = self.cleaned_data, self.page.tenant
        assert tenant
        chosen = {"name": data["called"], "scopes": data["scopes"], "networks": data["networks"].split()}
        chosen |= {"expires_at": self.expires_at(), **{name: data[name] for name in QUOTAS}}
        return self.show(services.create_api_key(tenant=tenant, **chosen, actor=self.page.person)[1])


class _OneKey(KeyForm):
    in_dialog = from_rows = True
    key = forms.ChoiceField()

    def prepare(self) -> None:
        self.offer(key=[(str(row.pk), str(row)) for row in living(self.keys())])

    def chosen(self) -> ApiKey:
        return get_object_or_404(self.keys(), pk=self.cleaned_data["key"])


class RestrictKey(_OneKey):
    name, label, title, success = "restrict", "Save", "Networks of a key", "It holds within two seconds."
    hint = "Requests from elsewhere are refused with 403."
    networks = networks_field()

    def perform(self) -> None:
        wanted = self.cleaned_data["networks"].split()
        services.restrict_api_key(key=self.chosen(), networks=wanted, actor=self.page.person)


class LimitKey(_OneKey):
    name, label, title, success = "limit", "Save", "Quota of a key", "It holds within two seconds."
    hint = "Events beyond the quota are refused with 429."
    quota_per_second = quota_field()
    quota_per_day = day_quota_field()

    def perform(self) -> None:
        wanted = {name: self.cleaned_data[name] for name in QUOTAS}
        services.limit_api_key(key=self.chosen(), **wanted, actor=self.page.person)


class RotateKey(_OneKey):
    name, label, title = "rotate", "Rotate", "Rotate key"
    hint = "A new key replaces this one. Both work until the overlap ends."
    overlap_hours = forms.FloatField(min_value=0, max_value=720, initial=24)

    def perform(self) -> HttpResponse:
        overlap = timedelta(hours=self.cleaned_data["overlap_hours"])
        return self.show(services.rotate_api_key(key=self.chosen(), overlap=overlap, actor=self.page.person)[1])


class RevokeKey(_OneKey):
    name, label, title, danger = "revoke", "Revoke", "Revoke key", True
    hint = "The key stops working within two seconds."
    warning, success = "Revoke this key? Programs that use it lose access. This cannot be undone.", "Revoked."
    reason = forms.CharField(required=False, max_length=2000)

    def perform(self) -> None:
        services.revoke_api_key(key=self.chosen(), actor=self.page.person, reason=self.cleaned_data["reason"])


class Keys(CredentialsPage, TenantPage):
    title, tab, actions = "Keys", "keys", (CreateKey, RestrictKey, LimitKey, RotateKey, RevokeKey)
    intro = "What a client's programs call the scoring service with. Only a hash of each is kept."

    @cached_property
    def used(self) -> Mapping[int, int]:
        return quotas.today_by_key(self.tenant)

    def panels(self) -> Iterable[Panel]:
        yield from self.once("The new key")
        listing = Listing(self.request, selectors.api_keys(self.tenant), self._columns(), KeyFilters)
        yield listing.table(empty="No keys yet. Create one and give it to the client's engineer.")

    def _columns(self) -> Sequence[Column[ApiKey]]:
        return (
            NAME,
            Column("prefix", "Prefix", lambda row: code(f"muse_{row.prefix}_…")),
            Column("scopes", "Scopes", lambda row: Cell(", ".join(row.scopes))),
            Column("networks", "Networks", _networks),
            Column("quota", "Events a second", lambda row: number(row.quota_per_second)),
            Column("day", "Today", lambda row: _today(self.used.get(row.pk, 0), row.quota_per_day)),
            *LIFE,
            Column("acts", "Actions", self._acts),
        )

    def _acts(self, row: ApiKey) -> Cell:
        if not (may(self.person, Permission.MANAGE_TENANT, self.tenant) and alive(row, timezone.now())):
            return Cell("")
        return several(
            opens("Networks", "restrict", key=row.pk, networks="\n".join(row.networks)),
            opens(
                "Quota",
                "limit",
                key=row.pk,
                quota_per_second=row.quota_per_second or "",
                quota_per_day=row.quota_per_day or "",
            ),
            opens("Rotate", "rotate", key=row.pk),
            opens("Revoke", "revoke", grave=True, key=row.pk),
        )


def _today(used: int, quota: int | None) -> Cell:
    """Events of this day, and what it may come to."""
    return number(used) if quota is None else Cell(f"{used:,} of {quota:,}, {used / quota:.0%}")


def _networks(row: ApiKey) -> Cell:
    """Where it may be used; and from where it was used in vain."""
    allowed = Cell(", ".join(row.networks) or "any")
    if row.refused_at is None:
        return allowed
    return several(allowed, Cell(f"refused from {row.refused_from or 'an unknown address'}"), when(row.refused_at))
