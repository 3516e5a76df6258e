"""Which process serves what, now; and whether every event is kept."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import cached_property

from django.utils import timezone

from models_app.console.ui.page import SharedPage
from models_app.console.ui.panels import Cell, Folded, Panel, Stat, Stats, Verdict, badge, link, number, when
from models_app.console.ui.tables import Column, Table
from scoring import processes as serving
from scoring.models import ConsumerLane, QuarantinedTable, ServingProcess

BEHIND_BYTES = 10_000_000  # of events that are not in their tables yet: some ten thousand
LATE_HINT = "Nothing is lost while a consumer is behind."
QUARANTINE_HINT = (
    "These tables cannot be written. Their records wait in a file on the machine and are put back automatically once "
    "the table can be written, which is tried every five minutes. Records beyond MUSE_QUARANTINE_MAX_BYTES are lost."
)
SET_ASIDE_HINT = (
    "A part of each could not be read, as the disk has damaged it or a record is of no known kind: its events are not "
    "in the tables. The files are in segments/quarantine on the machine, until somebody takes them away. Which part it "
    "is stands in the log of the consumer."
)
MOST = 50  # tenants that are listed


class Serving(SharedPage):
    title = "Serving"
    intro = "The last reported status of scoring processes and event consumers."

    @cached_property
    def processes(self) -> list[ServingProcess]:
        return list(serving.processes())

    @cached_property
    def lanes(self) -> list[ConsumerLane]:
        return list(serving.lanes())

    @cached_property
    def quarantined(self) -> list[QuarantinedTable]:
        return list(serving.quarantined())

    @cached_property
    def live(self) -> dict[str, tuple[str, int]]:
        """Slug → name and number of the live release, of each tenant that has one."""
        return serving.live_numbers()

    @cached_property
    def apart(self) -> list[tuple[str, ServingProcess]]:
        """Tenants that a process does not serve by their live release, in the order of their slugs."""
        pairs = ((slug, row) for slug in sorted(self.live) for row in self.processes)
        return [(slug, row) for slug, row in pairs if row.releases.get(slug) != self.live[slug][1]]

    @property
    def lost(self) -> int:
        """Return how many events the running processes have lost since they started."""
        return sum(row.lost_events for row in self.processes)

    @property
    def in_part(self) -> list[ConsumerLane]:
        """Return lanes of which there are segments that were read only in part."""
        return [row for row in self.lanes if row.set_aside]

    def live_panels(self) -> Iterable[Panel]:
        yield self._verdict()
        behind = sum(row.behind_bytes for row in self.lanes) / 1_000_000
        waiting = Cell(f"{behind:,.1f} MB" if behind >= 0.05 else "nothing")
        ever = sum(row.lost_events for row in self.lanes)
        yield Stats(
            [
                Stat("Scoring processes", number(len(self.processes)), "active in the last minute"),
                Stat("Tenants with a live release", number(len(self.live))),
                Stat("Dropped events", number(self.lost), f"since the processes started; {ever:,} in all (disk full)"),
                Stat("Not in tables yet", waiting, "recorded by scoring, not yet read by consumers"),
            ]
        )

    def panels(self) -> Iterable[Panel]:
        if self.quarantined:
            yield self._quarantined()
        if self.in_part:
            yield Table(SET_ASIDE, self.in_part, title="Segments set aside", hint=SET_ASIDE_HINT)
        if self.apart:
            yield self._apart()
        yield self._processes()
        yield self._lanes()
        silent = list(serving.silent_processes())
        if silent:
            title = f"{len(silent)} stopped reporting within the last day"
            yield Folded(title, [Table(SILENT, silent)])

    def _verdict(self) -> Panel:
        state, sentence = self._state()
        return Verdict(badge(state), sentence)

    def _state(self) -> tuple[str, str]:
        """The worst that there is to say."""
        if not self.processes:
            return "silent", "No scoring process was active in the last minute: no events are scored."
        failing = {slug for slug, row in self.apart if slug in row.failures}
        if failing:
            return "failed", f"A release does not load for {_tenants(len(failing))}; the previous release is served."
        if self.lost:
            return "events dropped", f"{self.lost:,} events were scored but not recorded: the disk was full."
        if self.quarantined:
            return "quarantine", f"{_tables(len(self.quarantined))} cannot be written: the events wait in quarantine."
        if self.in_part:
            return "set aside", f"{_segments(self.in_part)} not be read: events are missing from the tables."
        late = {slug for slug, _ in self.apart}
        if late:
            return "loading", f"The live release of {_tenants(len(late))} is not loaded everywhere yet."
        if not self.live:
            return "serves nothing yet", "No tenant has a live release yet: there is nothing to serve."
        return "healthy", f"Every process serves the live release of {_tenants(len(self.live))}."

    def _quarantined(self) -> Panel:
        return Table(QUARANTINED, self.quarantined, title="Tables in quarantine", hint=QUARANTINE_HINT)

    def _apart(self) -> Panel:
        columns: Sequence[Column[tuple[str, ServingProcess]]] = (
            Column("tenant", "Tenant", lambda row: link(self.live[row[0]][0], "releases", tenant=row[0])),
            Column("process", "Process", lambda row: Cell(row[1].name)),
            Column("live", "Live release", lambda row: number(self.live[row[0]][1])),
            Column("serves", "Release served", lambda row: number(row[1].releases.get(row[0]))),
            Column("why", "Reason", lambda row: Cell(row[1].failures.get(row[0], {}).get("reason", "not loaded yet"))),
        )
        return Table(columns, self.apart[:MOST], title="Tenants not on their live release")

    def _processes(self) -> Panel:
        tenants = len(self.live)
        columns: Sequence[Column[ServingProcess]] = (
            Column("process", "Process", lambda row: Cell(row.name)),
            Column("state", "State", lambda row: badge("failed" if row.failures else "healthy")),
            Column("tenants", "Tenants", lambda row: Cell(f"{len(row.releases):,} of {tenants:,}", kind="number")),
            Column("lost", "Dropped events", lambda row: number(row.lost_events)),
            Column("started", "Started", lambda row: when(row.started_at)),
            Column("seen", "Last heartbeat", lambda row: when(row.seen_at)),
        )
        return Table(
            columns,
            self.processes,
            title="Scoring processes",
            empty="No scoring process was active in the last minute. Start them with `manage.py up`.",
        )

    def _lane_state(self, row: ConsumerLane) -> str:
        if row.seen_at < timezone.now() - timedelta(minutes=2):
            return "silent"
        if any(table.machine == row.machine for table in self.quarantined):
            return "quarantine"
        return "behind" if row.behind_bytes > BEHIND_BYTES else "up to date"

    def _lanes(self) -> Panel:
        columns: Sequence[Column[ConsumerLane]] = (
            Column("machine", "Machine", lambda row: Cell(row.machine)),
            Column("lane", "Lane", lambda row: Cell(row.lane)),
            Column("state", "State", lambda row: badge(self._lane_state(row))),
            Column("events", "Events", lambda row: number(row.events)),
            Column("behind", "MB behind", lambda row: number(row.behind_bytes / 1_000_000, 1)),
            Column("repeats", "Repeats dropped", lambda row: number(row.duplicates)),
            Column("lost", "Dropped events", lambda row: number(row.lost_events)),
            Column("seen", "Last heartbeat", lambda row: when(row.seen_at)),
        )
        return Table(
            columns,
            self.lanes,
            title="Event consumers",
            hint=f"Consumers write scored events into the tenants' tables. {LATE_HINT if not self.quarantined else ''}",
            empty="No event consumer has reported yet.",
        )


SILENT: Sequence[Column[ServingProcess]] = (
    Column("process", "Process", lambda row: Cell(row.name)),
    Column("started", "Started", lambda row: when(row.started_at)),
    Column("seen", "Last heartbeat", lambda row: when(row.seen_at)),
)
QUARANTINED: Sequence[Column[QuarantinedTable]] = (
    Column("intent", "Intent", lambda row: link(row.intent, "intent", tenant=row.tenant.slug, intent=row.intent)),
    Column("tenant", "Tenant", lambda row: Cell(row.tenant.slug)),
    Column("table", "Table", lambda row: Cell(row.kind)),
    Column("machine", "Machine", lambda row: Cell(row.machine)),
    Column("records", "Waiting records", lambda row: number(row.records)),
    Column("lost", "Lost records", lambda row: number(row.lost)),
    Column("since", "Since", lambda row: when(row.since)),
    Column("why", "Reason", lambda row: Cell(row.reason)),
)
SET_ASIDE: Sequence[Column[ConsumerLane]] = (
    Column("machine", "Machine", lambda row: Cell(row.machine)),
    Column("lane", "Lane", lambda row: Cell(row.lane)),
    Column("segments", "Segments", lambda row: number(row.set_aside)),
    Column("seen", "Last heartbeat", lambda row: when(row.seen_at)),
)


def _segments(lanes: Sequence[ConsumerLane]) -> str:
    count = sum(row.set_aside for row in lanes)
    return "A part of 1 segment could" if count == 1 else f"Parts of {count:,} segments could"


def _tables(count: int) -> str:
    return "1 event table" if count == 1 else f"{count:,} event tables"


def _tenants(count: int) -> str:
    return "1 tenant" if count == 1 else f"{count:,} tenants"
