"""The explorer's event: why this score?"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from re import fullmatch
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from models_app.catalog import selectors
from models_app.catalog.references import mathematical
from models_app.changes.of_event import both_sides
from models_app.console.events import score_steps
from models_app.console.events.events import LABELS
from models_app.console.events.proposed import proposed
from models_app.console.ui.page import TenantPage
from models_app.console.ui.panels import (
    Cell,
    Code,
    Facts,
    Figure,
    Figures,
    Note,
    Panel,
    Section,
    SideBySide,
    Stat,
    Stats,
    badge,
    code,
    link,
    number,
    when,
)
from models_app.console.ui.tables import Column, Table
from models_app.figures import event as figures
from scoring.addresses import event_path
from scoring.engine import document
from scoring.lake.explain import UnknownRelease, document_of, explained
from scoring.lake.reading import SeveralEvents, find_event
from scoring.search import read_hints

CORRECTION_HINT = (
    "A model trained on a share β of the negatives overestimates; the correction undoes that. Dotted: no change."
)
MAPPING_HINT = (
    "The map of probability to score. Dots are its knots; dashed lines are the thresholds of this event's release."
)
OTHERS_HINT = (
    "The latest answer is explained here. Within the deduplication window an event counts once, by its first answer."
)
FEATURES_HINT = "The features that the intent keeps. Null values are left out."


class EventPage(TenantPage):
    """Why this score?"""

    tab, subject = "events", "event"

    @cached_property
    def row(self) -> Mapping[str, Any]:
        """What was recorded."""
        found = find_event(
            self.tenant.pk, **{"event_id": self.kwargs["event_id"], **read_hints(self.request.GET.dict())}
        )
        if found is None:
            raise Http404("There is no such event. An event that was scored just now is found after the next flush.")
        return found

    @cached_property
    def content(self) -> document.ReleaseDocument:
        return document_of(self.tenant.pk, self.row)

    @cached_property
    def event(self) -> dict[str, Any] | UnknownRelease:
        """Explained; or why it cannot be, for its release is not here."""
        try:
            return explained(self.row, self.content)
        except UnknownRelease as error:
            return error

    @property
    def intent(self) -> document.Intent:
        return self.content.intents[self.row["intent"]]

    def get(self, request: HttpRequest, *args: Any, **place: Any) -> HttpResponseBase:
        try:
            return super().get(request, *args, **place)
        except SeveralEvents:  # the search shows them all, each with its intent
            wanted = request.GET.get("event_id", self.kwargs["event_id"])
            return redirect(f"{self.at('events')}?{urlencode({'id': wanted})}")

    def heading(self) -> str:
        return f"Score {self.row['score']:.4f}"

    def breadcrumbs(self) -> Sequence[tuple[str, str]]:
        return (*super().breadcrumbs(), ("Explorer", self.at("events")))

    def badges(self) -> Sequence[Cell]:
        if isinstance(self.event, UnknownRelease):
            return ()
        return [badge(each.name) for each in self.intent.thresholds if self.row["score"] >= each.score]

    def panels(self) -> Iterable[Panel]:
        event = self.event
        if isinstance(event, UnknownRelease):
            yield Note(f"The score cannot be explained: {event}. This is the record.", "wait")
            yield self._facts(event.row)
            yield Code(msgspec.json.format(msgspec.json.encode(event.row)).decode(), "Record as JSON")
            return
        share = self._share(event)
        if event["degraded"]:
            yield Note(score_steps.degraded_in_words(event), "bad", "Not answered by the live predictor")
        if event["probability"] is None:
            yield from self._fixed(event, share)
            return
        yield Note(score_steps.in_words(event, self.intent, share), "plain", "Why this score?")
        if event["others"]:
            yield self._others(event)
        yield self._numbers(event, share)
        yield from proposed(both_sides(self.tenant, self.row, self._change))
        yield score_steps.flow(event, self.intent)
        curves = Figures([self._correction(event), self._mapping(event)])
        yield Section("transformations", "Transformations of this event", [curves])
        yield score_steps.routes(event, self.intent)
        yield score_steps.models(event)
        yield score_steps.shadows(self, event)
        yield SideBySide([self._features(event), self._context(event)])
        yield self._facts(event)
        yield from self._raw(event)

    def _fixed(self, event: Mapping[str, Any], share: float | None) -> Iterable[Panel]:
        """A score that no predictor gave has no steps."""
        yield self._numbers(event, share)
        yield score_steps.routes(event, self.intent)
        yield SideBySide([self._features(event), self._context(event)])
        yield self._facts(event)
        yield from self._raw(event)

    @property
    def _change(self) -> int | None:
        """The change request that the page is asked about, where it is."""
        number = self.request.GET.get("change", "")
        return int(number) if fullmatch(r"[0-9]{1,9}", number) else None

    def _share(self, event: Mapping[str, Any]) -> float | None:
        """Which share of events scores so or higher, by the reference."""
        name, _, version = event["transform"]["reference"].partition("@")
        row = selectors.references().filter(name=name, version=int(version)).first() if version.isdigit() else None
        return None if row is None else float(mathematical(row).alert_rate(event["score"]))

    def _numbers(self, event: Mapping[str, Any], share: float | None) -> Panel:
        reached = f"{100 * share:.3g}\u202f% of events reach this score" if share is not None else ""
        outcome = "reported for this event" if event["label"] is not None else "none reported yet"
        return Stats(
            [
                Stat("Score", number(event["score"], 4), reached),
                Stat("Probability", _probability(event["probability"]), event["predictor"]),
                Stat("Release", self._release(event), f"route ‘{event['route']}’"),
                Stat("Label", Cell(LABELS[event["label"]]), outcome),
            ]
        )

    def _correction(self, event: Mapping[str, Any]) -> Figure:
        return Figure("correction", figures.correction(event["models"]), CORRECTION_HINT)

    def _mapping(self, event: Mapping[str, Any]) -> Figure:
        transform = self.content.transforms[str(event["transform"]["id"])]
        figure = figures.mapping(transform, event["probability"], event["score"], self.intent.thresholds)
        return Figure("mapping", figure, MAPPING_HINT)

    def _features(self, event: Mapping[str, Any]) -> Panel:
        rows, empty = list(event["features"].items()), "The intent keeps no features."
        return Table(VALUES, rows, title="Features", empty=empty, hint=FEATURES_HINT)

    def _context(self, event: Mapping[str, Any]) -> Panel:
        rows, empty = list(event["context"].items()), "No context came with this event."
        return Table(VALUES, rows, title="Context", empty=empty, hint="Routing conditions use these attributes.")

    def _others(self, event: Mapping[str, Any]) -> Panel:
        columns: Sequence[Column[Mapping[str, Any]]] = (
            Column("score", "Score", lambda each: number(each["score"], 4)),
            Column("probability", "Probability", lambda each: number(each["probability"], 4)),
            Column("predictor", "Predictor", lambda each: Cell(each["predictor"])),
            Column("release", "Release", self._release),
            Column("scored", "Scored", lambda each: when(each["scored_at"])),
        )
        return Table(columns, event["others"], title="Earlier answers under this id", hint=OTHERS_HINT)

    def _release(self, row: Mapping[str, Any]) -> Cell:
        return link(row["release"], "release", tenant=self.tenant.slug, number=row["release"])

    def _facts(self, row: Mapping[str, Any]) -> Panel:
        facts = [
            ("Event", code(row["event_id"])),
            ("Intent", link(row["intent"], "intent", tenant=self.tenant.slug, intent=row["intent"])),
            ("Occurred", when(row["occurred_at"])),
            ("Scored", when(row["scored_at"])),
            ("Release", self._release(row)),
            ("Key", Cell(row["key"], href=self.at("keys"))),
            ("Label", Cell(LABELS[row["label"]])),
        ]
        return Facts(
            facts if "recomputed" not in row else [*facts, ("Recomputed", score_steps.recomputed(row))], title="Record"
        )

    def _raw(self, event: Mapping[str, Any]) -> Iterable[Panel]:
        path = event_path(event["event_id"], intent=event["intent"], day=f"{event['occurred_at']:%Y-%m-%d}")
        address = self.request.build_absolute_uri(f"/api/v1/tenants/{self.tenant.slug}/events/{path}")
        yield Code(f"curl -H \"Authorization: Bearer $MUSE_TOKEN\" '{address}'", "REST request", folded=True)
        yield Code(msgspec.json.format(msgspec.json.encode(event)).decode(), "Explanation as JSON", folded=True)


def _probability(value: float | None) -> Cell:
    return Cell("–" if value is None else f"{value:.4g}", kind="number")


def _value(value: Any) -> Cell:
    return Cell(str(value).lower() if isinstance(value, bool) else value)


VALUES: Sequence[Column[tuple[str, Any]]] = (
    Column("name", "Name", lambda row: code(row[0])),
    Column("value", "Value", lambda row: _value(row[1])),
)
