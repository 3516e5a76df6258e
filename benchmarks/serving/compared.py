"""What all comparisons have in common: both sides run at once, are known to answer rightly, and are asked in turn."""

import os
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.serving import world
from benchmarks.serving.asking import check
from benchmarks.serving.load import load
from benchmarks.serving.services import services
from benchmarks.serving.starting import Running, running
from benchmarks.serving.terms import Question, Row

Pairs = Sequence[Sequence[Any]]
PER_SECOND, PROCESSOR = ("requests a second", "per_second", True), ("processor time, µs", "processor", True)
P50, P99 = ("p50, ms", "p50", False), ("p99, ms", "p99", False)


def processes(row: Row, options: Namespace) -> int:
    """Of each side: as many as are asked for, and as both can have."""
    known = services(options.peers)
    return min([options.processes, *(known[each.service].most for each in (row.ours, row.other))])


@contextmanager
def ready(row: Row, folder: Path, options: Namespace) -> Iterator[dict[Question, Running]]:
    """Both sides, warm, by question; their answers were looked at, and are again in the end."""
    known, questions = services(options.peers, options.threads), (row.ours, row.other)
    with running(known, questions, folder, processes(row, options)) as started:
        found = {each: started[each.service] for each in questions}
        for each in questions:
            check(each, found[each].port, folder, world.BETA)
            load(each, found[each], folder, 1)  # until all is warm
        yield found
        for each in questions:
            check(each, found[each].port, folder, world.BETA)


def paired(row: Row, once: Callable[[Question], Any], count: int) -> Pairs:
    """So many pairs, ours first."""
    return [[once(row.ours), once(row.other)] for _ in range(count)]


def found(row: Row, pairs: Pairs, figures: Sequence[tuple[str, str, bool]], **more: Any) -> dict[str, Any]:
    """A row's figures, of which the first is judged: medians, and the median of the pairs' ratios with its spread.

    figures: their names in words and in a load, and whether a ratio above 1 is to be better for us. Where it is not, it
    is ours to the other's. A pair with a failure in it is not compared.
    """
    sound = [(a, b) for a, b in pairs if not a.failures and not b.failures]
    return {
        "row": row.name,
        "wanted": row.wanted,
        "goal": row.goal,
        "at_most": row.at_most,
        "ours": row.ours.service,
        "other": row.other.service,
        "events": row.ours.events,
        "lacks": row.lacks,
        "figures": [_figure(*each, pairs, sound) for each in figures],
        "failures": [sum(pair[side].failures for pair in pairs) for side in (0, 1)],
        "load": os.getloadavg()[0],
        "pairs": [[asdict(each) for each in pair] for pair in pairs],
        **more,
    }


def _figure(name: str, attribute: str, above: bool, pairs: Pairs, sound: Pairs) -> dict[str, Any]:
    values = [(getattr(a, attribute), getattr(b, attribute)) for a, b in pairs]
    invert = above and attribute != "per_second"
    ratios = [_ratio(getattr(a, attribute), getattr(b, attribute), invert) for a, b in sound]
    known = [each for each in ratios if each]
    spread = [median(known), min(known), max(known)] if known else [0.0, 0.0, 0.0]
    return {"name": name, "ours": median(a for a, _ in values), "other": median(b for _, b in values), "ratio": spread}


def _ratio(ours: float, other: float, invert: bool) -> float:
    above, below = (other, ours) if invert else (ours, other)
    return above / below if below else 0.0
