"""What keys and personal tokens have in common: they expire, are revoked, and their text is shown once."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django import forms
from django.http import HttpResponse
from django.utils import timezone

from models_app.console.ui.actions import ActionForm
from models_app.console.ui.page import Page
from models_app.console.ui.panels import Cell, Code, Note, Panel, badge, when
from models_app.console.ui.tables import Column
from tenants.caller import alive
from tenants.models import ApiKey, PersonalToken

C = TypeVar("C", ApiKey, PersonalToken)


class CredentialsPage(Page):
    """A page on which a credential is created. `secret`: the text of a new one, in the answer that creates it only."""

    secret = ""

    def once(self, heading: str) -> Iterable[Panel]:
        """The panels that show the new credential's text; no later answer shows it again."""
        if self.secret:
            yield Note("Copy it now. It is shown only once.", "good", heading)
            yield Code(self.secret)


class CredentialForm(ActionForm):
    def show(self, text: str) -> HttpResponse:
        """Answer with the page that shows the new credential's text."""
        assert isinstance(self.page, CredentialsPage)
        self.page.secret = text
        return self.page.render()


class CreateCredential(CredentialForm):
    called = forms.CharField(label="Name", max_length=200)
    days = forms.IntegerField(
        required=False, min_value=1, max_value=3660, label="Days until it expires", help_text="Empty: never."
    )

    def expires_at(self) -> datetime | None:
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=days) if days else None


def living(rows: Iterable[C]) -> list[C]:
    """Return the credentials that are neither expired nor revoked."""
    now = timezone.now()
    return [row for row in rows if alive(row, now)]


def state(row: ApiKey | PersonalToken) -> Cell:
    if alive(row, timezone.now()):
        return badge("active")
    return badge("revoked" if row.revoked_at and row.revoked_at <= timezone.now() else "expired")


NAME: Column[Any] = Column("name", "Name", lambda row: Cell(row.name), sort="name")
LIFE: Sequence[Column[Any]] = (
    Column("state", "State", state),
    Column("made", "Created", lambda row: when(row.created_at), sort="created_at"),
    Column("expires", "Expires", lambda row: when(row.revoked_at or row.expires_at), sort="expires_at"),
    Column("last-used", "Last used", lambda row: when(row.last_used_at), sort="last_used_at"),
)
