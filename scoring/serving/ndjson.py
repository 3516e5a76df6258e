"""Batches as NDJSON: a line for each event, as it is scored by itself, and a line for each result."""

import re
from itertools import islice

import msgspec

from scoring.engine.faults import Fault, fault
from scoring.serving import requests
from scoring.serving.admission import slices, weigh
from scoring.serving.requests import BatchAnswer, Event, one_intent
from tenants import strict_json
from tenants.refusals import Invalid, TooLarge, Unreadable

CONTENT_TYPE = "application/x-ndjson"
_LINE = re.compile(rb"[^\r\n]+")

Batch = tuple[str, list[Event], dict[int, list[Fault]]]


class Line(Event, kw_only=True, gc=False):
    """An event to be scored, and its intent, unless the address names it."""

    intent: str | None = None


_line = msgspec.json.Decoder(Line)
_encoder = msgspec.json.Encoder()


def decode(body: bytes, named: str, most: int) -> Batch:
    """Intent, events, and the faults of lines that are none, by index; empty lines count for nothing.

    `named`: the intent that the address names. Raises TooLarge for more than `most` events, Invalid without an intent.
    """
    found = (each for line in _LINE.finditer(strict_json.without_mark(body)) if (each := line[0].strip()))
    lines = list(islice(found, most + 1))
    if len(lines) > most:
        expected = f"at most {most} in one request; send several"
        raise TooLarge(faults=[{"field": "events", "expected": expected, "found": "more"}])
    weigh(len(lines))
    faults: dict[int, list[Fault]] = {}
    events: list[Line] = []
    for places in slices(len(lines), requests.READ_EASE):
        events += [_event(place, lines[place], faults) for place in places]
    names = {each.intent for each in events if each.intent is not None}
    if faults and not names | {named} - {""}:  # lines that cannot be read may have named it
        raise requests.invalid(_placed(faults))
    return one_intent(names, named), list(events), faults


def encode(answer: BatchAnswer) -> bytes:
    """A line for each event, in order; the release, which is the same for all, is in each."""
    release = b',"release":%d}' % answer.release
    return b"".join([_encoder.encode(each)[:-1] + release + b"\n" for each in answer.results])


def _placed(faults: dict[int, list[Fault]]) -> list[Fault]:
    return [{**each, "field": f"events[{row}].{each['field']}"} for row, found in faults.items() for each in found]


def _event(place: int, line: bytes, faults: dict[int, list[Fault]]) -> Line:
    try:
        return _line.decode(line)
    except strict_json.UNREADABLE:
        pass
    try:
        return requests.decode(line, Line)
    except Invalid as error:
        faults[place] = [Fault(**each) for each in error.faults]  # type: ignore[typeddict-item]
    except Unreadable:
        faults[place] = [fault("body", "an event as one line of JSON", str(line[:80], "utf-8", "replace"))]
    return Line(features={})
