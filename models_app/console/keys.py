"""A client's API keys."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.shortcuts import get_object_or_404
from django.utils import timezone

from models_app.console.acts import ActForm
from models_app.console.page import TenantPage
from models_app.console.parts import Cell, Code, Note, Part, Table, badge, code, when
from tenants import selectors, services
from tenants.caller import alive
from tenants.models import ApiKey
from tenants.roles import Act


class KeyForm(ActForm):
    needs = Act.MANAGE_TENANT

    def keys(self) -> Any:
        assert self.page.tenant
        return selectors.api_keys(self.page.tenant)

    def show(self, made: tuple[ApiKey, str]) -> Any:
        """The key's text is shown on this answer, and nowhere after."""
        page = self.page
        assert isinstance(page, Keys)
        page.made = made[1]
        return page.answer([kind(page) for kind in page.acts])


class CreateKey(KeyForm):
    name, label, title = "create", "Create the key", "New key"
    called = forms.CharField(label="Name", max_length=200, help_text="Who uses it, as web shop.")
    scopes = forms.MultipleChoiceField(
        choices=ApiKey.Scope.choices, widget=forms.CheckboxSelectMultiple, initial=["score", "label"]
    )
    days = forms.IntegerField(
        required=False, min_value=1, max_value=3660, label="Days until it expires", help_text="Empty: never."
    )

    def perform(self) -> Any:
        data, tenant = self.cleaned_data, self.page.tenant
        assert tenant
        expires_at = timezone.now() + timedelta(days=data["days"]) if data["days"] else None
        made = services.create_api_key(
            tenant=tenant, name=data["called"], scopes=data["scopes"], expires_at=expires_at, actor=self.page.person
        )
        return self.show(made)


class _OneKey(KeyForm):
    folded = True
    key = forms.ChoiceField()

    def prepare(self) -> None:
        choice = self.fields["key"]
        assert isinstance(choice, forms.ChoiceField)
        now = timezone.now()
        choice.choices = [(str(row.pk), str(row)) for row in self.keys() if alive(row, now)]

    def chosen(self) -> ApiKey:
        found: ApiKey = get_object_or_404(self.keys(), pk=self.cleaned_data["key"])
        return found


class RotateKey(_OneKey):
    name, label, title = "rotate", "Rotate it", "Rotate a key"
    hint = "A new key takes its place; both work until the overlap is over."
    overlap_hours = forms.FloatField(min_value=0, max_value=720, initial=24)

    def perform(self) -> Any:
        overlap = timedelta(hours=self.cleaned_data["overlap_hours"])
        return self.show(services.rotate_api_key(key=self.chosen(), overlap=overlap, actor=self.page.person))


class RevokeKey(_OneKey):
    name, label, title, danger = "revoke", "Revoke it", "Revoke a key", True
    hint = "Within two seconds nobody is let in with it any more."
    warning, done = "Revoke this key? Whoever uses it is locked out, for good.", "Revoked."
    reason = forms.CharField(required=False, max_length=2000)

    def perform(self) -> None:
        services.revoke_api_key(key=self.chosen(), actor=self.page.person, reason=self.cleaned_data["reason"])


class Keys(TenantPage):
    title, tab, acts = "Keys", "keys", (CreateKey, RotateKey, RevokeKey)
    lead = "What a client's programs call the scoring service with. Only a hash of each is kept."
    made = ""

    def parts(self) -> Iterable[Part]:
        if self.made:
            yield Note("Copy it now: it is not kept, and is shown this once.", "good", "The new key")
            yield Code(self.made)
        now = timezone.now()
        yield Table(
            ["Name", "Begins with", "May", "State", "Made", "Expires", "Last used"],
            [
                [
                    Cell(row.name),
                    code(f"muse_{row.prefix}_…"),
                    Cell(", ".join(row.scopes)),
                    badge("active" if alive(row, now) else "dead"),
                    when(row.created_at),
                    when(row.revoked_at or row.expires_at),
                    when(row.last_used_at),
                ]
                for row in selectors.api_keys(self.tenant)[:200]
            ],
            empty="No key yet. Create one, and give it to the client's engineer.",
        )
