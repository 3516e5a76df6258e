"""The explorer's search: which events were scored so?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from models_app.console.ui.listing import NOTHING_MATCHES
from models_app.console.ui.page import TenantPage
from models_app.console.ui.panels import Cell, Note, Panel, badge, link, number, several, when
from models_app.console.ui.tables import Column, Table
from scoring.addresses import event_path
from scoring.search import OUTCOMES, TenantEvents, read_event_query
from tenants.models import Intent
from tenants.problem_documents import TITLES
from tenants.refusals import Unavailable, messages_by_field
from tenants.times import read_moment

PLACES = ("older_than", "newer_than")
NAMES = {"min_score": "“Score from”", "since": "“Occurred from”"}  # where the fault of another field speaks of them
LABELS = {None: "–", 0: "negative", 1: "positive"}


@dataclass(frozen=True)
class Filter:
    """One thing to look for. `kind`: choice, or a kind of input."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    choices: Sequence[tuple[str, str]] = ()
    example: str = ""
    error: str = ""


@dataclass(frozen=True)
class Filters(Panel):
    template: ClassVar[str] = "console/event_filters.html"
    query: Mapping[str, str]
    filters: Sequence[Filter]
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Turning(Panel):
    """The ways to newer and to older events."""

    template: ClassVar[str] = "console/panels/turning.html"
    newer: str
    older: str


@dataclass(frozen=True)
class Later(Panel):
    """What the page fetches when it is there; `words` stand in its place until then."""

    template: ClassVar[str] = "console/panels/later.html"
    address: str
    words: str


class Events(TenantPage):
    title, tab = "Explorer", "events"
    intro = "All scored events, newest first. Open one to see why it has its score."

    @cached_property
    def query(self) -> dict[str, str]:
        """What the address asks for, without what it leaves blank."""
        values = {name: str(value).replace("\x00", "").strip() for name, value in self.request.GET.dict().items()}
        return {name: value for name, value in values.items() if value}

    @cached_property
    def thresholds(self) -> dict[str, list[str]]:
        """Return the names of thresholds by intent."""
        rows = Intent.objects.filter(tenant=self.tenant).values_list("name", "thresholds")
        return {name: [each["name"] for each in thresholds] for name, thresholds in rows}

    @cached_property
    def found(self) -> dict[str, Any] | ValidationError | Unavailable:
        """A page of events, or why there is none."""
        try:
            return TenantEvents(self.tenant, read_event_query(self.query, NAMES)).page()
        except (ValidationError, Unavailable) as error:
            return error

    def get(self, request: HttpRequest, *args: Any, **place: Any) -> HttpResponseBase:
        self._open()
        if "" in request.GET.dict().values():  # what a form leaves blank is not worth an address of its own
            return redirect(f"{request.path}?{urlencode(self.query)}")
        wanted = self.query.get("id") if len(self.query) == 1 else None
        events = self.found["events"] if wanted and isinstance(self.found, dict) else []
        exact = [row for row in events if row["event_id"] == wanted]
        if len(exact) == 1:
            return redirect(event_address(self, exact[0]))
        return super().get(request, *args, **place)

    def panels(self) -> Iterable[Panel]:
        found = self.found
        faults = _faults(found)
        yield self._filters(faults)
        if isinstance(found, dict):
            yield from self._events(found)
        elif isinstance(found, Unavailable):
            yield Note(str(found), "bad", found.title or TITLES[503])
        else:
            yield from (Note(words, "bad", field) for field, words in faults.items() if self._is_odd(field))

    def _events(self, result: Mapping[str, Any]) -> Iterable[Panel]:
        if result["reached"]:
            at = f"{result['reached']:%Y-%m-%d %H:%M} UTC"
            yield Note(
                f"The search stopped at {at} after its time limit. Continue from there, or narrow the search.", "wait"
            )
        if result["events"]:
            query = {name: value for name, value in self.query.items() if name not in (*PLACES, "limit")}
            yield Later(f"{self.at('event_counts')}?{urlencode(query)}", "Counting …")
        yield Table(self._columns(), result["events"], empty=self._nothing(), next_link=self._way_out())
        if result["newer"] or result["older"]:
            yield Turning(self._turned("newer_than", result["newer"]), self._turned("older_than", result["older"]))

    def _columns(self) -> Sequence[Column[Mapping[str, Any]]]:
        return (
            Column("occurred", "Occurred", lambda row: when(row["occurred_at"])),
            Column("event", "Event", self._event),
            Column("score", "Score", lambda row: number(row["score"], 4)),
            Column("crosses", "Alerts at", _crossed),
            Column("intent", "Intent", lambda row: Cell(row["intent"])),
            Column("probability", "Probability", lambda row: Cell(f"{row['probability']:.4g}", kind="number")),
            Column("predictor", "Predictor", lambda row: Cell(row["predictor"])),
            Column("release", "Release", self._release),
            Column("label", "Label", lambda row: Cell(LABELS[row["label"]])),
        )

    def _event(self, row: Mapping[str, Any]) -> Cell:
        return Cell(_short(row["event_id"]), href=event_address(self, row), kind="code")

    def _release(self, row: Mapping[str, Any]) -> Cell:
        return link(row["release"], "release", tenant=self.tenant.slug, number=row["release"])

    def _turned(self, name: str, place: str | None) -> str:
        if not place:
            return ""
        query = self.request.GET.copy()
        for each in PLACES:
            query.pop(each, None)
        query[name] = place
        return f"?{query.urlencode()}"

    def _nothing(self) -> str:
        flush = settings.ENV["MUSE_FLUSH_SECONDS"]
        soon = f"New events appear after the next flush, within {flush:g} s."
        if not self.query:
            return f"No events recorded for this tenant yet. {soon}"
        return f"No event of this tenant has this id. {soon}" if self.query.keys() == {"id"} else NOTHING_MATCHES

    def _way_out(self) -> tuple[str, str]:
        if self.query:
            return "Show the newest events", self.at("events")
        return "Show an example request", self.at("tenant")

    def _filters(self, errors: Mapping[str, str]) -> Panel:
        thresholds = sorted({each for names in self.thresholds.values() for each in names})
        query = {name: value for name, value in self.query.items() if name not in PLACES}
        filters = [
            Filter("intent", "Intent", "choice", choices=_same(self.thresholds)),
            Filter("threshold", "Crosses threshold", "choice", choices=_same(thresholds)),
            Filter("min_score", "Score from", "number", example="0"),
            Filter("max_score", "Score to", "number", example="1"),
            Filter("since", "Occurred from (UTC)", "datetime-local"),
            Filter("until", "Occurred until (UTC)", "datetime-local"),
            Filter("label", "Label", "choice", choices=_same(OUTCOMES)),
            Filter("predictor", "Live predictor", example="cards@4"),
            Filter("release", "Release", "number", example="1"),
            Filter("context", "Context", example="channel=web"),
            Filter("degraded", "Degraded only", "choice", choices=[("true", "not answered by the live predictor")]),
        ]
        return Filters(query, [_filled(each, query, errors) for each in filters], errors)

    def _is_odd(self, field: str) -> bool:
        """Whether it has no field of the form to be shown at."""
        part = self._filters({})
        assert isinstance(part, Filters)
        return field not in {"id", *(each.name for each in part.filters)}


def _crossed(row: Mapping[str, Any]) -> Cell:
    degraded = [Cell("degraded", kind="badge", tone="bad")] if row["degraded"] else []
    found = [*map(badge, row["crossed"]), *degraded]
    return several(*found) if found else Cell("–")


def event_address(page: TenantPage, row: Mapping[str, Any]) -> str:
    """Return the address where an event is explained, with hints that make it quick to find."""
    day = f"{row['occurred_at']:%Y-%m-%d}"
    return f"{page.at('events')}/{event_path(row['event_id'], intent=row['intent'], day=day)}"


def _short(event_id: str) -> str:
    """The first and last characters of a long id, enough to tell events apart in a list."""
    return event_id if len(event_id) <= 20 else f"{event_id[:8]}…{event_id[-6:]}"


def _same(values: Iterable[str]) -> list[tuple[str, str]]:
    return [(value, value) for value in values]


def _filled(filter_: Filter, query: Mapping[str, str], errors: Mapping[str, str]) -> Filter:
    value = query.get(filter_.name, "")
    if filter_.kind == "datetime-local":
        value = _local(value, whole=filter_.name == "until")
    return Filter(**{**vars(filter_), "value": value, "error": errors.get(filter_.name, "")})


def _local(value: str, whole: bool) -> str:
    """Return a moment as the browser's field takes it: without a zone, for it is UTC; other texts as they are."""
    try:
        at = read_moment(value, whole=whole)
    except ValueError:
        return value
    return f"{at:%Y-%m-%dT%H:%M}" if at.second == 0 else f"{at:%Y-%m-%dT%H:%M:%S}"


def _faults(found: object) -> dict[str, str]:
    """The error messages of the search, by field."""
    if not isinstance(found, ValidationError):
        return {}
    return {field: " ".join(messages) for field, messages in messages_by_field(found).items()}
