"""The person's own: tokens for the control plane's REST API."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.shortcuts import get_object_or_404
from django.utils import timezone

from models_app.console.acts import ActForm
from models_app.console.page import Page
from models_app.console.parts import Cell, Code, Note, Part, Table, badge, code, when
from tenants import selectors, services
from tenants.caller import alive


class CreateToken(ActForm):
    name, label, title = "create", "Create the token", "New token"
    called = forms.CharField(label="Name", max_length=200, help_text="What it is for.")
    days = forms.IntegerField(
        required=False, min_value=1, max_value=3660, label="Days until it expires", help_text="Empty: never."
    )

    def perform(self) -> Any:
        page, data = self.page, self.cleaned_data
        assert isinstance(page, Account)
        expires_at = timezone.now() + timedelta(days=data["days"]) if data["days"] else None
        person = page.person
        page.made = services.create_personal_token(
            person=person, name=data["called"], expires_at=expires_at, actor=person
        )[1]
        return page.answer([kind(page) for kind in page.acts])


class RevokeToken(ActForm):
    name, label, title, folded, danger = "revoke", "Revoke it", "Revoke a token", True, True
    warning, done = "Revoke this token?", "Revoked."
    token = forms.ChoiceField()

    def prepare(self) -> None:
        choice = self.fields["token"]
        assert isinstance(choice, forms.ChoiceField)
        now = timezone.now()
        choice.choices = [(str(row.pk), row.name) for row in tokens(self.page) if alive(row, now)]

    def perform(self) -> None:
        token = get_object_or_404(tokens(self.page), pk=self.cleaned_data["token"])
        services.revoke_personal_token(token=token, actor=self.page.person)


def tokens(page: Page) -> Any:
    return selectors.tokens(page.person)


class Account(Page):
    title, acts = "My account", (CreateToken, RevokeToken)
    lead = "Tokens let programs call the control plane's REST API with your roles."
    made = ""

    def parts(self) -> Iterable[Part]:
        if self.made:
            yield Note("Copy it now: it is not kept, and is shown this once.", "good", "The new token")
            yield Code(self.made)
        now = timezone.now()
        yield Table(
            ["Name", "Begins with", "State", "Made", "Expires", "Last used"],
            [
                [
                    Cell(row.name),
                    code(f"musep_{row.prefix}_…"),
                    badge("active" if alive(row, now) else "dead"),
                    when(row.created_at),
                    when(row.revoked_at or row.expires_at),
                    when(row.last_used_at),
                ]
                for row in tokens(self)[:200]
            ],
            title="Tokens",
            empty="No token yet.",
        )
