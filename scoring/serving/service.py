"""The scoring service: what a request does, whichever way it came in. No database, and one release a request."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any

from msgspec import UNSET

from scoring.engine.compiled import CompiledIntent, CompiledRelease, Scored, no_probability
from scoring.engine.fallback import Ends, Suspended
from scoring.engine.faults import Fault, Faults, fault
from scoring.engine.onnx_model import ModelError
from scoring.serving import batch_bodies, metrics, plain
from scoring.serving.batch import Faulty, score_events
from scoring.serving.columnar import batch as columnar
from scoring.serving.columnar.answers import Answer
from scoring.serving.columnar.batch import BatchArrays
from scoring.serving.columnar.events import EventArrays, events_of
from scoring.serving.columnar.plain import PlainBatch
from scoring.serving.columnar.reader import read_batch
from scoring.serving.columnar.stream import Stream
from scoring.serving.keyring import Elsewhere, Key, check_network
from scoring.serving.presence import Presence
from scoring.serving.quotas import Quotas
from scoring.serving.recording import EventLog, EventRecorder, label_record
from scoring.serving.refused import reason_of
from scoring.serving.requests import (
    BatchAnswer,
    Event,
    LabelsAnswer,
    LabelsRequest,
    ScoreAnswer,
    ScoreRequest,
    decode,
    invalid,
    microseconds,
)
from scoring.serving.state import State
from scoring.serving.uuid7 import uuid7
from tenants.refusals import NotAuthenticated, NotFound, TooLarge, TooManyRequests, Unavailable

STAGES_OF_ONE_IN = 64  # single events it is measured how long each stage takes


class ScoringService:
    """Answers requests from what the process holds; each takes one look at what is served.

    `max_events`: in one; `proxies`: in front of it, that add to X-Forwarded-For.
    """

    def __init__(
        self, state: State, quotas: Quotas, log: EventLog, presence: Presence, max_events: int, proxies: int = 0
    ) -> None:
        self._state = state
        self._quotas = quotas
        self._log = log
        self._presence = presence
        self._proxies = proxies
        self._turns = count(1)
        self.max_events = max_events

    def authenticate(self, environ: Mapping[str, Any]) -> Key:
        """The key that the request with this WSGI environment comes with.

        Raises NotAuthenticated; Elsewhere outside of the key's networks; Unavailable before any key is known.
        """
        held = self._state.held
        if not held.loaded:
            raise Unavailable("Nothing is loaded yet; try again in a few seconds.")
        now = time.time()
        key = held.keyring.find(_bearer(environ), now)
        if key is None:
            raise NotAuthenticated("Send 'Authorization: Bearer muse_…' with a key that is not expired or revoked.")
        try:
            check_network(key, environ, self._proxies)
        except Elsewhere as refusal:
            self._presence.refused[key.id] = now, refusal.address
            raise
        self._presence.used[key.id] = now
        return key

    def limits(self, key: Key) -> list[tuple[str, str]]:
        """The headers that tell how much of its quota and its tenant's is left; none where there is no quota."""
        return self._quotas.headers(key.tenant, key.id)

    def refused(self, key: Key, body: bytes, status: int) -> None:
        """Note a request that was refused with this status."""
        release = self._state.held.releases.get(key.tenant)
        name = plain.intent_of(body, release)[0] if release is not None else ""
        known = name if release is not None and name in release.intents else ""
        self._note_refused(key.tenant, known, reason_of(status))

    def refused_key(self, environ: Mapping[str, Any]) -> None:
        """Note a request whose key is none that is live, where it says whose it is."""
        tenant = self._state.held.keyring.tenant_of(_bearer(environ))
        if tenant is not None:
            self.refused_unread(tenant, "key")

    def refused_unread(self, tenant: int, reason: str) -> None:
        """Note a request that was refused before it was read, for a reason of REASONS."""
        self._note_refused(tenant, "", reason)

    def _note_refused(self, tenant: int, intent: str, reason: str, requests: int = 1) -> None:
        self._presence.refused_requests.note(tenant, intent, reason, requests)
        metrics.refused(tenant, reason, requests)

    def score_json(self, key: Key, body: bytes) -> ScoreAnswer:
        """Score the event of a JSON text and record it. Raises Refusal."""
        ends = None if next(self._turns) % STAGES_OF_ONE_IN else [time.perf_counter()]
        release = self._state.held.releases.get(key.tenant)
        request = plain.read_one(body, release) if release is not None else None
        return self._score_by(release, key, request or decode(body, ScoreRequest), ends)

    def score_batch_json(self, key: Key, body: bytes) -> Answer:
        """Score the events of a JSON text. Raises as `score`."""
        release = self._state.held.releases.get(key.tenant)
        batch = read_batch(body, release) if release is not None else None
        if batch is None:
            return self._score_batch_by(release, key, *batch_bodies.decode(body, release))
        return self._score_plain(release, key, batch)

    def score(self, key: Key, request: ScoreRequest) -> ScoreAnswer:
        """Score one event and record it. Raises Refusal."""
        return self._score_by(self._state.held.releases.get(key.tenant), key, request)

    def score_batch(self, key: Key, name: str, events: list[Event], faults: dict[int, list[Fault]]) -> BatchAnswer:
        """Score events of one intent; those with `faults` are refused, as are other bad ones. Raises as `score`."""
        return self._score_batch_by(self._state.held.releases.get(key.tenant), key, name, events, faults)

    def _score_by(
        self, served: CompiledRelease | None, key: Key, request: ScoreRequest, ends: Ends | None = None
    ) -> ScoreAnswer:
        """`ends`: to be told when each stage has ended, where this event is one of those that are looked at so."""
        began = time.perf_counter()
        if ends is not None:
            ends.append(began)
        release, intent = _served(served, request.intent)
        self._admit(key, 1)
        now = _now()
        occurred = _occurred_at(request, now)
        scored = _score(intent, request, ends)
        event_id = request.event_id or uuid7(occurred)
        recorder = EventRecorder(key, request.intent, release.number, now)
        record = recorder.of(scored.route, scored.predictor, scored.transform, scored.degraded)
        self._log.append([record(request, event_id, occurred, scored.outputs, scored.probability, scored.score)])
        if ends is not None:
            metrics.staged([*ends, time.perf_counter()])
        metrics.scored(1)
        metrics.degraded(key.tenant, request.intent, scored.degraded, 1)
        target = scored.predictor, scored.transform, release.number
        self._presence.latencies.note(key.tenant, request.intent, time.perf_counter() - began)
        degraded = scored.degraded or UNSET
        return ScoreAnswer(event_id, scored.score, scored.probability, request.intent, *target, degraded)

    def _score_batch_by(
        self, served: CompiledRelease | None, key: Key, name: str, events: list[Event], faults: Faulty
    ) -> BatchAnswer:
        release, intent = _served(served, name)
        self._check_count("events", len(events))
        self._admit(key, len(events))
        now = _now()
        recorder = EventRecorder(key, name, release.number, now)
        with _available():
            results, records = score_events(intent, recorder, events, faults, now)
        self._log.append(records)
        metrics.scored(len(records))
        self._note_refused(key.tenant, name, "event", len(results) - len(records))
        for each in results:
            metrics.degraded(key.tenant, name, getattr(each, "degraded", None) or None, 1)
        return BatchAnswer(release.number, results)

    def score_columns(self, key: Key, name: str, stream: Stream) -> BatchArrays:
        """Score events of one intent that came in columns, as `score_batch` does; raises Invalid for wrong columns."""
        release, intent = _served(self._state.held.releases.get(key.tenant), name)
        now = _now()
        events = events_of(stream, intent, now)
        self._admit(key, stream.rows)
        return self._score_arrays(key, name, release.number, intent, events, now)

    def _score_plain(self, served: CompiledRelease | None, key: Key, batch: PlainBatch) -> BatchArrays:
        release, intent = _served(served, batch.name)
        self._check_count("events", len(batch))
        self._admit(key, len(batch))
        now = _now()
        return self._score_arrays(key, batch.name, release.number, intent, batch.events(intent, now), now)

    def _score_arrays(
        self, key: Key, name: str, release: int, intent: CompiledIntent, events: EventArrays, now: int
    ) -> BatchArrays:
        with _available():
            scored = columnar.score(intent, events, release)
        if scored.groups:
            self._log.append([columnar.record(key, name, intent, events, scored, now)], scored.scored)
        metrics.scored(scored.scored)
        self._note_refused(key.tenant, name, "event", len(scored.faults))
        for group in scored.groups:
            metrics.degraded(key.tenant, name, group.degraded, len(group.rows))
        return scored

    def label(self, key: Key, request: LabelsRequest) -> LabelsAnswer:
        """Record labels, all or none. Raises Invalid naming each bad one, Unavailable when they cannot be kept."""
        release = _loaded(self._state.held.releases.get(key.tenant))
        self._check_count("labels", len(request.labels))
        now = _now()
        faults: list[Fault] = []
        records: list[bytes] = []
        for index, label in enumerate(request.labels):
            try:
                records.append(label_record(key, release.intents, label, now))
            except Faults as error:
                faults += [{**each, "field": f"labels[{index}].{each['field']}"} for each in error.faults]
        if faults:
            raise invalid(faults)
        if not self._log.append(records):
            raise Unavailable("The labels cannot be kept now, none was recorded; send them again.")
        return LabelsAnswer(len(records))

    def _admit(self, key: Key, events: int) -> None:
        wait = self._quotas.take(key.tenant, events, key.id)
        if wait > 0.0:
            raise TooManyRequests(f"{self._quotas.in_the_way(key.tenant, events, key.id)} is used up.", wait)

    def _check_count(self, field: str, count: int) -> None:
        if count > self.max_events:
            expected = f"at most {self.max_events} in one request; send several"
            raise TooLarge(faults=[{"field": field, "expected": expected, "found": str(count)}])


def _bearer(environ: Mapping[str, Any]) -> str:
    """What a request with this WSGI environment says that its key is; "" where it says nothing of one."""
    scheme, _, text = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else ""


def _loaded(release: CompiledRelease | None) -> CompiledRelease:
    if release is None:
        raise Unavailable("No release of this tenant is loaded; publish one.")
    return release


def _served(served: CompiledRelease | None, name: str) -> tuple[CompiledRelease, CompiledIntent]:
    release = _loaded(served)
    intent = release.intents.get(name)
    if intent is None:
        unknown = fault("intent", "one of " + ", ".join(sorted(release.intents)), name)
        raise NotFound(title="Unknown intent", faults=[unknown])
    return release, intent


def _now() -> int:
    return time.time_ns() // 1000


def _occurred_at(event: Event, now: int) -> int:
    try:
        return microseconds(event.occurred_at, now)
    except ValueError as error:
        raise invalid([fault("occurred_at", str(error), str(event.occurred_at))]) from error


def _score(intent: CompiledIntent, request: ScoreRequest, ends: Ends | None) -> Scored:
    try:
        return intent.score(request.features, request.context, ends)
    except Faults as error:
        raise invalid(error.faults) from error
    except ModelError as error:
        if not error.rows:
            raise _unavailable(error) from error
        raise invalid([no_probability(error)]) from error


@contextmanager
def _available() -> Iterator[None]:
    """Raise Unavailable where a predictor does not run at all, which is not the events' fault."""
    try:
        yield
    except ModelError as error:
        raise _unavailable(error) from error


def _unavailable(error: ModelError) -> Unavailable:
    wait = error.wait if isinstance(error, Suspended) else None
    return Unavailable("The predictor of this route fails, and nothing is declared to answer in its place.", wait)
