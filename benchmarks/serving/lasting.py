"""Rows in which the event consumer works: beside a service for minutes, and alone on what a service recorded."""

import time
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.serving import consumer
from benchmarks.serving.compared import PER_SECOND, PROCESSOR, found, processes, ready
from benchmarks.serving.load import Load, load
from benchmarks.serving.terms import Row

FLUSH_SECONDS, FLUSH_EVENTS = 60.0, 100_000  # of the consumer, as the product starts it


def sustained(row: Row, folder: Path, options: Namespace) -> dict[str, Any]:
    """Minutes of load with the consumer beside, held against the peaks without it, before and after."""
    with ready(row, folder, options) as started:
        service = started[row.ours]
        peaks = [load(row.other, service, folder, options.seconds) for _ in range(options.pairs)]
        consumer.alone(folder)
        began = time.time()
        with consumer.beside(folder):
            long = load(row.ours, service, folder, options.sustained_seconds)
            ended = time.time()
        consumer.alone(folder)
        came = [each for each in consumer.commits(folder) if each.last >= began]
        peaks += [load(row.other, service, folder, options.seconds) for _ in range(options.pairs)]
    return found(row, [[long, each] for each in peaks], (PER_SECOND, PROCESSOR), seconds=options.sustained_seconds,
                 **kept(long, came, ended))  # fmt: skip


def kept(long: Load, came: list[consumer.Commit], ended: float) -> dict[str, Any]:
    """Whether the consumer kept up: all rows are there, and how late the last event of each commit came, in seconds.

    `flush`: the time in which a flush's worth of events comes.
    """
    beside = [each for each in came if each.at <= ended] or came
    return {
        "lost": max(0, long.requests - sum(each.rows for each in came)),
        "flush": min(FLUSH_SECONDS, FLUSH_EVENTS / long.per_second),
        "lag": max(each.at - each.last for each in beside),
        "commits": len(beside),
    }


@dataclass(frozen=True)
class Events:
    """Events a second, and processor time for each in µs."""

    per_second: float
    processor: float
    failures: int = 0


def alone(row: Row, folder: Path, options: Namespace) -> dict[str, Any]:
    """What the consumer reads and commits on one core, held against what a service records in the same time."""
    pairs = []
    for _ in range(options.pairs):
        with ready(row, folder, options) as started:
            recorded = load(row.ours, started[row.ours], folder, options.recorded_seconds)
        before = _rows(folder)
        spent = consumer.alone(folder)
        nothing = consumer.alone(folder)  # what starting takes
        rows = _rows(folder) - before
        lost = recorded.failures + max(0, recorded.requests - rows)
        pairs.append([_events(rows, spent, nothing, lost), recorded])
    return found(row, pairs, (("events a second", "per_second", True), PROCESSOR), processes=processes(row, options))


def _rows(folder: Path) -> int:
    return sum(each.rows for each in consumer.commits(folder))


def _events(rows: int, spent: consumer.Spent, nothing: consumer.Spent, lost: int) -> Events:
    clock, processor = spent.clock - nothing.clock, spent.processor - nothing.processor
    return Events(rows / max(clock, 1e-3), 1e6 * processor / max(1, rows), lost)
