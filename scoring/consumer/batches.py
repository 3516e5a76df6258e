"""Events and labels made ready for their tables: repeated ids dropped, shadows scored, minutes summed up."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

import numpy as np
import pyarrow as pa
import structlog
from deltalake import DeltaTable

from scoring.consumer import days, minutes, profiles
from scoring.consumer.shadow_job import Shadow
from scoring.consumer.shadows import ShadowRunner
from scoring.engine import document
from scoring.engine.arrow import given_of
from scoring.engine.features import FeatureEncoder
from scoring.engine.probability import FloatArray
from scoring.lake import columns, delta
from scoring.lake.answers import recent_answers
from scoring.lake.events import Events, Part, places_of
from scoring.lake.reading import moment
from scoring.lake.recent import Answers, Mask, RecentAnswers
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
        events = Events.of(records)
        releases = set(events.release.tolist())
        unknown = self._unknown(releases)
        window = self._window(releases - unknown)
        answers = _answers(events)
        recent = self._remembered(events, table, window)
        same, other = recent.repeated(answers, window)
        dropped = np.isin(events.release, list(unknown))
        kept = ~same & ~dropped

        def committed() -> None:
            recent.add(answers.only(kept, other), window)
            first, twice = kept & ~other, kept & other
            self._count(lanes, events=first, duplicates=same & ~dropped, conflicts=twice, dropped=dropped)

        if not kept.any():
            return ReadyBatch(None, committed=committed)
        counted = events.only(kept & ~other)
        parts = [self._part(each, events, kept, other) for each in sorted(set(events.release[kept].tolist()))]
        data = columns.event_table(parts, delta.schema_of(table))
        notes = {
            "minutes": minutes.summarise(counted, self._intent),
            "days": days.summarise(counted.only(~counted.is_degraded), self._intent),
            "profiles": profiles.summarise(data, self._transform, self._intent),
        }
        return ReadyBatch(data, notes, committed)

    def _intent(self, release: int) -> document.Intent:
        return self._documents.get(self._name.tenant, release).intents[self._name.intent]

    def _transform(self, release: int, transform: int) -> document.Transform | None:
        """None of one that the release lacks: an event that names it is kept all the same."""
        return self._documents.get(self._name.tenant, release).transforms.get(str(transform))

    def _window(self, releases: set[int]) -> int:
        """The intent's idempotency window in microseconds."""
        return 1_000_000 * max((self._intent(release).idempotency_seconds for release in releases), default=0)

    def _unknown(self, releases: set[int]) -> set[int]:
        """Releases that do not exist. Raises documents.Unavailable when that can't be told."""
        unknown = set()
        for release in releases:
            try:
                self._intent(release)
            except (Unknown, KeyError, document.DocumentError) as error:
                unknown.add(release)
                log.error("Events name a release that is not there, and are dropped.", table=self._name.path,
                          release=release, reason=str(error))  # fmt: skip
        return unknown

    def _remembered(self, events: Events, table: DeltaTable | None, window: int) -> RecentAnswers:
        """The answers of the window; after a restart those that the table has."""
        if self._recent is None:
            since = int(events.scored_at.min()) - window
            recent = RecentAnswers()
            if table is not None:
                for answers in recent_answers(table, moment(since)):
                    recent.add(answers, window)
            self._recent = recent
        return self._recent

    def _count(self, lanes: Sequence[str], **masks: Mask) -> None:
        for name, mask in masks.items():
            getattr(self._tally, name).update(compress(lanes, mask.tolist()))

    def _part(self, release: int, events: Events, kept: Mask, repeats: Mask) -> Part:
        own = kept & (events.release == release)
        part = Part(self._intent(release), events.only(own), repeats[own])
        part.shadows = self._shadow_lists(release, part)
        return part

    def _shadow_lists(self, release: int, part: Part) -> pa.Array | None:
        """What the shadows of each route gave, of those events that took it."""
        count = len(part.events)
        shadows = {route.name: route.shadows for route in part.intent.routes if route.shadows}
        beside = {route: where for route, where in places_of(part.events.route, count).items() if route in shadows}
        if not beside:
            return None
        place = self._name.tenant, release, self._documents.text(self._name.tenant, release), self._name.intent
        sent = _encoded(part)
        entries = []
        for route, where in beside.items():
            own = [column[where] for column in sent]
            for target in shadows[route]:
                shadow = Shadow(*place, target.predictor, target.transform)
                entries.append((where, self._shadows.score(shadow, own)))
        return columns.shadow_lists(entries, count)


def _encoded(part: Part) -> list[FloatArray]:
    """The features as models take them."""
    given = {name: given_of(values) for name, values in part.features.items()}
    return list(FeatureEncoder(part.intent.features).arrays(given, len(part.events))[0].values())


def _answers(events: Events) -> Answers:
    probability = events.probability.astype(object)
    probability[np.isnan(events.probability)] = None  # as the table has it; NaN is no equal
    received = events.predictor, events.transform.tolist(), probability.tolist(), events.score.tolist()
    return Answers.of(events.event_id, events.scored_at, *received)
