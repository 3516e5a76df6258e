"""Segments: what was acknowledged is read back, whatever happened to the file, the process or the disk."""

import contextlib
import errno
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.queue import system
from scoring.queue.lanes import LaneReader, lanes, lost_events
from scoring.queue.segments import SegmentWriter, frame
from tests.scoring.eventlog import writer
from tests.scoring.queue.lane import everything, last_segment

groups = st.lists(st.binary(max_size=40), min_size=1, max_size=4)
acts = st.one_of(
    st.tuples(st.just("append"), groups),
    st.tuples(st.just("torn"), groups),
    st.tuples(st.just("read"), st.none()),
    st.tuples(st.just("delete"), st.none()),
    st.tuples(st.just("die"), st.none()),
)


@given(st.lists(acts, max_size=40), st.integers(40, 200))
def test_segments__any_appends_rotations_deaths_and_torn_writes__read_back_what_was_acknowledged(
    steps: list[tuple[str, list[bytes]]], max_bytes: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        out, reader = writer(folder, max_bytes=max_bytes), LaneReader(folder, "0")
        written: list[bytes] = []
        read: list[bytes] = []
        for act, records in steps:
            if act == "append":
                assert out.append(records)
                written.extend(records)
            elif act == "torn":  # the process dies in the middle of a write
                with last_segment(folder / "0").open("ab") as file:
                    file.write(frame(records)[:-1])
                out.close()
                out = writer(folder, max_bytes=max_bytes)
            elif act == "die":
                out.close()
                out = writer(folder, max_bytes=max_bytes)
            elif act == "read":
                read.extend(record for group in reader.read() for record in group.records)
            else:
                reader.delete_until(reader.position)
        read.extend(everything(reader))
        out.close()
        read.extend(everything(reader))
        assert read == written
        reader.delete_until(reader.position)
        assert reader.bytes_after(0) == 0
        assert reader.corrupt == 0


@given(st.lists(groups, min_size=2, max_size=10))
def test_segments__positions__grow_and_can_be_read_from_again(batches: list[list[bytes]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        out, reader = writer(folder, max_bytes=100), LaneReader(folder, "0")
        for records in batches:
            out.append(records)
        found = []
        while more := reader.read():
            found.extend(more)
        assert all(group.start < group.end for group in found)
        assert all(one.end <= two.start for one, two in pairwise(found))
        reader.rewind(found[1].start)
        assert everything(reader) == [record for group in found[1:] for record in group.records]
        out.close()


def test_segments__positions_after_all_is_deleted_and_the_clock_goes_back__still_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, reader = writer(tmp_path), LaneReader(tmp_path, "0")
    out.append([b"one"])
    (group,) = reader.read()
    out.close()
    reader.delete_until(reader.position)
    monkeypatch.setattr(system, "time_ns", lambda: 5)
    writer(tmp_path).append([b"two"])
    (later,) = reader.read()
    assert later.records == [b"two"]
    assert later.start >= group.end


def test_segments__part_of_a_group_is_there__is_waited_for_while_the_writer_lives(tmp_path: Path) -> None:
    out, reader = writer(tmp_path), LaneReader(tmp_path, "0")
    data = frame([b"first", b"second"])
    with last_segment(tmp_path / "0").open("ab") as file:
        file.write(data[:-3])
        file.flush()
        assert reader.read() == []
        file.write(data[-3:])
        file.flush()
        assert everything(reader) == [b"first", b"second"]
    out.close()


def test_segments__bound_reached__loses_counts_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    out = writer(tmp_path, max_bytes=4096, total_bound=1 << 16)
    kept = sum(out.append([b"x" * 1000]) for _ in range(200))
    assert 0 < kept <= 65
    assert out.lost == 200 - kept == lost_events(tmp_path / "0")
    reader = LaneReader(tmp_path, "0")
    assert len(everything(reader)) == kept
    reader.delete_until(reader.position)
    time.sleep(0.25)  # it looks again after 0.2 s
    assert out.append([b"x" * 1000])
    out.close()
    assert writer(tmp_path)._lane_lost == 200 - kept


_FULL_DISK = """
import resource, sys
from pathlib import Path
from scoring.queue.segments import SegmentWriter
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
out = SegmentWriter(Path(sys.argv[1]), max_bytes=1 << 20, total_bound=1 << 30)
print([out.append([bytes([65 + n]) * 700]) for n in range(6)], out.lost)
print(out.append([b"z" * 10]))
"""


def test_segments__write_that_ends_early__is_taken_back(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _FULL_DISK, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-2:] == ["[True, True, True, True, False, False] 2", "True"]
    reader = LaneReader(tmp_path, "0")
    assert [record[:1] for record in everything(reader)] == [b"A", b"B", b"C", b"D", b"z"]
    assert lost_events(tmp_path / "0") == 2


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (subprocess.CalledProcessError, FileNotFoundError):
        pytest.skip("no file system can be mounted here; the test above limits a file's size instead")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_segments__disk_full__loses_counts_and_goes_on_when_there_is_room(tiny_disk: Path) -> None:
    out = writer(tiny_disk / "segments", max_bytes=1 << 16)
    kept = [number for number in range(400) if out.append([b"%04d" % number + b"x" * 5000])]
    assert 100 < len(kept) < 400
    assert out.lost == 400 - len(kept) == lost_events(tiny_disk / "segments" / "0")
    reader = LaneReader(tiny_disk / "segments", "0")
    assert [int(record[:4]) for record in everything(reader)] == kept
    reader.delete_until(reader.position)
    time.sleep(0.25)
    assert out.append([b"again"])
    assert everything(reader) == [b"again"]
    out.close()


def fill(path: Path) -> None:
    with path.open("wb") as ballast, contextlib.suppress(OSError):
        while True:
            os.write(ballast.fileno(), bytes(4096))


def test_segments__disk_full_from_the_start__loses_and_claims_a_lane_later(tiny_disk: Path) -> None:
    fill(tiny_disk / "ballast")
    out = writer(tiny_disk / "segments")
    assert not out.append([b"x" * 5000])
    assert out.lost == 1
    (tiny_disk / "ballast").unlink()
    time.sleep(0.25)
    assert out.append([b"x" * 5000])
    out.close()


_FOREVER = """
import sys
from pathlib import Path
from scoring.queue.segments import SegmentWriter
out = SegmentWriter(Path(sys.argv[1]), max_bytes=20_000, total_bound=1 << 30)
number = 0
while True:
    assert out.append([b"%d" % (number + each) for each in range(3)])
    number += 3
    print(number, flush=True)
"""


def test_segments__writer_killed__keeps_what_it_has_acknowledged_and_frees_its_lane(tmp_path: Path) -> None:
    reader = LaneReader(tmp_path, "0")
    for _ in range(5):
        with subprocess.Popen([sys.executable, "-c", _FOREVER, str(tmp_path)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            for _ in range(50):
                process.stdout.readline()
            process.send_signal(signal.SIGKILL)
            acknowledged = [50 * 3, *map(int, process.stdout.read().split())][-1]
        found = [int(record) for record in everything(reader)]
        assert found == list(range(len(found)))
        assert len(found) in (acknowledged, acknowledged + 3)  # the last may have been written and not yet told
        assert lanes(tmp_path) == ["0"]


def test_writer__fsync__writes_all_the_same(tmp_path: Path) -> None:
    out: SegmentWriter = writer(tmp_path, fsync=True, max_bytes=100)
    for number in range(20):
        assert out.append([b"%d" % number])
    assert [int(record) for record in everything(LaneReader(tmp_path, "0"))] == list(range(20))


def failing(monkeypatch: pytest.MonkeyPatch, name: str, number: int) -> None:
    """Have the system's next call of this name fail, as a disk that is full or broken does."""
    call = getattr(system, name)

    def fail(*arguments: object) -> None:
        monkeypatch.setattr(system, name, call)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(system, name, fail)


def test_segments__name_of_the_next_one_cannot_be_synced__nothing_more_goes_into_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, reader = writer(tmp_path, max_bytes=1, fsync=True), LaneReader(tmp_path, "0")
    assert out.append([b"one"])
    failing(monkeypatch, "fsync", errno.EIO)
    kept = [out.append([each]) for each in (b"two", b"three")]
    assert everything(reader)[0] == b"one"
    time.sleep(0.25)  # after which it tries again
    kept.append(out.append([b"four"]))
    assert kept == [False, False, True]
    assert everything(reader) == [b"four"]


def test_segments__whole_write_that_cannot_be_synced__is_not_taken_back_from_who_has_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, reader = writer(tmp_path, fsync=True), LaneReader(tmp_path, "0")
    failing(monkeypatch, "fdatasync", errno.ENOSPC)
    write = system.write

    def read_at_once(descriptor: int, data: bytes) -> int:
        written = write(descriptor, data)
        assert everything(reader) == [b"one"]
        monkeypatch.setattr(system, "write", write)
        return written

    monkeypatch.setattr(system, "write", read_at_once)
    assert not out.append([b"one"])
    time.sleep(0.25)
    assert out.append([b"two"])
    assert everything(reader) == [b"two"]
    assert reader.corrupt == 0
