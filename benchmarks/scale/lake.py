"""Recorded events of one intent, written straight to the lake: days of them, up to now.

    MUSE_DATA=FOLDER DJANGO_SETTINGS_MODULE=muse_site.settings python -m benchmarks.scale.lake JSON

JSON has the fields of `Wanted`. What is written is what the event consumer would have: the columns that all events have
and `context_channel`; the intent keeps no features. A shadow answers every event beside.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

DAYS = 14
_COMMIT = 1_000_000  # events
_DAY = 86_400_000_000  # microseconds


@dataclass(frozen=True)
class Wanted:
    """So many `events` of a tenant, by its id; answered by `predictor`, and beside by `shadow` if one is named.

    `repeated`: all commits have the events of the first one, at other times: quicker to write, and as slow to read.
    """

    tenant: int
    intent: str
    events: int
    predictor: str
    transform: int
    shadow: str = ""
    shadow_transform: int = 0
    repeated: bool = False


def write(wanted: Wanted) -> None:
    """Write them to the lake of Django's settings, over DAYS days, the last of which is yesterday."""
    from scoring.lake import delta

    name, rng = delta.TableName(wanted.tenant, wanted.intent, "events"), np.random.default_rng(14)
    kept: pa.Table | None = None
    for first, times in _times(wanted.events):
        if not wanted.repeated or kept is None or len(kept) < len(times):
            kept = _rows(wanted, first, times, rng)
        delta.append(name, delta.open_table(name), _at(kept.slice(0, len(times)), times), {})


def _times(events: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Commits of one day's events each: the number of the first, and when (µs) each occurred."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for day in range(DAYS):
        start = int((today - timedelta(days=DAYS - day)).timestamp()) * 1_000_000
        first, end = day * events // DAYS, (day + 1) * events // DAYS
        step = _DAY // max(1, end - first)
        for begin in range(first, end, _COMMIT):
            yield begin, start + np.arange(begin - first, min(begin + _COMMIT, end) - first) * step


def _at(rows: pa.Table, times: NDArray[np.int64]) -> pa.Table:
    """These events at other times."""
    for name, values in {"occurred_at": times, "scored_at": times, "day": times // _DAY}.items():
        place = rows.schema.get_field_index(name)
        whole = values.astype(np.int32) if name == "day" else values
        rows = rows.set_column(place, rows.field(place), pa.array(whole).cast(rows.field(place).type))
    return rows


def _rows(wanted: Wanted, first: int, times: NDArray[np.int64], rng: np.random.Generator) -> pa.Table:
    from scoring.lake.columns import EVENT

    n = len(times)
    given = rng.beta(0.4, 8.0, n)
    columns: dict[str, Any] = {
        "event_id": pa.array(np.arange(first, first + n) + 10**12).cast(pa.string()),
        "occurred_at": times,
        "scored_at": times,
        "day": (times // _DAY).astype(np.int32),
        "release": np.ones(n, np.int32),
        "route": _same("all", n),
        "predictor": _same(wanted.predictor, n),
        "transform": np.full(n, wanted.transform),
        "outputs": _lists(pa.array(given)),
        "probability": given,
        "score": np.sqrt(given),
        "key": np.ones(n, np.int64),
        "shadows": _shadows(wanted, given, rng) if wanted.shadow else pa.nulls(n, EVENT.field("shadows").type),
    }
    table = pa.table({field.name: pa.array(columns[field.name]).cast(field.type) for field in EVENT}, schema=EVENT)
    channels = pa.array(["web", "app", "shop"]).take(pa.array(rng.integers(0, 3, n)))
    return table.append_column("context_channel", channels)


def _shadows(wanted: Wanted, given: NDArray[np.float64], rng: np.random.Generator) -> pa.Array:
    """One of each event, which ranks a little otherwise."""
    from scoring.lake.columns import SHADOW

    own = np.minimum(1.0, given * rng.uniform(0.9, 1.1, len(given)))
    columns: dict[str, Any] = {
        "predictor": _same(wanted.shadow, len(own)),
        "transform": np.full(len(own), wanted.shadow_transform),
        "probability": own,
        "score": np.sqrt(own),
        "outputs": _lists(pa.array(own)),
        "error": pa.nulls(len(own), pa.string()),
    }
    fields = list(SHADOW)
    return _lists(pa.StructArray.from_arrays([pa.array(columns[each.name]) for each in fields], fields=fields))


def _same(text: str, n: int) -> pa.Array:
    return pa.array([text]).take(pa.array(np.zeros(n, np.int32)))


def _lists(values: pa.Array) -> pa.Array:
    """Each value as a list of its own."""
    return pa.ListArray.from_arrays(pa.array(np.arange(len(values) + 1, dtype=np.int32)), values)


if __name__ == "__main__":
    import django

    django.setup()
    write(msgspec.json.decode(sys.argv[1], type=Wanted))
