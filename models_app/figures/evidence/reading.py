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


CHAPTERS = (
    Chapter(
        "alert-rates",
        "Do alerts stay where they are?",
        {
            "alert rates": "Points: what these events give, with 95 % intervals. Dash: the target. Broad bar: where "
            "next week's rate will be, if nothing else changes.",
            "probability": "The probability moves with the model, the score does not. If it rises by the same model, "
            "the risk does.",
            "by day": "Bands: 95 % intervals of each day. Grey lines: the lowest and the highest whole week, which is "
            "drift that was there anyway.",
            "by context": "The same rate among events that have something in common, with 95 % intervals; of few "
            "events they are long.",
        },
    ),
    Chapter(
        "scores",
        "How do scores move?",
        {
            "distribution": "Rare events are on the right. Where the lines lie on each other, each threshold keeps its "
            "alert rate.",
            "histogram": "On a log scale, so that the few events with high scores are seen beside the many others.",
            "swap": "Events by their score before and after. Above and left of where a threshold crosses itself "
            "are new alerts, below and right those that alert no longer.",
            "mapping": "How each transform brings its predictor's probability to the score; the dots are its knots.",
        },
    ),
    Chapter(
        "labels",
        "Is it better, where the outcome is known?",
        {
            "recall": "The share of positive events above the score that so many negative ones reach: the higher, "
            "the better.",
            "precision": "Of the labelled alerts at a threshold, the share that was positive.",
            "calibration": "On the dotted line, what is said is what happens. Triangles: none was positive, so it is "
            "at most this.",
            "labels": "Labels come late: weeks that lack most of theirs say little yet, above all of what is positive.",
        },
    ),
)


def by_chapter(figures: Mapping[str, Any]) -> Iterator[tuple[Chapter, list[tuple[str, Any, str]]]]:
    """Stored figures, `<intent>/<figure>`, as (name, figure, hint), by chapter; those without any are left out."""
    for chapter in CHAPTERS:
        kinds, hints = list(chapter.hints), list(chapter.hints.values())
        found = [(kinds.index(kind), name) for name in figures if (kind := _kind(name)) in kinds]
        told = [(name, figures[name], _hint(hints[place], figures[name])) for place, name in sorted(found)]
        if told:
            yield chapter, told


def _kind(name: str) -> str:
    """Of `cards/by day: decline`, `by day`."""
    return name.partition("/")[2].partition(":")[0]


def _hint(hint: str, figure: Mapping[str, Any]) -> str:
    """With what the figure says of itself, such as how mature labels are."""
    meta = figure.get("layout", {}).get("meta")
    return f"{hint} {meta['says']}" if isinstance(meta, Mapping) and "says" in meta else hint
