"""What the consumer tells Postgres, from a thread of its own: how far it is, and the per-minute statistics.

Postgres may be away or slow; the lake does not wait for it. What was not told is told later.
"""

from collections.abc import Sequence
from queue import Empty, SimpleQueue
from threading import Event, Thread

import structlog
from django.db import DatabaseError, IntegrityError, connection

from scoring.eventlog import lake, metrics, minutes
from scoring.eventlog.consumer import Consumer, LaneState

REPORT_SECONDS = 2.0

_UPSERT = """
    INSERT INTO scoring_consumerlane AS had
        (machine, lane, seen_at, position, behind_bytes, events, duplicates, lost_events)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (machine, lane) DO UPDATE SET
        seen_at = EXCLUDED.seen_at, position = EXCLUDED.position, behind_bytes = EXCLUDED.behind_bytes,
        events = had.events + EXCLUDED.events, duplicates = had.duplicates + EXCLUDED.duplicates,
        lost_events = EXCLUDED.lost_events
"""

log = structlog.get_logger(__name__)


class Reporter:
    """Follows a consumer; `committed` is to be called with each table that has got a commit."""

    def __init__(self, machine: str) -> None:
        self._machine = machine
        self._committed: SimpleQueue[lake.TableName] = SimpleQueue()
        self._uncounted: dict[lake.TableName, None] = {}
        self._told: dict[str, tuple[int, int]] = {}  # lane → events and duplicates that Postgres knows of
        self._away = False

    def committed(self, name: lake.TableName) -> None:
        if name.kind == "events":
            self._committed.put(name)

    def start(self, consumer: Consumer, stop: Event) -> Thread:
        thread = Thread(target=self._run, args=(consumer, stop), name="reporter", daemon=True)
        thread.start()
        return thread

    def finish(self, states: Sequence[LaneState]) -> None:
        """Tell the last, if Postgres listens."""
        self._try(states)
        connection.close()

    def report(self, states: Sequence[LaneState]) -> None:
        """Tell everything once. Raises DatabaseError when Postgres does not answer."""
        metrics.observe(states)
        self._tell(states)
        self._take_committed()
        for name in list(self._uncounted):
            self._count(name)
            del self._uncounted[name]

    def _run(self, consumer: Consumer, stop: Event) -> None:
        self._uncounted = dict.fromkeys(_all_event_tables())
        while not stop.wait(REPORT_SECONDS):
            self._try(consumer.states)
        connection.close()

    def _try(self, states: Sequence[LaneState]) -> None:
        try:
            self.report(states)
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

    def _count(self, name: lake.TableName) -> None:
        try:
            minutes.count(name)
        except IntegrityError:  # the tenant was erased
            log.info("Statistics of an erased tenant are not kept.", table=name.path)

    def _tell(self, states: Sequence[LaneState]) -> None:
        for state in states:
            events, duplicates = self._told.get(state.lane, (0, 0))
            with connection.cursor() as cursor:
                cursor.execute(_UPSERT, [self._machine, state.lane, state.at, state.position, state.behind_bytes,
                                         state.events - events, state.duplicates - duplicates,
                                         state.lost_events])  # fmt: skip
            self._told[state.lane] = (state.events, state.duplicates)


def _all_event_tables() -> list[lake.TableName]:
    """At the start, for a consumer may have died before it counted."""
    try:
        return lake.table_names(("events",))
    except OSError as error:
        log.warning("The lake cannot be listed; statistics catch up with the next events.", reason=str(error))
        return []
