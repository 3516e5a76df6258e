"""The person's own: tokens for the control plane's REST API, and whether e-mails come."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from models_app.console.ui.actions import ActionForm
from models_app.console.ui.credentials import LIFE, NAME, CreateCredential, CredentialsPage, living
from models_app.console.ui.listing import Listing
from models_app.console.ui.panels import Cell, Facts, Panel, code, opens
from models_app.console.ui.quiet_hours import QuietHoursFields, initial, zones
from models_app.console.ui.tables import Column
from models_app.sign_in.factors import has_factor
from tenants import selectors, services
from tenants.caller import alive
from tenants.filters import TokenFilters
from tenants.models import Person, PersonalToken


class CreateToken(CreateCredential):
    needs = None
    in_dialog = prominent = True
    name, label, title = "create", "Create token", "New token"
    called = forms.CharField(label="Name", max_length=200, help_text="What the token is for.")

    def perform(self) -> HttpResponse:
        person, name = self.page.person, self.cleaned_data["called"]
        _, text = services.create_personal_token(person=person, name=name, expires_at=self.expires_at(), actor=person)
        return self.show(text)


class RevokeToken(ActionForm):
    needs = None
    name, label, title = "revoke", "Revoke", "Revoke token"
    in_dialog = from_rows = danger = True
    warning, success = "Programs that use this token lose access at once. This cannot be undone.", "Revoked."
    token = forms.ChoiceField()

    def prepare(self) -> None:
        self.offer(token=[(str(row.pk), row.name) for row in living(selectors.tokens(self.page.person))])

    def perform(self) -> None:
        token = get_object_or_404(selectors.tokens(self.page.person), pk=self.cleaned_data["token"])
        services.revoke_personal_token(token=token, actor=self.page.person)


class SetEmail(QuietHoursFields, ActionForm):
    needs = None
    name, title, label = "email", "E-mail", "Save"
    service_names = {"quiet_hours": "quiet_begin"}
    hint = "E-mails tell you of reviews, decisions and failures in the tenants where you have a role."
    wants_email = forms.BooleanField(required=False, label="Send me e-mails")
    field_order = ("wants_email",)

    def prepare(self) -> None:
        self.offer(quiet_zone=zones())

    def initial_values(self) -> Mapping[str, Any]:
        person = self.page.person
        return {"wants_email": person.wants_email, **initial(person.quiet_hours)}

    def perform(self) -> None:
        """Only what is new, so that the audit trail has no more."""
        person, wants = self.page.person, self.cleaned_data["wants_email"]
        if wants != person.wants_email:
            services.set_wants_email(person=person, wants_email=wants, actor=person)
        if self.text() != person.quiet_hours:
            services.set_quiet_hours(person=person, quiet_hours=self.text(), actor=person)


class Account(CredentialsPage):
    title, actions = "My account", (CreateToken, RevokeToken, SetEmail)
    intro = "Tokens let programs call the control plane's REST API with your roles."

    def panels(self) -> Iterable[Panel]:
        yield from self.once("The new token")
        yield self._me()
        listing = Listing(self.request, selectors.tokens(self.person), COLUMNS, TokenFilters)
        yield listing.table(title="Tokens", empty="No tokens yet. Programs that call the REST API need one.")

    def _me(self) -> Panel:
        held = self.person.memberships.select_related("tenant").order_by("tenant__slug")[:50]
        roles = ", ".join(
            f"{each.role} of {each.tenant.name if each.tenant else 'the whole platform'}" for each in held
        )
        facts = [("E-mail address", Cell(self.person.email)), ("Roles", Cell(roles or "none yet: ask an admin"))]
        if self.person.has_usable_password():
            facts.append(("Password", Cell("Change password", href=reverse("admin:password_change"))))
        facts.append(("Second factor", Cell(_factor(self.person), href=reverse("mfa_index"))))
        return Facts(facts)


def _factor(person: Person) -> str:
    return "Set up" if has_factor(person) else "None yet: set one up"


def _acts(row: PersonalToken) -> Cell:
    return opens("Revoke", "revoke", grave=True, token=row.pk) if alive(row, timezone.now()) else Cell("")


COLUMNS: Sequence[Column[PersonalToken]] = (
    NAME,
    Column("prefix", "Prefix", lambda row: code(f"musep_{row.prefix}_…")),
    *LIFE,
    Column("acts", "Actions", _acts),
)
