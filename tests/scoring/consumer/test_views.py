"""How long the consumer goes on with one view of a table: delta-rs holds on to each commit that it has made itself."""

from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from scoring import memory
from scoring.consumer import pending
from scoring.consumer.consumer import Consumer
from scoring.lake import delta
from tests.scoring.eventlog import event, ids, rows, write, writer


def test_consumer__after_some_commits__opens_the_table_anew_gives_memory_back_and_has_every_event_once(
    segments: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    views, given_back, append = [], [], delta.append

    def noted(name: delta.TableName, table: Any, *rest: Any) -> None:
        views.append(table)  # the view itself, so that no other is given its number
        append(name, table, *rest)

    monkeypatch.setattr(delta, "append", noted)
    monkeypatch.setattr(memory, "give_back", lambda: given_back.append(len(views)))
    monkeypatch.setattr(pending, "COMMITS_OF_ONE_VIEW", 3)
    out, consumer = writer(segments), Consumer(segments, machine="m", flush_seconds=0.0, flush_events=100)
    for each in ids(10):
        write(out, event(each))
        for _ in range(3):
            consumer.step()
    assert [len(list(same)) for _, same in groupby(map(id, views))] == [1, 2, 3, 3, 1]  # the first makes the table
    assert given_back == [3, 6, 9]
    assert rows("event_id") == ids(10)
