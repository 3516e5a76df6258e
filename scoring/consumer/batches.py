"""Events and labels made ready for their tables: repeated ids dropped, shadows scored, minutes summed up."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Any

import pyarrow as pa
import structlog
from deltalake import DeltaTable

from scoring.consumer import days, minutes
from scoring.consumer.shadows import ShadowRunner
from scoring.engine import document
from scoring.lake import columns, delta
from scoring.lake.answers import recent_answers
from scoring.lake.reading import moment
from scoring.lake.recent import Answer, RecentAnswers
from scoring.queue.record import EventRecord, LabelRecord
from scoring.store.documents import Documents, Unknown

log = structlog.get_logger(__name__)


@dataclass
class Tally:
    """What happened to records since the consumer began, by lane.

    `events`: those that count; `duplicates`: repeated ids with the same answer, dropped; `conflicts`: with another one.
    """

    events: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    duplicates: Counter[str] = field(default_factory=Counter)
    conflicts: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)


@dataclass
class ReadyBatch:
    """A batch as pending.PendingTable commits it."""

    data: pa.Table | None
    notes: Any = None
    committed: Callable[[], None] = lambda: None


class LabelMaker:
    """Makes batches of labels."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def __call__(self, records: Sequence[LabelRecord], lanes: Sequence[str], table: DeltaTable | None) -> ReadyBatch:
        return ReadyBatch(columns.label_table(records), committed=lambda: self._tally.labels.update(lanes))


class EventMaker:
    """Makes batches of one table's events."""

    def __init__(self, name: delta.TableName, *, documents: Documents, shadows: ShadowRunner, tally: Tally) -> None:
        self._name = name
        self._documents = documents
        self._shadows = shadows
        self._tally = tally
        self._recent: RecentAnswers | None = None

    def __call__(self, records: Sequence[EventRecord], lanes: Sequence[str], table: DeltaTable | None) -> ReadyBatch:
        unknown = self._unknown_releases(records)
        dropped = {place for place, record in enumerate(records) if record.release in unknown} if unknown else set()
        window = self._window(records, unknown)
        recent = self._remembered(records, table, window)
        same, other = recent.repeated([_answer(record) for record in records], window)
        kept = [place for place in range(len(records)) if place not in same and place not in dropped]
        events = [records[place] for place in kept]
        repeats = {row for row, place in enumerate(kept) if place in other}

        def committed() -> None:
            recent.add([_answer(event, row in repeats) for row, event in enumerate(events)], window)
            self._tally.duplicates.update(lanes[place] for place in same - dropped)
            self._tally.conflicts.update(lanes[kept[row]] for row in repeats)
            self._tally.dropped.update(lanes[place] for place in dropped)
            self._tally.events.update(lanes[place] for row, place in enumerate(kept) if row not in repeats)

        if not events:
            return ReadyBatch(None, committed=committed)
        counted = [event for row, event in enumerate(events) if row not in repeats]
        notes = {
            "minutes": minutes.summarise(counted, self._intent),
            "days": days.summarise([event for event in counted if not event.degraded], self._intent),
        }
        known = delta.schema_of(table)
        data = columns.event_table(events, self._shadow_entries(events), self._intent, known, repeats)
        return ReadyBatch(data, notes, committed)

    def _intent(self, release: int) -> document.Intent:
        return self._documents.get(self._name.tenant, release).intents[self._name.intent]

    def _window(self, records: Sequence[EventRecord], unknown: set[int]) -> int:
        """The intent's idempotency window in microseconds."""
        releases = {record.release for record in records} - unknown
        return 1_000_000 * max((self._intent(release).idempotency_seconds for release in releases), default=0)

    def _unknown_releases(self, records: Sequence[EventRecord]) -> set[int]:
        """Releases that do not exist. Raises documents.Unavailable when that can't be told."""
        unknown = set()
        for release in {record.release for record in records}:
            try:
                self._intent(release)
            except (Unknown, KeyError, document.DocumentError) as error:
                unknown.add(release)
                log.error("Events name a release that is not there, and are dropped.", table=self._name.path,
                          release=release, reason=str(error))  # fmt: skip
        return unknown

    def _remembered(self, records: Sequence[EventRecord], table: DeltaTable | None, window: int) -> RecentAnswers:
        """The answers of the window; after a restart those that the table has."""
        if self._recent is None:
            since = min(record.scored_at for record in records) - window
            recent = RecentAnswers()
            if table is not None:
                for answers in recent_answers(table, moment(since)):
                    recent.add(answers, window)
            self._recent = recent
        return self._recent

    def _shadow_entries(self, events: Sequence[EventRecord]) -> dict[int, columns.Shadows]:
        """The shadows' entries by place of the event."""
        places: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
        for place, event in enumerate(events):
            places[event.release, event.route].append(place)
        entries: defaultdict[int, columns.Shadows] = defaultdict(list)
        for (release, route), some in places.items():
            for shadow in self._shadows_of(release, route):
                text = self._documents.text(self._name.tenant, release)
                group = [events[place] for place in some]
                found = self._shadows.score(group, text, shadow.predictor, shadow.transform)
                for place, entry in zip(some, found, strict=True):
                    entries[place].append(entry)
        return entries

    def _shadows_of(self, release: int, name: str) -> tuple[document.Target, ...]:
        return next((route.shadows for route in self._intent(release).routes if route.name == name), ())


def _answer(event: EventRecord, repeat: bool = False) -> Answer:
    probability = None if isnan(event.probability) else event.probability  # as the table has it; NaN is no equal
    target = event.predictor, event.transform
    return Answer(event.event_id, event.scored_at, repeat, *target, probability, event.score)
