"""How each kind of row is measured."""

import shutil
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.serving import consumer
from benchmarks.serving.compared import P50, P99, PER_SECOND, PROCESSOR, found, paired, ready
from benchmarks.serving.lasting import alone, sustained
from benchmarks.serving.load import load
from benchmarks.serving.starting import Running
from benchmarks.serving.steady import steady
from benchmarks.serving.terms import Kind, Question, Row

Measure = Callable[[Row, Path, Namespace], dict[str, Any]]


def peak(row: Row, folder: Path, options: Namespace) -> dict[str, Any]:
    """As many requests as are answered, by wrk."""
    with ready(row, folder, options) as started:
        pairs = paired(row, lambda each: load(each, started[each], folder, options.seconds), options.pairs)
    return found(row, pairs, (PER_SECOND, PROCESSOR))


def delay(row: Row, folder: Path, options: Namespace) -> dict[str, Any]:
    """How long answers take at a rate that both can bear."""
    with ready(row, folder, options) as started:
        return _at_rate(row, started, folder, options, (P99, P50, PROCESSOR))


def shadows(row: Row, folder: Path, options: Namespace) -> dict[str, Any]:
    """The same, with the consumer beside, which scores the shadows; it writes each second, while they are asked for."""
    with consumer.beside(folder, MUSE_FLUSH_SECONDS="1"), ready(row, folder, options) as started:
        return _at_rate(row, started, folder, options, (P50, P99, PROCESSOR))


def _at_rate(
    row: Row, started: Mapping[Question, Running], folder: Path, options: Namespace, figures: Any
) -> dict[str, Any]:
    peaks = [load(each, service, folder, options.seconds).per_second for each, service in started.items()]
    rate = options.rate or min(peaks) / 2
    pairs = paired(row, lambda each: steady(each, started[each], folder, rate, options.seconds), options.pairs)
    return found(row, pairs, figures, rate=rate)


MEASURES: dict[Kind, Measure] = {
    "peak": peak,
    "delay": delay,
    "shadows": shadows,
    "sustained": sustained,
    "consumer": alone,
}


def measure(row: Row, folder: Path, options: Namespace) -> dict[str, Any]:
    """One row, on data of its own."""
    with _copy(folder) as own:
        return MEASURES[row.kind](row, own, options)


@contextmanager
def _copy(folder: Path) -> Iterator[Path]:
    """The same world with nothing recorded in it."""
    with tempfile.TemporaryDirectory(prefix="muse-row-") as name:
        recorded = shutil.ignore_patterns("segments", "lake", "metrics", "*.log")
        yield Path(shutil.copytree(folder, Path(name) / "data", ignore=recorded))
