"""What the consumer tells Postgres, from a thread of its own: how far it is, and the per-minute statistics.

Postgres may be away or slow; the lake does not wait for it. What was not told is told later.
"""

from collections.abc import Sequence
from queue import Empty, SimpleQueue
from threading import Event, Thread

import structlog
from django.db import DatabaseError, IntegrityError, connection

from scoring.consumer import metrics, minutes
from scoring.consumer.consumer import Consumer, LaneState
from scoring.consumer.quarantine import QuarantineState
from scoring.lake import delta
from scoring.models import QuarantinedTable
from tenants.models import Tenant
from tenants.scope import platform_scope

REPORT_SECONDS = 2.0

_UPSERT = """
    INSERT INTO scoring_consumerlane AS had
        (machine, lane, seen_at, position, behind_bytes, events, duplicates, conflicts, lost_events, set_aside)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (machine, lane) DO UPDATE SET
        seen_at = EXCLUDED.seen_at, position = EXCLUDED.position, behind_bytes = EXCLUDED.behind_bytes,
        events = had.events + EXCLUDED.events, duplicates = had.duplicates + EXCLUDED.duplicates,
        conflicts = had.conflicts + EXCLUDED.conflicts, lost_events = EXCLUDED.lost_events,
        set_aside = EXCLUDED.set_aside
"""

log = structlog.get_logger(__name__)


class Reporter:
    """Follows a consumer; `committed` is to be called with each table that has got a commit."""

    def __init__(self, machine: str) -> None:
        self._machine = machine
        self._committed: SimpleQueue[delta.TableName] = SimpleQueue()
        self._uncounted: dict[delta.TableName, None] = {}
        # By lane: the events, duplicates and conflicts that are in Postgres.
        self._counts: dict[str, tuple[int, int, int]] = {}
        self._quarantine_states: Sequence[QuarantineState] | None = None
        self._away = False

    def committed(self, name: delta.TableName) -> None:
        if name.kind == "events":
            self._committed.put(name)

    def start(self, consumer: Consumer, stop: Event) -> Thread:
        thread = Thread(target=self._run, args=(consumer, stop), name="reporter", daemon=True)
        thread.start()
        return thread

    def finish(self, consumer: Consumer) -> None:
        """Tell the last, if Postgres listens."""
        self._try(consumer)
        connection.close()

    def report(self, states: Sequence[LaneState], quarantined: Sequence[QuarantineState] = ()) -> None:
        """Tell everything once. Raises DatabaseError when Postgres does not answer."""
        metrics.observe(states, quarantined)
        self._tell(states)
        self._tell_quarantined(quarantined)
        self._take_committed()
        for name in list(self._uncounted):
            self._count(name)
            del self._uncounted[name]

    def _run(self, consumer: Consumer, stop: Event) -> None:
        self._uncounted = dict.fromkeys(_all_event_tables())
        while not stop.wait(REPORT_SECONDS):
            self._try(consumer)
        connection.close()

    def _try(self, consumer: Consumer) -> None:
        try:
            self.report(consumer.states, consumer.quarantined)
            self._away = False
        except Exception as error:
            connection.close()
            if not self._away:
                log.warning("Postgres cannot be told now; it will be told later.", reason=str(error),
                            exc_info=not isinstance(error, DatabaseError | OSError))  # fmt: skip
            self._away = True

    def _take_committed(self) -> None:
        while True:
            try:
                self._uncounted[self._committed.get_nowait()] = None
            except Empty:
                return

    def _count(self, name: delta.TableName) -> None:
        try:
            minutes.count(name)
        except IntegrityError:  # the tenant was erased
            log.info("Statistics of an erased tenant are not kept.", table=name.path)

    def _tell(self, states: Sequence[LaneState]) -> None:
        for state in states:
            counted = (state.events, state.duplicates, state.conflicts)
            before = self._counts.get(state.lane, (0, 0, 0))
            new = [now - had for now, had in zip(counted, before, strict=True)]
            with connection.cursor() as cursor:
                cursor.execute(_UPSERT, [self._machine, state.lane, state.at, state.position, state.behind_bytes,
                                         *new, state.lost_events, state.set_aside])  # fmt: skip
            self._counts[state.lane] = counted

    def _tell_quarantined(self, states: Sequence[QuarantineState]) -> None:
        """What is in quarantine on this machine, and nothing else, where that has changed."""
        if states == self._quarantine_states:
            return
        with platform_scope():
            tenants = set(Tenant.objects.values_list("pk", flat=True))  # an erased one's quarantine ends soon
            rows = [self._row(each) for each in states if each.table.tenant in tenants]
            QuarantinedTable.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["machine", "tenant", "intent", "kind"],
                update_fields=["since", "reason", "records", "bytes", "lost"],
            )
            here = {(row.tenant_id, row.intent, row.kind) for row in rows}
            for row in QuarantinedTable.objects.filter(machine=self._machine):
                if (row.tenant_id, row.intent, row.kind) not in here:
                    row.delete()
        self._quarantine_states = states

    def _row(self, state: QuarantineState) -> QuarantinedTable:
        return QuarantinedTable(
            machine=self._machine,
            tenant_id=state.table.tenant,
            intent=state.table.intent,
            kind=state.table.kind,
            since=state.since,
            reason=state.reason,
            records=state.records,
            bytes=state.bytes,
            lost=state.lost,
        )


def _all_event_tables() -> list[delta.TableName]:
    """Return all event tables, to look at when the process starts: the one before may have died before it counted."""
    try:
        return delta.table_names(("events",))
    except OSError as error:
        log.warning("The lake cannot be listed; statistics catch up with the next events.", reason=str(error))
        return []
