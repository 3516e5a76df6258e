"""Acknowledging or closing several incidents at once, those that are chosen in a table."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from django import forms
from django.http import HttpRequest

from models_app.console.ui.actions import ActionForm, Place
from models_app.console.ui.chosen import RowsField, box
from models_app.console.ui.counts import counted
from models_app.console.ui.panels import NOTHING, Cell
from models_app.console.ui.tables import Column
from models_app.incidents import selectors, services
from models_app.incidents.models import Incident
from tenants.permissions import may
from tenants.roles import Permission

ACT = "handle"


class Chooses(Place, Protocol):
    """A page with incidents to choose from."""

    @property
    def request(self) -> HttpRequest: ...

    @property
    def choosable(self) -> Sequence[Incident]: ...


class HandleChosen(ActionForm[Any]):
    in_dialog = upfront = True
    name, label, title, needs = ACT, "Acknowledge", "Handle chosen incidents", None
    hint = (
        "Choose incidents by the boxes in the table first. Acknowledging says that somebody is at them, and who. "
        "Closing takes a note; should one go on, a new incident is opened after the next hour."
    )
    success = ""  # how many they were is told
    extra_buttons = (("close", "Close them"),)
    rows = RowsField()
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def is_offered(self) -> bool:
        return bool(choosable(self.page))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not data.get("rows"):
            self.add_error(None, "No incident is chosen. Choose some by the boxes in the table.")
        if self.is_pressed("close") and not data.get("note", "").strip():
            self.add_error("note", "Say what it was: closing takes a note.")
        return data

    def perform(self) -> None:
        rows = selectors.incidents().filter(pk__in=self.cleaned_data["rows"])
        if self.is_pressed("close"):
            done, words = self._each(rows.filter(state__in=Incident.GOING_ON), services.close), "closed"
        else:
            done, words = self._each(rows.filter(state=Incident.State.OPEN), services.acknowledge), "acknowledged"
        left = len(set(self.cleaned_data["rows"])) - done
        others = f" {left} left as found: no longer in a state for that." if left else ""
        self.page.tell(f"{counted(done, 'incident')} {words}.{others}")

    def _each(self, rows: Iterable[Incident], act: Any) -> int:
        found = list(rows)
        for incident in found:
            act(actor=self.page.person, incident=incident, note=self.cleaned_data["note"])
        return len(found)


def choosable(page: Chooses) -> set[int]:
    """Those that the person may act on, of the ones that the page shows and that go on."""
    going_on = [each for each in page.choosable if each.state in Incident.GOING_ON]
    allowed = {each.tenant_id: may(page.person, Permission.PROPOSE, each.tenant) for each in going_on}
    return {each.pk for each in going_on if allowed[each.tenant_id]}


def box_column(page: Chooses) -> Sequence[Column[Incident]]:
    """Nothing where the person may act on none."""
    mine = choosable(page)

    def cell(row: Incident) -> Cell:
        words = f"Choose incident {row.pk} of {row.intent.name}"
        return box(page.request, ACT, row.pk, words) if row.pk in mine else Cell(NOTHING)

    return (Column("choose", "Choose", cell),) if mine else ()
