"""Known defects planted in the product, one at a time: the schedules find each, and so would find others."""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
import pytest

from scoring.consumer.consumer import Consumer
from scoring.consumer.pending import PendingTable
from scoring.consumer.quarantine import Quarantine
from scoring.lake import delta
from scoring.queue import system
from scoring.queue.lanes import LaneReader
from scoring.queue.segments import SegmentWriter
from tests.scoring.simulation.schedules import Defect, broken_by

ENOUGH = range(2000)  # schedules, in which each is found again and again


def answers_before_it_has_synced(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(SegmentWriter, "_is_synced", lambda writer: True)


def leaves_names_unsynced(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(SegmentWriter, "_sync_name", lambda writer, lane: None)


def deletes_before_the_lake_is_synced(patch: pytest.MonkeyPatch) -> None:
    delete_until = LaneReader.delete_until
    patch.setattr(LaneReader, "delete_until", lambda reader, position, _: delete_until(reader, position))


def deletes_before_it_commits(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Consumer, "_safe_position", lambda consumer, reader: reader.position)


def commits_the_cursor_before_the_data(patch: pytest.MonkeyPatch) -> None:
    append = delta.append

    def in_two(
        name: delta.TableName, table: Any, data: pa.Table, transactions: Mapping[str, int], notes: Any = None
    ) -> None:
        append(name, table, data.slice(0, 0), transactions, None)
        append(name, table, data, {}, notes)

    patch.setattr(delta, "append", in_two)


def commits_the_data_before_the_cursor(patch: pytest.MonkeyPatch) -> None:
    append = delta.append

    def in_two(
        name: delta.TableName, table: Any, data: pa.Table, transactions: Mapping[str, int], notes: Any = None
    ) -> None:
        append(name, table, data, {}, notes)
        append(name, table, data.slice(0, 0), transactions, None)

    patch.setattr(delta, "append", in_two)


def reads_a_segment_twice(patch: pytest.MonkeyPatch) -> None:
    """It forgets, once it begins anew, what its table has already."""
    patch.setattr(PendingTable, "_committed_in", lambda table, lane: 0)


def commits_again_what_has_failed_late(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(PendingTable, "_has_all", lambda table: False)


def leaves_torn_writes(patch: pytest.MonkeyPatch) -> None:
    """What a full disk cut short stays, and whole frames follow it."""
    patch.setattr(system, "truncate", lambda descriptor, length: None)


def forgets_what_is_in_quarantine(patch: pytest.MonkeyPatch) -> None:
    """Once it begins anew."""
    patch.setattr(Quarantine, "_take_up", lambda quarantine: None)


def ends_quarantine_before_all_is_back(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(PendingTable, "put_back", lambda table: False)


LOST, DOUBLED = "lost events", "doubled"
DEFECTS: dict[Callable[[pytest.MonkeyPatch], None], str] = {
    answers_before_it_has_synced: LOST,
    leaves_names_unsynced: LOST,
    deletes_before_the_lake_is_synced: LOST,
    deletes_before_it_commits: LOST,
    commits_the_cursor_before_the_data: LOST,
    commits_the_data_before_the_cursor: DOUBLED,
    reads_a_segment_twice: DOUBLED,
    commits_again_what_has_failed_late: DOUBLED,
    leaves_torn_writes: LOST,
    forgets_what_is_in_quarantine: LOST,
    ends_quarantine_before_all_is_back: LOST,
}


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.__name__)
def test_schedules__of_a_product_with_a_planted_defect__find_it(defect: Defect) -> None:
    found = broken_by(ENOUGH, fsync=True, defect=defect, until=DEFECTS[defect])
    assert DEFECTS[defect] in " ".join(text for broken in found.values() for text in broken)
