"""The explorer: why this score?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django.http import Http404

from models_app.console.page import TenantPage
from models_app.console.parts import Cell, Facts, Note, Part, Table, address, code, link, number, when
from scoring.eventlog.explain import explain_event


class Events(TenantPage):
    title, tab = "Explorer", "events"
    lead = "One event by its id: features, what each model said, both transformations, route, shadows, label."

    def parts(self) -> Iterable[Part]:
        asked = self.request.GET.get("id", "").strip()
        yield Search(asked)
        if asked:
            found = explain_event(self.tenant.pk, asked)
            if found is None:
                yield Note(
                    "No event of this tenant has this id. One that was scored just now is found after the next flush.",
                    "wait",
                )
            else:
                yield Table(
                    ["Event", "Intent", "Score"],
                    [
                        [
                            link(asked, "event", tenant=self.tenant.slug, event_id=asked),
                            Cell(found["intent"]),
                            number(found["score"], 4),
                        ]
                    ],
                )


@dataclass(frozen=True)
class Search(Part):
    template: ClassVar[str] = "console/parts/search.html"
    asked: str


class EventPage(TenantPage):
    tab, about = "events", "event"

    @cached_property
    def event(self) -> dict[str, Any]:
        found = explain_event(self.tenant.pk, self.kwargs["event_id"])
        if found is None:
            raise Http404("There is no such event.")
        return found

    def heading(self) -> str:
        return f"Score {self.event['score']:.4f}"

    def parts(self) -> Iterable[Part]:
        event = self.event
        yield Note(_sentence(event), "plain")
        yield Facts(
            [
                ("Event", code(event["event_id"])),
                ("Intent", link(event["intent"], "intent", tenant=self.tenant.slug, intent=event["intent"])),
                ("Release", link(event["release"], "release", tenant=self.tenant.slug, number=event["release"])),
                ("Occurred", when(event["occurred_at"])),
                ("Scored", when(event["scored_at"])),
                ("Label", Cell("none yet" if event["label"] is None else event["label"])),
                ("Recomputed", Cell("equal, bit for bit" if event["recomputed"]["equal"] else "NOT equal")),
            ]
        )
        yield _models(event, "What each model said")
        yield _values(event["features"], "Features, as the intent keeps them")
        yield _values(event["context"], "Context")
        yield self._shadows()

    def _shadows(self) -> Part:
        return Table(
            ["Predictor", "Transform", "Probability", "Score", "Failed because"],
            [
                [
                    Cell(each["predictor"]),
                    Cell(
                        each["transform"],
                        href=address("transform", tenant=self.tenant.slug, transform=each["transform"]),
                    ),
                    number(each["probability"], 6),
                    number(each["score"], 4),
                    Cell(each["error"] or "–"),
                ]
                for each in self.event["shadows"]
            ],
            title="Shadows",
            empty="No shadow was recorded for this event.",
        )


def _sentence(event: Mapping[str, Any]) -> str:
    transform = event["transform"]
    return (
        f"Route ‘{event['route']}’ led to {event['predictor']}: probability {event['probability']:.6g} "
        f"(aggregation {event['aggregation']}). Transform {transform['id']} ({transform['kind']}) maps it to "
        f"{event['score']:.4f} on {transform['reference']}."
    )


def _models(event: Mapping[str, Any], title: str) -> Part:
    rows = [
        [
            Cell(each["model"]),
            number(each["output"], 6),
            number(each["beta"], 4),
            number(each["corrected"], 6),
            number(each["weight"], 2),
        ]
        for each in event["models"]
    ]
    return Table(["Model", "Output", "β", "Corrected", "Weight"], rows, title=title)


def _values(values: Mapping[str, Any], title: str) -> Part:
    rows = [[code(name), Cell(value)] for name, value in values.items()]
    return Table(["Name", "Value"], rows, title=title, empty="None.")
