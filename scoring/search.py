"""What somebody looks for in a tenant's events, by the names that people use, and what is found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from re import ASCII, fullmatch
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date

from scoring.lake import delta
from scoring.lake.search import PAGE, SECONDS, EventSearch, NeverRecorded, Place, TooSlow, count_events, find_events
from tenants.models import Intent, Tenant
from tenants.query_text import Reader, number, one_of, read_query, whole_number
from tenants.refusals import Unavailable
from tenants.times import first_moment, read_moment

T = TypeVar("T")
STEPS = ("day", "hour")
OUTCOMES = ("positive", "negative", "none")
MOST, LAST_RELEASE = 200, 2**31 - 1


@dataclass(frozen=True)
class EventQuery:
    """Events that meet all that is given. `threshold`: the name of one; `label`: one of OUTCOMES; `id`: how it begins.

    `since` and `until`: the first moment that counts, and the first that does not any more. `older_than`,
    `newer_than`: where a page goes on; `limit`: events a page. `step`: one of STEPS, that events are counted by.
    `degraded`: only those that the live predictor did not answer.
    """

    intent: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    min_score: float | None = None
    max_score: float | None = None
    threshold: str | None = None
    predictor: str = ""
    release: int | None = None
    label: str = ""
    context: tuple[str, str] | None = None
    id: str = ""
    degraded: bool = False
    older_than: Place | None = None
    newer_than: Place | None = None
    limit: int = PAGE
    step: str = "day"

    def check(self, names: Mapping[str, str] | None = None) -> "EventQuery":
        """Check it, and return it. Raises ValidationError; `names`: fields as callers have them."""
        if self.older_than and self.newer_than:
            raise ValidationError({"newer_than": "expected one of older_than and newer_than"})
        for low, high in (("since", "until"), ("min_score", "max_score")):
            least, most = getattr(self, low), getattr(self, high)
            if least is not None and most is not None and least > most:
                raise ValidationError({high: f"expected what is not below {(names or {}).get(low, low)}"})
        return self


def read_event_query(texts: Mapping[str, str], names: Mapping[str, str] | None = None) -> EventQuery:
    """What texts ask for, by the names of EventQuery. Raises ValidationError naming each field."""
    return EventQuery(**read_query(texts, _READERS)).check(names)


def read_hints(texts: Mapping[str, str]) -> dict[str, Any]:
    """What helps to find one event: `event_id`, `intent`, `day`. Nothing where any of them is none."""
    try:
        return read_query({name: texts[name] for name in _HINTS if name in texts}, _HINTS)
    except ValidationError:
        return {}


def read_context(text: str) -> tuple[str, str]:
    """`name=value` as (name, value). Raises ValueError in words."""
    name, equals, wanted = text.partition("=")
    if not (name and equals):
        raise ValueError("expected a name and a value, as channel=web")
    return name.strip(), wanted.strip()


def read_place(text: str) -> Place:
    """Read the place where a page of events goes on. Raises ValueError in words."""
    try:
        return Place.of(text)
    except ValueError:
        raise ValueError("expected what an answer has given as `older` or `newer`") from None


def _day(text: str) -> date:
    day = parse_date(text)
    if day is None:
        raise ValueError("expected a day, as 2026-11-23")
    first_moment(day)
    return day


def _name(text: str) -> str:
    if not fullmatch(r"[\w-]{1,63}", text, ASCII):
        raise ValueError("expected the name of an intent")
    return text


def _event_id(text: str) -> str:
    if len(text) > 128:
        raise ValueError("expected at most 128 characters")
    return text


def _yes(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("expected true or false")
    return text == "true"


_HINTS: Mapping[str, Reader] = {"event_id": _event_id, "intent": _name, "day": _day}
_READERS: Mapping[str, Reader] = {
    "intent": str,
    "since": read_moment,
    "until": partial(read_moment, whole=True),
    "min_score": number(0, 1),
    "max_score": number(0, 1),
    "threshold": str,
    "predictor": str,
    "release": whole_number(1, LAST_RELEASE),
    "label": one_of(OUTCOMES),
    "context": read_context,
    "id": str,
    "degraded": _yes,
    "older_than": read_place,
    "newer_than": read_place,
    "limit": whole_number(1, MOST),
}


class TenantEvents:
    """A tenant's events that a query asks for. Raises ValidationError naming the field."""

    def __init__(self, tenant: Tenant, query: EventQuery) -> None:
        self.query = query
        rows = Intent.objects.filter(tenant=tenant).values_list("name", "thresholds")
        self.thresholds: dict[str, list[dict[str, Any]]] = dict(rows)
        self.search = self._search(tenant)

    def page(self) -> dict[str, Any]:
        """Events, each with the thresholds that it crosses, and how to go on. Raises Unavailable."""
        query = self.query
        how: dict[str, Any] = {"older_than": query.older_than, "newer_than": query.newer_than, "limit": query.limit}
        result = _answered(lambda: find_events(self.search, **how))
        events = [{**row, "crossed": self._crossed(row["intent"], row["score"])} for row in result.events]
        edges = {name: place and place.text for name, place in (("older", result.older), ("newer", result.newer))}
        return {"events": events, **edges, "reached": result.reached}

    def counts(self, *, seconds: float = SECONDS) -> list[tuple[datetime, int]]:
        """How many events each day or hour has. Raises Unavailable."""
        return _answered(lambda: count_events(self.search, step=self.query.step, seconds=seconds))

    def _search(self, tenant: Tenant) -> EventSearch:
        query = self.query
        if query.intent is not None and query.intent not in self.thresholds:
            raise ValidationError({"intent": f"no such intent; there are {_words(self.thresholds)}"})
        names = ("since", "until", "min_score", "max_score", "release", "context", "predictor", "label", "degraded")
        return EventSearch(
            tenant.pk,
            list(self.thresholds) if query.intent is None else [query.intent],
            **{name: getattr(query, name) for name in names},
            crossed=None if query.threshold is None else self._declared(query.threshold),
            prefix=query.id,
        )

    def _declared(self, threshold: str) -> dict[str, float]:
        """Return by intent the score of the threshold of this name."""
        known = {
            name: {each["name"]: float(each["score"]) for each in thresholds}
            for name, thresholds in self.thresholds.items()
            if self.query.intent in (None, name)
        }
        found = {name: scores[threshold] for name, scores in known.items() if threshold in scores}
        if not found:
            names = {each for scores in known.values() for each in scores}
            raise ValidationError({"threshold": f"no such threshold; there are {_words(names)}"})
        return found

    def _crossed(self, intent: str, score: float) -> list[str]:
        return [each["name"] for each in self.thresholds[intent] if score >= each["score"]]


def _answered(look: Callable[[], T]) -> T:
    try:
        return look()
    except NeverRecorded as error:
        message = f"no event that was searched has this attribute; recorded are {error}"
        raise ValidationError({"context": message}) from error
    except TooSlow:
        message = "Looking took too long. Give an intent, or a shorter time by `since` and `until`."
        raise Unavailable(message, title="Took too long") from None
    except delta.Failure as error:
        raise Unavailable("The event log does not answer. Try again.") from error


def _words(names: Any) -> str:
    return ", ".join(sorted(names)) or "none"
