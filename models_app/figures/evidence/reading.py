"""In which order figures of evidence are read, under which headings, and how. Needs nothing that draws."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Chapter:
    """Figures that answer one question. `hints`: by the figure's name up to a colon, how to read it."""

    name: str
    title: str
    hints: Mapping[str, str]


LABELS = Chapter(
    "labels",
    "Performance on labelled events",
    {
        "recall": "The share of positive events that alert at each false-positive rate. Higher is better. The "
        "intervals know how few negative events the score is found from.",
        "precision": "The share of labelled alerts at each threshold that are positive. Higher is better.",
        "calibration": "The dotted line is perfect calibration. Triangles mark bins without a positive event, at "
        "the upper end of their interval.",
        "labels": "Labels come late. Weeks that lack most of theirs say little yet, above all on positives.",
    },
)

CHAPTERS = (
    Chapter(
        "alert-rates",
        "Alert rates",
        {
            "alert rates": "Points show the alert rates of these events with 95 % intervals, which allow for events of "
            "one entity where the intent names it, and take all others as independent. Dashes are the targets, and "
            "broad bars the forecast for next week if nothing else changes.",
            "risk": "What a transform was fitted on, beside the events of this window, both under its predictor. Where "
            "these events lie above, risk has risen since it was fitted: a refit would make that the new normal.",
            "risk by day": "The share of events at or above the probability at which each threshold is reached. Dotted "
            "lines are the shares when the transform was fitted; a sudden step up is how an attack looks.",
            "distance by day": "The largest difference between a day's distribution and that of the fitting sample. "
            "Chance alone stays below the dashed line on 19 of 20 days.",
            "probability": "The same events under the live and the proposed predictor: this is how the model moves "
            "the probability, and says nothing of whether events have become riskier.",
            "by day": "Bands are the 95 % intervals of each day, its events taken as independent. Grey lines, where "
            "there are several whole weeks, show the lowest and the highest: the week-to-week range.",
            "by context": "The alert rate of each context value, with 95 % intervals, its events taken as independent. "
            "Values with few events have wide intervals.",
        },
    ),
    Chapter(
        "scores",
        "Score distribution",
        {
            "distribution": "Rare events are on the right. Where the lines coincide, each threshold keeps its alert "
            "rate.",
            "histogram": "The log scale shows the few events with high scores beside the many others.",
            "swap": "Each event by its score before and after. Above and left of the point where a threshold "
            "crosses itself are new alerts; below and right are dropped alerts.",
            "mapping": "Each transform maps its predictor's probability to the score. The dots are its knots.",
        },
    ),
    LABELS,
)


def by_chapter(figures: Mapping[str, Any]) -> Iterator[tuple[Chapter, list[tuple[str, Any, str]]]]:
    """Stored figures, `<intent>/<figure>`, as (name, figure, hint), by chapter; those without any are left out."""
    for chapter in CHAPTERS:
        kinds, hints = list(chapter.hints), list(chapter.hints.values())
        places = [(kinds.index(kind), name) for name in figures if (kind := _kind(name)) in kinds]
        entries = [(name, figures[name], _hint(hints[place], figures[name])) for place, name in sorted(places)]
        if entries:
            yield chapter, entries


def _kind(name: str) -> str:
    """Return the kind of a figure: `by day` of `cards/by day: decline`."""
    return name.partition("/")[2].partition(":")[0]


def _hint(hint: str, figure: Mapping[str, Any]) -> str:
    """Return the hint below a figure, with what it says of itself, such as how mature labels are."""
    meta = figure.get("layout", {}).get("meta")
    return f"{hint} {meta['says']}" if isinstance(meta, Mapping) and "says" in meta else hint
