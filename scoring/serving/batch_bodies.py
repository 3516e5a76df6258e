"""Reads batches of JSON of either form, whatever is in them: events, and what is wrong with those that are none."""

from typing import Any

import msgspec

from scoring.engine.compiled import CompiledRelease
from scoring.engine.faults import Fault
from scoring.serving import tables
from scoring.serving.admission import slices, weigh
from scoring.serving.requests import READ_EASE, Event, fault_of, invalid
from tenants import strict_json
from tenants.refusals import Invalid

Batch = tuple[str, list[Event], dict[int, list[Fault]]]
_event = msgspec.json.Decoder(Event)


class _RawBatch(msgspec.Struct, forbid_unknown_fields=True):
    """A batch whose events have not been read yet."""

    intent: str
    events: list[msgspec.Raw]


class _LooseBatch(msgspec.Struct, forbid_unknown_fields=True):
    intent: str
    events: list[Any]


def decode(body: bytes, release: CompiledRelease | None) -> Batch:
    """Intent, events, and the faults of events that have not their shape, by index. Raises Unreadable, Invalid.

    `release`: whose intents tell what null means in a table.
    """
    try:
        request = msgspec.json.decode(strict_json.without_mark(body), type=_RawBatch)
        return request.intent, _events(request.events), {}
    except strict_json.UNREADABLE:
        content, odd = strict_json.decode_loosely(body)
    if tables.is_table(content):
        return tables.read(content, odd, release.intents if release is not None else {})
    return _one_by_one(content, odd)


def _events(raw: list[msgspec.Raw]) -> list[Event]:
    """Events one by one, for reading all of a large batch at once would hold up whoever waits for a single score."""
    weigh(len(raw))
    events: list[Event] = []
    for places in slices(len(raw), READ_EASE):
        events += [_event.decode(each) for each in raw[places.start : places.stop]]
    return events


def _one_by_one(content: Any, odd: list[tuple[strict_json.Place, strict_json.Odd]]) -> Batch:
    faults = _by_event(odd)
    try:
        request = msgspec.convert(content, _LooseBatch)
    except msgspec.ValidationError as error:
        raise invalid([fault_of(error, content)]) from error
    events: list[Event] = []
    for index, each in enumerate(request.events):
        try:
            events.append(Event(features={}) if index in faults else msgspec.convert(each, Event))
        except msgspec.ValidationError as error:
            events.append(Event(features={}))
            faults[index] = [fault_of(error, each)]
    return request.intent, events, faults


def _by_event(odd: list[tuple[strict_json.Place, strict_json.Odd]]) -> dict[int, list[Fault]]:
    """What cannot be taken, by the index of the event that it is in. Raises Invalid for what is in none."""
    found: dict[int, list[tuple[strict_json.Place, strict_json.Odd]]] = {}
    for place, each in odd:
        if len(place) < 2 or place[0] != "events" or not isinstance(place[1], int):
            raise Invalid(faults=strict_json.faults(odd))
        found.setdefault(place[1], []).append((place[2:], each))
    return {index: [Fault(**each) for each in strict_json.faults(inner)] for index, inner in found.items()}  # type: ignore[typeddict-item]
