"""Looking for recorded events, newest first: by intent, time, score, threshold, predictor, release, label, context, id.

Pages go by the place of an event among all, not by counting, so they stay as they are while events arrive. Files are
read a few at a time, in the order of their events, until a page is full: what is found among the newest costs nothing
of the rest. A search that takes too long ends where it is, and says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import duckdb

from scoring.lake import pruning
from scoring.lake.event_search import EventSearch, Place
from scoring.lake.search_reader import NeverRecorded, SearchReader

PAGE = 50
SECONDS = 5.0
__all__ = ["EventSearch", "Found", "NeverRecorded", "Place", "TooSlow", "count_events", "find_events"]
Row = dict[str, Any]
Window = tuple[datetime | None, datetime | None]


class TooSlow(Exception):
    """The time was over before the first events were read."""


@dataclass(frozen=True)
class Found:
    """A page of events, newest first, and the places from which `older` and `newer` ones go on, if there may be any.

    `reached`: the search was stopped, and what occurred before this (after it, for newer ones) was not looked at.
    """

    events: Sequence[Mapping[str, Any]]
    older: Place | None = None
    newer: Place | None = None
    reached: datetime | None = None


def find_events(
    search: EventSearch,
    *,
    older_than: Place | None = None,
    newer_than: Place | None = None,
    limit: int = PAGE,
    seconds: float = SECONDS,
) -> Found:
    """A page of what is looked for: the newest, or those next to a place.

    Raises TooSlow, NeverRecorded, and what the lake raises when it does not answer.
    """
    newest_first = newer_than is None
    place = older_than if newest_first else newer_than
    with SearchReader(search, seconds) as reader:
        found, reached = _read(reader, _window(search, older_than, newer_than), place, newest_first, limit + 1)
        events = reader.labelled(found[:limit])
    more = place_of(found[limit - 1]) if len(found) > limit else _from(reached, newest_first)
    if newest_first:
        return Found(events, more, _first(events) if place and events else place, reached)
    return Found(events[::-1], _first(events) or place, more, reached)


def count_events(search: EventSearch, *, step: str = "day", seconds: float = SECONDS) -> list[tuple[datetime, int]]:
    """How many of what is looked for occurred in each day or hour. Raises as `find_events`."""
    counts: dict[datetime, int] = {}
    with SearchReader(search, seconds) as reader:
        try:
            for files, _ in pruning.readings(reader.files(search.since, search.until)):
                for at, count in reader.count(files, step):
                    counts[at] = counts.get(at, 0) + count
        except duckdb.InterruptException:
            raise TooSlow from None
    return sorted(counts.items())


def place_of(row: Mapping[str, Any]) -> Place:
    return Place(row["occurred_at"], row["intent"], row["event_id"])


def _read(
    reader: SearchReader, window: Window, place: Place | None, newest_first: bool, limit: int
) -> tuple[list[Row], datetime | None]:
    """The first of what is looked for, in the order of reading; and where the time was over, if it was."""
    found: list[Row] = []
    edge = None
    try:
        for files, beyond in pruning.readings(reader.files(*window), newest_first=newest_first):
            found += reader.read(files, place, newest_first, limit)
            found = sorted(found, key=place_of, reverse=newest_first)[:limit]
            edge = beyond
            if len(found) == limit and _is_before(found[-1], edge, newest_first):
                break
    except duckdb.InterruptException:
        if edge is None:
            raise TooSlow from None
        return [row for row in found if _is_before(row, edge, newest_first)], edge
    return found, None


def _window(search: EventSearch, older_than: Place | None, newer_than: Place | None) -> Window:
    """The times that files must reach into."""
    since, until = search.since, search.until
    if newer_than is not None:
        since = max(since or newer_than.occurred_at, newer_than.occurred_at)
    if older_than is not None:
        last = older_than.occurred_at + timedelta(microseconds=1)
        until = min(until or last, last)
    return since, until


def _is_before(row: Row, edge: datetime, newest_first: bool) -> bool:
    """Whether nothing that was not read yet can come before the row."""
    at: datetime = row["occurred_at"]
    return at > edge if newest_first else at < edge


def _first(events: Sequence[Row]) -> Place | None:
    return place_of(events[0]) if events else None


def _from(reached: datetime | None, newest_first: bool) -> Place | None:
    """A place from which what occurred at `reached` is still to come."""
    if reached is None:
        return None
    return Place(reached + timedelta(microseconds=1) if newest_first else reached, "", "")
