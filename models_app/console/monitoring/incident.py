"""One incident: what has happened, by what it is seen, and what to do next."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.shortcuts import get_object_or_404

from models_app.console.monitoring.monitoring import state
from models_app.console.ui.actions import ActionForm
from models_app.console.ui.page import TenantPage
from models_app.console.ui.panels import NOTHING, Cell, Facts, Figure, Note, Panel, Words, address, badge, link, when
from models_app.console.ui.tables import Column, Table
from models_app.figures import monitors as figures
from models_app.incidents import selectors, services, words
from models_app.incidents.models import Incident
from models_app.monitoring.reactions import Kind, Reaction, reactions_to
from models_app.monitors.selectors import latest_of, rates_of, spread_of
from models_app.monitors.targets import rates_at
from tenants.permissions import may
from tenants.roles import Permission

_BEFORE = timedelta(days=2)  # drawn before it began
_MOST = timedelta(days=14)


CALIBRATION: Sequence[Column[dict[str, Any]]] = (
    Column("foretold", "Mean probability", lambda row: Cell(f"{row['foretold']:.3g}")),
    Column("came", "Share that was positive", lambda row: Cell(words.of_share(row["came"]))),
    Column("events", "Events", lambda row: Cell(f"{row['came']['events']:,}")),
)


class Acknowledge(ActionForm["IncidentPage"]):
    in_dialog = prominent = True
    name, label, needs = "acknowledge", "Acknowledge", Permission.PROPOSE
    hint, success = "It says that somebody is at it, and who.", "Incident acknowledged."
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def is_offered(self) -> bool:
        return super().is_offered() and self.page.incident.state == Incident.State.OPEN

    def perform(self) -> None:
        page = self.page
        services.acknowledge(actor=page.person, incident=page.incident, note=self.cleaned_data["note"])


class Close(ActionForm["IncidentPage"]):
    in_dialog = True
    name, label, needs, success = "close", "Close incident", Permission.PROPOSE, "Incident closed."
    hint = "Should it go on, a new incident is opened after the next hour."
    note = forms.CharField(label="What it was", widget=forms.Textarea(attrs={"rows": 2}))
    is_usual = forms.BooleanField(
        required=False,
        label="Accept as usual",
        help_text="What has come since it began is what is usual from now on, and no longer an incident.",
    )

    def is_offered(self) -> bool:
        return super().is_offered() and self.page.incident.state != Incident.State.CLOSED

    def perform(self) -> None:
        page, data = self.page, self.cleaned_data
        services.close(actor=page.person, incident=page.incident, note=data["note"], is_usual=data["is_usual"])


class IncidentPage(TenantPage):
    """What has happened to this intent, and what is to be done?"""

    subject, actions = "incident", (Acknowledge, Close)

    @cached_property
    def incident(self) -> Incident:
        return get_object_or_404(selectors.incidents(self.tenant), pk=self.kwargs["incident"])

    @cached_property
    def latest(self) -> tuple[dict[str, Any] | None, dict[str, Any]]:
        return latest_of(self.incident.intent)

    def heading(self) -> str:
        return f"{words.HAPPENED[self.incident.kind]}: {self.incident.intent.name}"

    def badges(self) -> Sequence[Cell]:
        return (state(self.incident), Cell(self.incident.kind, kind="badge"))

    def breadcrumbs(self) -> Sequence[tuple[str, str]]:
        intent = self.incident.intent.name
        mine = super().breadcrumbs()[1:]
        return (("Monitoring", address("monitoring")), *mine, (intent, self.at("intent", intent=intent)))

    def links(self) -> Sequence[tuple[str, str]]:
        """The next step, where a page is made for it and it is still to be taken."""
        query = urlencode({"intent": self.incident.intent.name})
        kind = self.incident.kind if self.incident.closed_at is None else ""
        if kind == Incident.Kind.SCALE and may(self.person, Permission.FIT, self.tenant):
            return (("Fit a transform", f"{self.at('new_fit')}?{query}"),)
        if kind == Incident.Kind.CLIENT_CHANGED and may(self.person, Permission.PROPOSE, self.tenant):
            return (("New change request", f"{self.at('new_change')}?{query}"),)
        return (("Find its events", f"{self.at('events')}?{query}"),)

    def panels(self) -> Iterable[Panel]:
        incident = self.incident
        if step := words.next_step(incident):
            yield Note(step, "wait", "Next step")
        yield Words([f"{words.of_signal(each)}." for each in incident.signals], "Signals")
        yield from self._reactions()
        yield from self._figures()
        yield Facts(self._facts(), title="Details")
        yield from self._labels()

    def _reactions(self) -> Iterable[Panel]:
        """Nothing where nothing was done yet."""
        rows = reactions_to(self.incident)
        if rows:
            hint = "What it held back, and what was changed since it was opened, until a day after its end."
            yield Table(_reactions(self), rows, title="What was done", hint=hint)

    def _facts(self) -> Sequence[tuple[str, Cell]]:
        """Without those that nothing is known of yet."""
        incident, measured = self.incident, self.latest[0]
        found = [
            ("Intent", link(incident.intent.name, "intent", tenant=self.tenant.slug, intent=incident.intent.name)),
            ("Since", when(incident.since)),
            ("Opened", when(incident.opened_at)),
            ("Last seen", when(incident.seen_at)),
            ("Expected by chance", Cell(words.by_chance(incident.a_year))),
            ("Among all intents", Cell(words.among_all(incident))),
            ("Distance of scores from the reference now", Cell(words.of_distance(measured, "scores"))),
            ("Distance of probabilities from the fit now", Cell(words.of_distance(measured, "probabilities"))),
            ("Events beyond the fit", Cell(words.of_beyond(measured))),
            ("Acknowledged by", Cell(incident.acknowledged_by or NOTHING)),
            ("Closed", when(incident.closed_at)),
            ("Closed by", Cell(incident.closed_by or ("by itself" if incident.closed_at else NOTHING))),
            ("Accepted as usual", Cell("yes" if incident.is_usual else NOTHING)),
            ("Note", Cell(incident.note or NOTHING)),
        ]
        return [(term, cell) for term, cell in found if cell.value not in (None, NOTHING)]

    def _labels(self) -> Iterable[Panel]:
        """What mature labels say; nothing without any."""
        labels = self.latest[1]
        if labels.get("last"):
            yield Facts([(name, Cell(text)) for name, text in words.of_labels(labels)], title="Labels now")
        matured = labels.get("matured") or {}
        if matured.get("calibration"):
            hint = "Of events of four weeks that are old enough for their labels to count, by alike probability."
            yield Table(CALIBRATION, matured["calibration"], title="Calibration", hint=hint)

    def _figures(self) -> Iterable[Panel]:
        """Of the first signal; and in any case how alert rates went."""
        first: Mapping[str, Any] = self.incident.signals[0] if self.incident.signals else {"of": ""}
        if first["of"] in ("feature", "context"):
            spread = spread_of(self.incident, first["of"], first["name"])
            if spread is not None:
                title = f"Distribution of “{first['name']}”"
                hint = "Numbers stand at the least value of their bin; there are four bins to each doubling."
                yield Figure("spread", figures.spread(title, spread.bins, spread.past, spread.now), hint)
        yield from self._rates()

    def _rates(self) -> Iterable[Panel]:
        incident, end = self.incident, self.incident.closed_at or self.incident.seen_at
        found = rates_of(incident.intent, max(incident.since - _BEFORE, end - _MOST), end)
        targets = rates_at(incident.intent)
        rates = {name: values for name, values in found.rates.items() if name in targets}
        if rates and found.hours:
            hours = [each.isoformat() for each in found.hours]
            hint = "Each point is the alert rate of the 24 hours before, by when events were scored (UTC)."
            yield Figure("rates", figures.alert_rates(hours, rates, targets), hint)


def _reactions(page: IncidentPage) -> Sequence[Column[Reaction]]:
    tenant, intent = page.tenant.slug, page.incident.intent.name

    def what(row: Reaction) -> Cell:
        if row.kind == Kind.CHANGE:
            return link(row.words, "change", tenant=tenant, change=row.number)
        if row.kind == Kind.ROLLBACK:
            return link(row.words, "release", tenant=tenant, number=row.number)
        return link(row.words, "refreshes", tenant=tenant, intent=intent)

    def change(row: Reaction) -> Cell:
        if row.change is None:
            return Cell("–")
        return link(f"change request {row.change}", "change", tenant=tenant, change=row.change)

    return (
        Column("what", "What", what),
        Column("state", "State", lambda row: badge(row.state or None)),
        Column("change", "Change request", change),
        Column("when", "When", lambda row: when(row.at)),
    )
