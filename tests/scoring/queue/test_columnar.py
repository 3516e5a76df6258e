"""Records of batches in columns: every event comes back as it was."""

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from scoring.queue import columnar
from scoring.queue.columnar import EventsRecord, Taken, decode
from scoring.queue.record import EventRecord, encode
from tests.scoring.eventlog import event, label


def batch() -> EventsRecord:
    core = {
        "event_id": ["a", "b"],
        "occurred_at": [1, 2],
        "taken": [1, 0],
        "outputs": columnar.lists([np.array([[0.5]]), np.array([[0.25, 0.75]])]),
        "probability": [0.1, 0.2],
        "score": [0.3, 0.4],
        "context": [0, 1],
    }
    features = {"amount": pa.array([1.5, None]), "kind": pa.array([None, "goods"]), "event_id": pa.array([7, 8])}
    taken = [Taken("web", "cards@1", 17), Taken("rest", "cards@2", 18)]
    contexts = [{"channel": "shop"}, {}]
    return EventsRecord(7, "card-payments", 5, 1, 3, taken, contexts, ["kind"], columnar.stream(core, features))


def test_decode__batch__gives_a_record_for_each_event() -> None:
    first, second = decode(columnar.encode(batch()))
    assert first == EventRecord(
        7, "card-payments", "a", 1, 5, 1, "rest", "cards@2", 18, [0.5], 0.1, 0.3,
        {"channel": "shop"}, {"amount": 1.5, "event_id": 7}, 3,
    )  # fmt: skip
    assert second == EventRecord(
        7, "card-payments", "b", 2, 5, 1, "web", "cards@1", 17, [0.25, 0.75], 0.2, 0.4,
        {}, {"amount": None, "kind": "goods", "event_id": 8}, 3,
    )  # fmt: skip


def test_decode__record_of_one_event_or_label__is_as_before() -> None:
    for record in (event("a"), label("a", 1)):
        assert decode(encode(record)) == [record]


@pytest.mark.parametrize("columns", [b"", b"no stream", bytes(batch().columns)[:400]])
def test_decode__damaged_columns__is_no_record(columns: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(columnar.encode(msgspec.structs.replace(batch(), columns=columns)))


def test_decode__texts_whose_ends_are_damaged__is_no_record() -> None:
    content = columnar.encode(batch())
    ends = np.array([0, 0, 5], dtype=np.int32).tobytes()  # of no text, and "goods"
    assert content.count(ends) == 1
    for damaged in ([0, -1, 5], [0, 7, 5], [0, 0, 2**30], [-9, 0, 5]):
        with pytest.raises(msgspec.DecodeError):
            decode(content.replace(ends, np.array(damaged, dtype=np.int32).tobytes()))
