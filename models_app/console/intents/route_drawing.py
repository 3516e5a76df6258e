"""The route of an intent's events as a picture: rules in order, what answers and what looks on, down to the score."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from models_app.console.ui.panels import Cell, Panel, link
from models_app.releases.words import when_in_words
from scoring.engine import document as documents

AGGREGATIONS = {"mean": "mean", "logit_mean": "mean of logits", "max": "maximum"}


@dataclass(frozen=True)
class Way:
    """The way from an event to a score: the predictor with its models (each with its β), and the transform."""

    predictor: Cell
    models: Sequence[tuple[Cell, str]]
    aggregation: str
    transform: Cell
    kind: str
    reference: Cell
    is_live: bool


@dataclass(frozen=True)
class Rule:
    name: str
    when: str
    ways: Sequence[Way]


@dataclass(frozen=True)
class Route(Panel):
    template: ClassVar[str] = "console/panels/route.html"
    release: Cell
    rules: Sequence[Rule]
    title: str = "Scoring pipeline"


def route(document: documents.ReleaseDocument, intent: str, release: Cell, *, shared: bool) -> Route:
    """`shared`: whether the reader may open pages of what tenants share."""
    drawing = _Drawing(document, shared)
    rules = [
        Rule(
            each.name,
            when_in_words(each) if each.when else "",
            [drawing.way(each.live, is_live=True), *(drawing.way(shadow, is_live=False) for shadow in each.shadows)],
        )
        for each in document.intents[intent].routes
    ]
    return Route(release, rules)


@dataclass(frozen=True)
class _Drawing:
    document: documents.ReleaseDocument
    shared: bool

    def way(self, target: documents.Target, *, is_live: bool) -> Way:
        predictor = self.document.predictors[target.predictor]
        transform = self.document.transforms[str(target.transform)]
        models = [member.model for member in predictor.members]
        return Way(
            predictor=self._key("predictor", target.predictor),
            models=[
                (self._key("model", name), f"β {member.beta:.3g}")
                for name, member in zip(models, predictor.members, strict=True)
            ],
            aggregation=AGGREGATIONS[predictor.aggregation] if len(models) > 1 else "",
            transform=link(
                f"transform {target.transform}", "transform", tenant=self.document.tenant, transform=target.transform
            ),
            kind="cold start" if transform.kind == "default" else "fitted",
            reference=self._key("reference", transform.reference),
            is_live=is_live,
        )

    def _key(self, page: str, key: str) -> Cell:
        name, _, version = key.partition("@")
        return link(key, page, name=name, version=int(version)) if self.shared and version.isdecimal() else Cell(key)
