"""Two scoring machines' consumers on one lake in an object store, killed again and again: every event once."""

import random
import time
from pathlib import Path

from pytest_django import Settings

from tests.documents import simple
from tests.object_store import ObjectStore, use
from tests.scoring.consumer.test_killed import commits, start
from tests.scoring.eventlog import event, ids, keep_document, rows, wait_until, write, writer

PARTS, EVENTS = 3, 400  # of each machine in each part


def test_consumers__of_two_machines_killed_at_one_table__lose_and_double_nothing(
    object_store: ObjectStore, tmp_path: Path, settings: Settings
) -> None:
    use(object_store, settings)
    places = object_store.as_environment(tmp_path) | {"MUSE_LAKE": settings.LAKE}
    chance, names = random.Random(6), {machine: ids(PARTS * EVENTS, machine) for machine in ("m", "n")}
    folders = {machine: tmp_path / machine for machine in names}
    writers = {machine: writer(folder / "segments", max_bytes=50_000) for machine, folder in folders.items()}
    for folder in folders.values():
        settings.SERVING_CACHE_DIR = folder / "serving"
        keep_document(simple().build())
    for part in range(PARTS):
        had = commits()
        consumers = [start(folder, machine=machine, **places) for machine, folder in folders.items()]
        for place in range(part * EVENTS, (part + 1) * EVENTS):
            for machine, out in writers.items():
                write(out, event(names[machine][place]))
        wait_until(lambda had=had: commits() > had + 3)
        time.sleep(chance.uniform(0.0, 0.15))
        for consumer in consumers:
            consumer.kill()
            consumer.wait()
    drained = [start(folder, "--drain", machine=machine, **places) for machine, folder in folders.items()]
    assert [consumer.wait(120) for consumer in drained] == [0, 0]
    assert rows("event_id") == sorted(name for each in names.values() for name in each)
    for out in writers.values():
        out.close()
