"""What clients send, read strictly, and what they get: the shapes of the scoring API.

The JSON schemas of the API's documentation are made from these classes. `gc=False`: what comes from JSON has no
cycles, and with thousands of events in a batch the collector's rounds would take a good part of its time.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from scoring.engine.fallback import Degraded
from scoring.engine.faults import Fault, fault, missing
from scoring.queue.record import MOST_AHEAD
from tenants import strict_json
from tenants.refusals import Invalid

LONGEST_ID = 128
EventId = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_ID)]
Time = Annotated[datetime, msgspec.Meta(tz=True)]


class Event(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, gc=False):
    """An event to be scored."""

    features: dict[str, Any]
    context: dict[str, Any] = {}
    event_id: EventId | None = None
    occurred_at: Time | None = None


class ScoreRequest(Event, kw_only=True, gc=False):
    """One event and the intent to score it for."""

    intent: str


class BatchRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Many events of one intent."""

    intent: str
    events: list[Event]


class BatchTable(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Many events of one intent as a table: its columns named once, and a row of values for each event."""

    intent: str
    columns: list[str]
    data: list[list[str | float | int | bool | None]]


class Label(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What an event turned out to be."""

    intent: str
    event_id: EventId
    label: Literal[0, 1]
    labelled_at: Time | None = None


class LabelsRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Labels of events that were scored before."""

    labels: list[Label]


class ScoreAnswer(msgspec.Struct, frozen=True, gc=False):
    """A score, and what it was made with.

    `degraded` is there only where the live predictor failed, and something else answered by the intent's rules. A fixed
    score then has no probability (null), and names the predictor and the transform that it stands for.
    """

    event_id: str
    score: float
    probability: float | None
    intent: str
    predictor: str
    transform: int
    release: int
    degraded: Degraded | UnsetType = UNSET


class EventScore(msgspec.Struct, frozen=True, gc=False):
    """The score of one event of a batch; `degraded` and what is null as in the answer to a single event."""

    event_id: str
    score: float
    probability: float | None
    predictor: str
    transform: int
    degraded: Degraded | UnsetType = UNSET


class FaultInBatch(msgspec.Struct, frozen=True):
    """What is wrong with one event of a batch."""

    field: str
    expected: str
    found: str


class EventRefused(msgspec.Struct, frozen=True):
    """An event of a batch that could not be scored, by its place in the request, from 0."""

    index: int
    errors: list[FaultInBatch]


class BatchAnswer(msgspec.Struct, frozen=True):
    """One result for each event, in order, all by one release."""

    release: int
    results: list[EventScore | EventRefused]


class LabelsAnswer(msgspec.Struct, frozen=True):
    """How many labels were recorded."""

    accepted: int


EXPECTED = {
    "intent": "the name of an intent, a string",
    "features": "an object of features by name",
    "context": "an object of context attributes by name",
    "event_id": "a string of 1 to 128 characters",
    "occurred_at": "an RFC 3339 time with a zone, as 2026-11-23T20:06:01Z",
    "labelled_at": "an RFC 3339 time with a zone, as 2026-11-23T20:06:01Z",
    "events": "an array of events",
    "columns": "an array of names of columns",
    "data": "an array of rows, each an array of values",
    "labels": "an array of labels",
    "label": "0 or 1",
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FUTURE = MOST_AHEAD // MICROSECOND
LATE_OR_EARLY = "a time from 1970 on, and not more than a day ahead"
ERRORS_SHOWN = 100
_PLACE = re.compile(r" - at `\$\.?([^`]*)`$")
_FIELD = re.compile(r"^Object (missing required|contains unknown) field `(.*?)`", re.DOTALL)

_Request = TypeVar("_Request", bound=msgspec.Struct)
READ_EASE = 4  # reading takes about a fourth of what scoring takes
_encoder = msgspec.json.Encoder()


def invalid(faults: list[Fault]) -> Invalid:
    """The refusal for these faults, of which it shows a hundred at most."""
    return Invalid(faults=faults[:ERRORS_SHOWN])


def encode(answer: Any) -> bytes:
    """An answer, or a problem document, as JSON."""
    return _encoder.encode(answer)


def decode(body: bytes, kind: type[_Request]) -> _Request:
    """A request from its JSON text. Raises Unreadable for what is not JSON, Invalid for what is not this request."""
    try:
        return msgspec.json.decode(strict_json.without_mark(body), type=kind)
    except strict_json.UNREADABLE:
        content = strict_json.decode(body)
        try:
            return msgspec.convert(content, kind)
        except msgspec.ValidationError as error:
            raise invalid([fault_of(error, content)]) from error


def one_intent(found: set[str], named: str) -> str:
    """The intent that is named by all who name one. Raises Invalid where there is none, or more."""
    names = sorted(found | {named} - {""})
    if not names:
        raise invalid([missing("intent", f"{EXPECTED['intent']}, in the address (?intent=…) or in each event")])
    if len(names) > 1:
        raise invalid([fault("intent", "the same in all events, and in the address", ", ".join(names[:3]))])
    return names[0]


def microseconds(time: datetime | None, now: int) -> int:
    """A time in microseconds since 1970; `now` for none. Raises ValueError before 1970 or over a day ahead."""
    if time is None:
        return now
    found = (time - EPOCH) // MICROSECOND
    if not 0 <= found <= now + FUTURE:
        raise ValueError(LATE_OR_EARLY)
    return found


def occurrences(
    times: Iterable[datetime | None], now: int, faults: Mapping[int, list[Fault]]
) -> tuple[list[int], dict[int, list[Fault]]]:
    """When events occurred, in microseconds, and `faults` with those of impossible times added."""
    found, occurred = dict(faults), []
    for row, time in enumerate(times):
        try:
            occurred.append(microseconds(time, now))
        except ValueError as error:
            occurred.append(now)
            found[row] = [*found.get(row, []), fault("occurred_at", str(error), str(time))]
    return occurred, found


def fault_of(error: msgspec.ValidationError, content: Any) -> Fault:
    """What msgspec says, as a fault: it names the place, and the content tells what was found there."""
    message = str(error)
    match = _PLACE.search(message)
    place = match.group(1) if match else ""
    if field := _FIELD.match(message):
        inner = f"{place}.{field.group(2)[:80]}".lstrip(".")
        if field.group(1) == "missing required":
            return missing(inner, EXPECTED.get(field.group(2), "a value"))
        return {"field": inner, "expected": "no such field", "found": "one of that name"}
    name = place.rpartition(".")[2].partition("[")[0] or place
    return fault(place or "body", EXPECTED.get(name, "an object"), _at(content, place))


def _at(content: Any, place: str) -> Any:
    for key, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", place):
        content = content[int(index)] if index else content[key]
    return content
