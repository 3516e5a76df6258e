"""The person's own: tokens for the control plane's REST API."""

from collections.abc import Iterable

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from models_app.console.acts import ActForm
from models_app.console.credentials import CreateCredential, CredentialsPage, living, state, times
from models_app.console.parts import Cell, Part, Table, code
from tenants import selectors, services


class CreateToken(CreateCredential):
    in_dialog = prominent = True
    name, label, title = "create", "Create the token", "New token"
    called = forms.CharField(label="Name", max_length=200, help_text="What it is for.")

    def perform(self) -> HttpResponse:
        person, name = self.page.person, self.cleaned_data["called"]
        made = services.create_personal_token(person=person, name=name, expires_at=self.expires_at(), actor=person)
        return self.show(made[1])


class RevokeToken(ActForm):
    name, label, title, in_dialog, danger = "revoke", "Revoke it", "Revoke a token", True, True
    warning, done = "Revoke this token?", "Revoked."
    token = forms.ChoiceField()

    def prepare(self) -> None:
        self.offer(token=[(str(row.pk), row.name) for row in living(selectors.tokens(self.page.person))])

    def perform(self) -> None:
        token = get_object_or_404(selectors.tokens(self.page.person), pk=self.cleaned_data["token"])
        services.revoke_personal_token(token=token, actor=self.page.person)


class Account(CredentialsPage):
    title, acts = "My account", (CreateToken, RevokeToken)
    lead = "Tokens let programs call the control plane's REST API with your roles."

    def parts(self) -> Iterable[Part]:
        yield from self.once("The new token")
        yield Table(
            ["Name", "Begins with", "State", "Made", "Expires", "Last used"],
            [
                [Cell(row.name), code(f"musep_{row.prefix}_…"), state(row), *times(row)]
                for row in selectors.tokens(self.person)[:200]
            ],
            title="Tokens",
            empty="No token yet.",
        )
