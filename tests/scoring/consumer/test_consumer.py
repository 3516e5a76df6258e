"""The consumer: every record in its table, once."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from scoring.lake import delta, reading
from scoring.lake.search import EventSearch, find_events
from scoring.queue import columnar
from scoring.queue.lanes import LaneReader
from scoring.queue.segments import segment_bases
from tests.scoring.eventlog import DAY, FEATURES, INTENT, NOON, TENANT, consume, event, ids, label, rows, write, writer


def test_consumer__events_and_labels__are_in_their_tables(segments: Path) -> None:
    out = writer(segments)
    write(out, *[event(each) for each in ids(10)], label("e000003", 1))
    consumer = consume(segments)
    assert rows("event_id") == ids(10)
    assert rows("event_id, label", kind="labels") == [("e000003", 1)]
    assert consumer.tally.events["0"] == 10
    assert rows("feature_amount, feature_hour, feature_foreign, feature_kind, context_channel")[0] == (
        57.16, 20, False, "travel", "shop",
    )  # fmt: skip


def test_consumer__read_again_after_commit__skips_what_is_there(segments: Path) -> None:
    write(writer(segments), *[event(each) for each in ids(10)])
    consume(segments)
    consumer = consume(segments)
    assert rows("event_id") == ids(10)
    assert consumer.tally.events.total() == consumer.tally.duplicates.total() == 0


def test_consumer__two_lanes__all_events_once(segments: Path) -> None:
    first, second = writer(segments), writer(segments)
    assert (first.lane, second.lane) == ("0", "1")
    for number, each in enumerate(ids(100)):
        write(first if number % 2 else second, event(each))
    consume(segments)
    assert rows("event_id") == ids(100)


def test_consumer__repeated_id_within_window__is_counted_and_dropped(segments: Path) -> None:
    first, second = writer(segments), writer(segments)
    write(first, event("a"), event("b"), event("a", scored_at=NOON + 1))
    consume(segments)
    write(second, event("b", scored_at=NOON + 2))
    consumer = consume(segments)  # a new one: it learns from the table what was there
    assert rows("event_id") == ["a", "b"]
    assert consumer.tally.duplicates == {"1": 1}


def test_consumer__repeated_id_with_another_answer__is_kept_as_a_repeat_and_counts_once(segments: Path) -> None:
    other = {"features": FEATURES | {"amount": 1.0}, "score": 0.9, "probability": 0.5}
    write(writer(segments), event("a"), event("b"), event("a", scored_at=NOON + 1, **other))
    tally = consume(segments).tally
    assert (tally.events["0"], tally.duplicates.total(), tally.conflicts["0"]) == (2, 0, 1)
    write(writer(segments), *[event("a", scored_at=NOON + at, **some) for at, some in ((2, {}), (3, other))])
    tally = consume(segments).tally  # of a consumer that has to learn from the table
    assert (tally.events.total(), tally.duplicates["1"], tally.conflicts.total()) == (0, 2, 0)
    assert rows("event_id, score, repeat") == [("a", 0.125, False), ("a", 0.9, True), ("b", 0.125, False)]
    day = (datetime(2026, 11, 25, tzinfo=UTC), datetime(2026, 11, 26, tzinfo=UTC))
    assert reading.count_events(TENANT, INTENT, *day) == 2
    assert sorted(reading.probabilities(TENANT, INTENT, "cards@1", *day)) == [0.0625, 0.0625]
    assert len(reading.feature_table(TENANT, INTENT, *day, ["event_id"])) == 2
    assert [each["event_id"] for each in find_events(EventSearch(TENANT, [INTENT])).events] == ["b", "a"]
    found = reading.find_event(TENANT, "a")
    assert found is not None
    assert (found["score"], found["features"]["amount"], [each["score"] for each in found["others"]]) == (
        0.9, 1.0, [0.125],
    )  # fmt: skip


def test_consumer__repeated_id_beyond_window__is_another_event(segments: Path) -> None:
    write(writer(segments), event("a"), event("a", scored_at=NOON + 3_600_000_000))
    consume(segments)
    assert rows("event_id") == ["a", "a"]


def test_consumer__unknown_release_of_erased_tenant__is_dropped_and_counted(segments: Path) -> None:
    write(writer(segments), event("a"), event("x", tenant=8))
    delta.erase(8)
    consumer = consume(segments)
    assert rows("event_id") == ["a"]
    assert consumer.tally.dropped == {"0": 1}
    assert delta.table_names(tenant=8) == []


def test_consumer__segments__are_deleted_once_every_table_has_them(segments: Path) -> None:
    out = writer(segments, max_bytes=4096)
    write(out, *[event(each, intent=INTENT) for each in ids(100)])
    assert len(segment_bases(segments / "0")) > 3
    consume(segments)
    assert len(segment_bases(segments / "0")) == 1  # the writer's own
    out.close()
    consume(segments)
    (base,) = segment_bases(segments / "0")
    assert LaneReader(segments, "0").bytes_after(0) == 0
    again = writer(segments)
    write(again, event("z"))
    assert segment_bases(segments / "0")[-1] >= base
    consume(segments)
    assert rows("event_id") == [*ids(100), "z"]


def test_consumer__days__are_partitions(segments: Path) -> None:
    write(writer(segments), *[event(each, occurred_at=NOON + n * DAY) for n, each in enumerate(ids(3))])
    consume(segments)
    table = delta.open_table(delta.TableName(TENANT, INTENT, "events"))
    assert table is not None
    assert sorted(each["day"] for each in table.partitions()) == ["2026-11-25", "2026-11-26", "2026-11-27"]


def test_consumer__batch_in_columns__each_of_its_events_is_a_row(segments: Path) -> None:
    out = writer(segments)
    assert write(out, event("before"))
    core = {
        "event_id": [f"e{number}" for number in range(3)],
        "occurred_at": [NOON] * 3,
        "taken": [0] * 3,
        "outputs": columnar.lists([np.full((3, 1), 0.25)]),
        "probability": [0.0625] * 3,
        "score": [0.1, 0.2, 0.3],
        "context": [0] * 3,
    }
    content = columnar.stream(core, {"amount": pa.array([1.0, 2.0, 3.0]), "hour": pa.array([1, 2, 3])})
    taken = [columnar.Taken("rest", "cards@1", 17)]
    batch = columnar.EventsRecord(TENANT, INTENT, NOON, 1, 3, taken, [{}], [], content)
    assert out.append([columnar.encode(batch)], 3)
    done = consume(segments)
    assert rows("event_id, score, feature_amount") == [
        ("before", 0.125, 57.16), ("e0", 0.1, 1.0), ("e1", 0.2, 2.0), ("e2", 0.3, 3.0),
    ]  # fmt: skip
    assert done.tally.events.total() == 4
    out.close()
