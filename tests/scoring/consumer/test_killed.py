"""`kill -9` of the consumer, again and again: no event is missing in the lake, none is there twice."""

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest
from deltalake import write_deltalake
from pytest_django import Settings

from scoring.consumer.quarantine import Quarantine, quarantined
from scoring.lake import delta
from scoring.queue.lanes import LaneReader
from scoring.queue.segments import SegmentWriter
from tests.documents import simple
from tests.scoring.eventlog import TENANT, event, ids, keep_document, rows, wait_until, write, writer

COMMAND = [sys.executable, "-m", "django", "consume_events"]
INTENTS = ("card-payments", "logins")


def start(folder: Path, *arguments: str, machine: str = "m", **places: str) -> subprocess.Popen[bytes]:
    """The real consumer on this folder; its database is not there. places: settings that say where the lake is."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MUSE_", "DATABASE_"))}
    env = inherited | {
        "MUSE_DATA": str(folder),
        "MUSE_MACHINE_SLOT": machine,
        "MUSE_FLUSH_SECONDS": "0.1",
        "MUSE_FLUSH_EVENTS": "100",
        "DJANGO_SETTINGS_MODULE": "muse_site.settings",
        "PYTHONPATH": str(Path(__file__).parents[3]),
        **places,
    }
    with (folder / "consumer.log").open("ab") as log:
        return subprocess.Popen([*COMMAND, *arguments], env=env, stdout=log, stderr=log)


def commits() -> int:
    names = delta.table_names(("events",), TENANT)
    return sum(len(delta.log_versions(name, after=-1)) for name in names)


def write_in_turn(writers: list[SegmentWriter], names: list[str]) -> None:
    for number, name in enumerate(names):
        write(writers[number % len(writers)], event(name, intent=INTENTS[number // 2 % 2]))


@pytest.fixture
def two_intents(segments: Path) -> Path:
    """Of no idempotency: a record that is read twice must not be saved by its event's id."""
    documents = simple()
    plain = msgspec.structs.replace(documents.intents["card-payments"], idempotency_seconds=0)
    documents.intents |= dict.fromkeys(INTENTS, plain)
    keep_document(documents.build())
    return segments


def test_consumer__killed_in_the_middle_of_batches__every_event_once(two_intents: Path) -> None:
    folder = two_intents.parent
    writers = [writer(two_intents, max_bytes=50_000) for _ in range(2)]
    chance, names = random.Random(4), list(ids(6_000))
    for part in range(4):
        had = commits()
        with start(folder) as consumer:
            write_in_turn(writers, names[part * 1500 : part * 1500 + 1500])
            wait_until(lambda had=had: commits() > had)
            time.sleep(chance.uniform(0.0, 0.15))
            consumer.kill()
    with start(folder, "--drain") as consumer:
        assert consumer.wait(120) == 0
    found = [*rows("event_id", intent="card-payments"), *rows("event_id", intent="logins")]
    assert sorted(found) == names
    for out in writers:
        out.close()


def test_consumer__killed_with_a_table_in_quarantine__every_event_once_when_it_can_be_written(
    two_intents: Path,
) -> None:
    folder, spoilt = two_intents.parent, delta.TableName(TENANT, "logins", "events")
    write_deltalake(spoilt.uri, pa.table({"event_id": ["x"], "score": ["a text"]}))
    Quarantine(two_intents, spoilt, bound=1 << 30).begin("its scores are texts")
    out, chance, names = writer(two_intents, max_bytes=50_000), random.Random(5), list(ids(3_000))
    for part in range(3):
        with start(folder) as consumer:
            had = len(rows("event_id", intent="card-payments"))
            write_in_turn([out], names[part * 1000 : part * 1000 + 1000])
            wait_until(lambda had=had: len(rows("event_id", intent="card-payments")) > had)
            time.sleep(chance.uniform(0.0, 0.15))
            consumer.kill()
    shutil.rmtree(spoilt.uri)
    with start(folder, "--drain") as consumer:
        assert consumer.wait(120) == 0
    found = [*rows("event_id", intent="card-payments"), *rows("event_id", intent="logins")]
    assert sorted(found) == names
    assert quarantined(two_intents) == []
    out.close()


def test_consumer__asked_to_end__commits_what_is_recorded_before(segments: Path) -> None:
    out = writer(segments)
    with start(segments.parent, "--finish", MUSE_FLUSH_SECONDS="3600", MUSE_FLUSH_EVENTS="100000") as consumer:
        wait_until(lambda: "follows its lanes" in (segments.parent / "consumer.log").read_text())
        write(out, *[event(name) for name in ids(50)])
        consumer.terminate()
        assert consumer.wait(60) == 0
    assert rows("event_id") == ids(50)
    out.close()


def test_consumer__second_one__waits_and_takes_over(segments: Path) -> None:
    folder = segments.parent
    out = writer(segments)

    def logged(text: str) -> bool:
        return text in (folder / "consumer.log").read_text()

    with start(folder) as first:
        wait_until(lambda: logged("follows its lanes"))
        with start(folder) as second:
            wait_until(lambda: logged("Another consumer"))
            first.kill()
            write(out, event("a"))
            wait_until(lambda: rows("event_id") == ["a"])
            second.terminate()
            assert second.wait(30) == 0
    assert LaneReader(segments, "0").read()
    out.close()


def test_consumer__as_a_command__scores_shadows_too(segments: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = segments.parent / "files"
    documents = simple()
    documents.store()
    out = writer(segments)
    write(out, event("a", route="web", predictor="cards@2", transform=18, outputs=[0.1, 0.2]))
    with start(segments.parent, "--drain") as consumer:
        assert consumer.wait(60) == 0
    ((name, shadows),) = rows("event_id, shadows")
    assert (name, [each["error"] for each in shadows]) == ("a", [None])
    out.close()
