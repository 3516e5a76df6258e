"""How long looking for events takes, over some millions of them.

    python benchmarks/explorer.py [--events 4000000] [--days 60] [--repeats 5]

Two intents' tables are written as the consumer and compaction leave them: a few files for each past day, and the last
hours in many small ones; a fifth of the events is labelled. Each search is timed as the console and the REST API call
it, tables opened anew.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

# In place of this folder, whose modules have names that libraries have too.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

TENANT, INTENTS = 1, {"card-payments": 0.9, "transfers": 0.1}
END = datetime(2026, 11, 25, 18, tzinfo=UTC)
FILES_OF_A_DAY, FILES_OF_THE_LAST = 3, 60
_MICROSECONDS = 1_000_000


def main() -> int:
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="muse-benchmark-") as folder:
        _configure(folder)
        started = time.perf_counter()
        ids = _write(arguments.events, arguments.days)
        print(
            f"{arguments.events:,} events of {arguments.days} days written in {time.perf_counter() - started:.0f} s\n"
        )
        _measure(_searches(ids), arguments.repeats)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=4_000_000)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=5, help="how often each search is made; the median counts")
    return parser.parse_args()


def _configure(folder: str) -> None:
    from django.conf import settings

    settings.configure(LAKE=f"{folder}/lake", USE_TZ=True)


# ---- what is written


def _write(events: int, days: int) -> list[str]:
    """Write the events, and return some of their ids."""
    rng = np.random.default_rng(4)
    kept: list[str] = []
    for intent, share in INTENTS.items():
        each = int(events * share / days)
        for day in range(days):
            last = END - timedelta(days=days - 1 - day)
            first = last.replace(hour=0)
            end = last if day == days - 1 else first + timedelta(days=1)
            files = FILES_OF_THE_LAST if day == days - 1 else FILES_OF_A_DAY
            kept += _write_day(rng, intent, first, end, each, files)
    return kept


def _write_day(
    rng: np.random.Generator, intent: str, first: datetime, end: datetime, count: int, files: int
) -> list[str]:
    from scoring.lake import delta

    times = np.sort(rng.integers(int(first.timestamp() * 1e6), int(end.timestamp() * 1e6), count))
    ids = _uuids7(rng, times)
    for some in np.array_split(np.arange(count), files):
        name = delta.TableName(TENANT, intent, "events")
        delta.append(name, delta.open_table(name), _events(rng, times[some], [ids[row] for row in some]), {})
    labelled = rng.choice(count, count // 5, replace=False)
    name = delta.TableName(TENANT, intent, "labels")
    delta.append(name, delta.open_table(name), _labels(rng, times[labelled], [ids[row] for row in labelled]), {})
    return [ids[count // 2]]


def _uuids7(rng: np.random.Generator, times: np.ndarray) -> list[str]:
    tails = rng.integers(0, 1 << 62, (2, len(times)))
    return [
        f"{at // 1000 >> 16:08x}-{at // 1000 & 0xFFFF:04x}-7{a & 0xFFF:03x}-{0x8000 | b & 0x3FFF:04x}-{b >> 14:012x}"
        for at, a, b in zip(times.tolist(), tails[0].tolist(), tails[1].tolist(), strict=True)
    ]


def _events(rng: np.random.Generator, times: np.ndarray, ids: list[str]) -> pa.Table:
    from scoring.lake.columns import EVENT, SHADOW

    count = len(times)
    probability, at = rng.beta(0.5, 20, count), pa.array(times, pa.timestamp("us", tz="UTC"))
    day = (times - int(END.replace(hour=0).timestamp() * 1e6)) // (86_400 * _MICROSECONDS)
    shadow = {
        "predictor": "cards@3",
        "transform": 18,
        "probability": 0.01,
        "score": 0.3,
        "outputs": [0.1],
        "error": None,
    }
    common = pa.table(
        [
            pa.array(ids), at, at, pa.array([(END + timedelta(days=int(each))).date() for each in day], pa.date32()),
            pa.array(1 + (times % 7 == 0).astype(np.int32)), pa.array(["all"] * count),
            pa.array(np.where(times % 7 == 0, "cards@2", "cards@1")), pa.array(np.full(count, 17)),
            pa.array([[p] for p in probability.tolist()], pa.list_(pa.float64())), pa.array(probability),
            pa.array(1 - (1 - probability) ** 15), pa.array(np.full(count, 3)),
            pa.array([[shadow]] * count, pa.list_(SHADOW)),
        ],
        schema=EVENT,
    )  # fmt: skip
    common = common.append_column("context_channel", pa.array(np.where(times % 3 == 0, "web", "shop")))
    for place in range(12):
        common = common.append_column(f"feature_number{place}", pa.array(rng.gamma(2, 100, count)))
    return common


def _labels(rng: np.random.Generator, times: np.ndarray, ids: list[str]) -> pa.Table:
    from scoring.lake.columns import LABEL

    later = times + 86_400 * _MICROSECONDS
    at = pa.array(later, pa.timestamp("us", tz="UTC"))
    day = pa.array((later // (86_400 * _MICROSECONDS)).astype(np.int32), pa.int32()).cast(pa.date32())
    values = [pa.array(ids), pa.array((rng.random(len(ids)) < 0.01).astype(np.int32)), at, at, day]
    return pa.table([*values, pa.array(np.full(len(ids), 3))], schema=LABEL)


# ---- what is measured


def _searches(ids: list[str]) -> Mapping[str, Callable[[], Any]]:
    from scoring.lake.search import EventSearch, Place, count_events, find_events

    def of(*intents: str, **filters: Any) -> EventSearch:
        return EventSearch(TENANT, intents or tuple(INTENTS), **filters)

    web = ("channel", "web")
    cards, middle = "card-payments", END - timedelta(days=30)
    day = {"since": END - timedelta(days=7), "until": END - timedelta(days=6)}
    return {
        "the newest of all intents": lambda: find_events(of()),
        "the newest of one intent": lambda: find_events(of(cards)),
        "one day, score at least 0.9": lambda: find_events(of(cards, min_score=0.9, **day)),
        "a page in the middle": lambda: find_events(of(cards), older_than=Place(middle, cards, "")),
        "the page before it": lambda: find_events(of(cards), newer_than=Place(middle, cards, "")),
        "score from 0.99, rare": lambda: find_events(of(cards, min_score=0.99)),
        "score above 1, nowhere": lambda: find_events(of(min_score=1.0)),
        "predictor and release": lambda: find_events(of(cards, predictor="cards@2", release=2)),
        "context channel=web, score at least 0.9": lambda: find_events(of(cards, context=web, min_score=0.9)),
        "labelled positive": lambda: find_events(of(cards, label="positive")),
        "labelled negative, score at least 0.9": lambda: find_events(of(cards, label="negative", min_score=0.9)),
        "without label": lambda: find_events(of(cards, label="none")),
        "an id's first 12 characters": lambda: find_events(of(prefix=ids[len(ids) // 3][:12])),
        "count of all, by day": lambda: count_events(of()),
        "count of score at least 0.9, by day": lambda: count_events(of(cards, min_score=0.9)),
        "count of one day, by hour": lambda: count_events(of(cards, **day), step="hour"),
    }  # fmt: skip


def _measure(searches: Mapping[str, Callable[[], Any]], repeats: int) -> None:
    print(f"{'search':42} {'found':>9} {'median ms':>10} {'slowest':>8}")
    for name, search in searches.items():
        answer, times = search(), []
        for _ in range(repeats):
            started = time.perf_counter()
            search()
            times.append(1000 * (time.perf_counter() - started))
        found = sum(count for _, count in answer) if isinstance(answer, list) else len(answer.events)
        print(f"{name:42} {found:9,} {statistics.median(times):10.0f} {max(times):8.0f}")


if __name__ == "__main__":
    sys.exit(main())
