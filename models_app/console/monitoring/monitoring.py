"""All intents as their monitors see them, the most unusual first, and the incidents that go on."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from django import forms

from models_app.console.monitoring.chosen import Chooses, HandleChosen, box_column
from models_app.console.ui.actions import ActionForm
from models_app.console.ui.listing import Listing
from models_app.console.ui.page import Page
from models_app.console.ui.panels import Cell, Panel, address, badge, link, when
from models_app.console.ui.tables import Column, Table
from models_app.incidents import selectors, services, words
from models_app.incidents.filters import IncidentFilters
from models_app.incidents.models import Incident
from models_app.monitors.filters import MonitorFilters
from models_app.monitors.models import Monitor
from models_app.monitors.selectors import monitors
from tenants.permissions import may
from tenants.roles import Permission


class AcknowledgeAll(ActionForm["Monitoring"]):
    in_dialog = True
    name, label, title, needs = "acknowledge", "Acknowledge incidents", "Acknowledge open incidents", None
    hint = "It says of every open incident of your tenants that somebody is at it, and who."
    success = "Incidents acknowledged."
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def is_offered(self) -> bool:
        return bool(self._mine())

    def perform(self) -> None:
        for incident in self._mine():
            services.acknowledge(actor=self.page.person, incident=incident, note=self.cleaned_data["note"])

    def _mine(self) -> Sequence[Incident]:
        rows = selectors.incidents().filter(state=Incident.State.OPEN)
        return [each for each in rows if may(self.page.person, Permission.PROPOSE, each.tenant)]


SHOWN = 50  # incidents, the worst ones
DAILY = 365.0  # times a year


class Monitoring(Page):
    title, actions, has_next_step = "Monitoring", (HandleChosen, AcknowledgeAll), False
    intro = (
        "Every hour, monitors look at each intent: at alert rates against their targets, at how features, context and "
        "volume compare with the weeks before. What stands out so much that it would come about by chance only once a "
        "year, is an incident. All intents together are judged every few minutes: an incident stands if it is unusual "
        "among so many of them, by the latest look at its intent; else it is not confirmed."
    )

    def links(self) -> Sequence[tuple[str, str]]:
        return (("All incidents", address("incidents")),)

    @cached_property
    def going_on(self) -> Sequence[Incident]:
        """Those that nobody has acknowledged first, of them the most unusual; narrowed as the intents are."""
        rows = selectors.incidents().filter(state__in=Incident.GOING_ON)
        found = IncidentFilters({"q": self.request.GET.get("q", "").replace("\x00", "")}, rows).qs
        return list(found.order_by("-state", "a_year", "-opened_at")[:SHOWN])

    @property
    def choosable(self) -> Sequence[Incident]:
        return self.going_on

    def panels(self) -> Iterable[Panel]:
        if self.going_on:
            yield Table(chosen_columns(self), self.going_on, title="Open incidents, the worst first")
        listing = Listing(self.request, monitors(), MONITORS, MonitorFilters)
        empty = "Nothing was looked at yet: the first look at an intent follows the first whole hour with its events."
        yield listing.table(title="Intents, the most unusual first", empty=empty)


def chosen_columns(page: Chooses) -> Sequence[Column[Incident]]:
    """With a box before each row that the person may act on, where there is any."""
    return (*box_column(page), *INCIDENTS)


def happened(incident: Incident) -> Cell:
    """What it is, as a link to its page."""
    return link(words.HAPPENED[incident.kind], "incident", tenant=incident.tenant.slug, incident=incident.pk)


def state(incident: Incident) -> Cell:
    tones = {Incident.State.OPEN: "bad", Incident.State.ACKNOWLEDGED: "wait"}
    return Cell(incident.state, kind="badge", tone=tones.get(Incident.State(incident.state), "plain"))


def _intent(row: Incident | Monitor) -> Cell:
    return link(row.intent.name, "intent", tenant=row.tenant.slug, intent=row.intent.name)


def _tenant(row: Incident | Monitor) -> Cell:
    return link(row.tenant.name, "tenant", tenant=row.tenant.slug)


def _most_unusual(row: Monitor) -> Cell:
    """What comes about by chance every day is not worth a sentence."""
    is_usual = row.a_year is None or row.a_year > DAILY
    return Cell(words.of_signal(row.signals[0]) if row.signals and not is_usual else "nothing")


def _by_chance(row: Monitor) -> Cell:
    if row.a_year is None:
        return Cell("–")
    return Cell("every day" if row.a_year > DAILY else words.by_chance(row.a_year))


def _going_on(row: Monitor) -> Cell:
    count = getattr(row, "incidents", 0)
    return badge(None) if not count else Cell(count, kind="badge", tone="bad")


INCIDENTS: Sequence[Column[Incident]] = (
    Column("incident", "Incident", happened),
    Column("kind", "Kind", lambda row: Cell(row.kind), sort="kind"),
    Column("intent", "Intent", _intent, sort="intent__name"),
    Column("tenant", "Tenant", _tenant, sort="tenant__name"),
    Column("subject", "Shown by", lambda row: Cell(row.subject or row.signals[0]["of"])),
    Column("since", "Since", lambda row: when(row.since), sort="since"),
    Column("stands", "Among all intents", lambda row: Cell(words.among_all(row))),
    Column("state", "State", state, sort="state"),
)
MONITORS: Sequence[Column[Monitor]] = (
    Column("intent", "Intent", _intent, sort="intent__name"),
    Column("tenant", "Tenant", _tenant, sort="tenant__name"),
    Column("incidents", "Incidents", _going_on, sort="incidents"),
    Column("unusual", "Most unusual", _most_unusual),
    Column("chance", "Expected by chance", _by_chance, sort="a_year"),
    Column("scores", "Distance from the reference", lambda row: Cell(words.of_distance(row.measured, "scores"))),
    Column("looked", "Looked at until", lambda row: when(row.looked_at), sort="looked_at"),
)
