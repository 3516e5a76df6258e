"""Events, consumers and lakes of small size."""

import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Any

from django.conf import settings

from scoring.consumer.consumer import Consumer
from scoring.engine import document
from scoring.lake import delta
from scoring.lake import rows as lake_rows
from scoring.queue.record import EventRecord, LabelRecord, encode
from scoring.queue.segments import SegmentWriter

TENANT = 7
INTENT = "card-payments"
DAY = 86_400_000_000
NOON = 1_795_608_000_000_000  # 2026-11-25 12:00 UTC
FEATURES = {"amount": 57.16, "hour": 20, "foreign": False, "kind": "travel"}


def event(event_id: str, **changes: Any) -> EventRecord:
    """A web event of release 1 of `tests.documents.simple`."""
    fields: dict[str, Any] = {
        "tenant": TENANT,
        "intent": INTENT,
        "event_id": event_id,
        "occurred_at": NOON,
        "scored_at": NOON,
        "release": 1,
        "route": "rest",
        "predictor": "cards@1",
        "transform": 17,
        "outputs": [0.25],
        "probability": 0.0625,
        "score": 0.125,
        "context": {"channel": "shop"},
        "features": dict(FEATURES),
        "key": 3,
    }
    return EventRecord(**(fields | changes))


def label(event_id: str, value: int, at: int = NOON, **changes: Any) -> LabelRecord:
    fields: dict[str, Any] = {
        "tenant": TENANT, "intent": INTENT, "event_id": event_id, "label": value, "labelled_at": at,
        "reported_at": at, "key": 3,
    }  # fmt: skip
    return LabelRecord(**(fields | changes))


def keep_document(content: document.ReleaseDocument, *, tenant: int = TENANT, number: int = 1) -> None:
    """Put a release where the consumer finds it without Postgres."""
    path = Path(settings.SERVING_CACHE_DIR) / "documents" / str(tenant) / f"{number}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(document.encode(content))


def writer(segments: Path, **changes: Any) -> SegmentWriter:
    return SegmentWriter(segments, **({"max_bytes": 1 << 20, "total_bound": 1 << 30} | changes))


def write(segments: SegmentWriter, *records: EventRecord | LabelRecord) -> bool:
    """Each in a group of its own."""
    kept = [segments.append([encode(record)]) for record in records]  # all of them, whatever the first gives
    return all(kept)


def consume(segments: Path, *, machine: str = "m", **changes: Any) -> Consumer:
    """Read and commit all that there is, in a new consumer, which is returned."""
    consumer = Consumer(segments, **({"machine": machine, "flush_seconds": 0.0, "flush_events": 1000} | changes))
    consumer.run(Event(), drain=True)
    return consumer


def rows(
    columns: str = "event_id, epoch_us(scored_at), score, feature_amount",
    *,
    kind: delta.Kind = "events",
    intent: str = INTENT,
    tenant: int = TENANT,
) -> list[Any]:
    """Rows of a table, as tuples (or bare values, for one column), sorted."""
    table = delta.open_table(delta.TableName(tenant, intent, kind))
    if table is None or not table.file_uris():
        return []
    with lake_rows.connect() as connection:
        source, values = lake_rows.source(connection, "files", table, table.file_uris())
        found = connection.execute(f"SELECT {columns} FROM {source}", values).fetchall()
    return sorted(row[0] if len(row) == 1 else row for row in found)


def wait_until(condition: Any, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def ids(count: int, prefix: str = "e") -> Sequence[str]:
    return [f"{prefix}{number:06d}" for number in range(count)]
