"""Segments that the disk has damaged: what it has not damaged is read, also while their writer goes on."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.queue import heads, system
from scoring.queue.lanes import QUARANTINE, LaneReader, lanes
from scoring.queue.segments import HEADER, frame, segment_bases, segment_path
from tests.scoring.eventlog import writer
from tests.scoring.queue.lane import everything, last_segment


@pytest.fixture(autouse=True, scope="module")
def noted_at_once() -> Iterator[None]:
    """Where each frame begins, as where requests come one after the other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(heads, "NOT_SOONER", 0.0)
        yield


def damage(path: Path, *places: int) -> bytes:
    content = bytearray(path.read_bytes())
    for place in places:
        content[place] ^= 0xFF
    path.write_bytes(content)
    return bytes(content)


@pytest.mark.parametrize("is_noted", [True, False], ids=["noted", "not noted"])
@pytest.mark.parametrize("place", ["header", "body"])
def test_segments__damaged_in_the_middle__is_set_aside_and_what_follows_is_read(
    tmp_path: Path, place: str, is_noted: bool
) -> None:
    """Of the same segment, where its header or its writer says where the damaged frame ends; else of the next."""
    out = writer(tmp_path)
    for record in (b"a" * 10, b"b" * 10, b"c" * 10):
        out.append([record])
    out.close()
    damaged = last_segment(tmp_path / "0")
    content = damage(damaged, len(frame([b"a" * 10])) + (1 if place == "header" else HEADER.size + 5))
    if not is_noted:  # by a writer of an earlier version
        heads.path_of(damaged).unlink()
    again = writer(tmp_path)
    again.append([b"d"])
    reader = LaneReader(tmp_path, "0")
    found = everything(reader)
    assert found == [b"a" * 10, *([b"c" * 10] if is_noted or place == "body" else []), b"d"]
    assert (reader.corrupt, reader.kept()) == (1, 1)
    reader.delete_until(reader.position)
    (kept,) = (tmp_path / QUARANTINE).iterdir()
    assert kept.read_bytes() == content
    assert lanes(tmp_path) == ["0"]


def test_segments__damaged_while_their_writer_goes_on__do_not_hold_up_what_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for a second, in which it might be a write that is seen in part."""
    out, reader = writer(tmp_path), LaneReader(tmp_path, "0")
    for record in (b"a", b"b", b"c", b"d"):
        out.append([record])
    size = len(frame([b"a"]))
    damage(last_segment(tmp_path / "0"), 1, 3 * size - 1)
    assert everything(reader) == []
    now = time.monotonic()
    monkeypatch.setattr(system, "monotonic", lambda: now + 2.0)
    assert everything(reader) == [b"b"]
    monkeypatch.setattr(system, "monotonic", lambda: now + 4.0)
    assert everything(reader) == [b"d"]
    out.append([b"e"])
    assert everything(reader) == [b"e"]
    assert (reader.corrupt, reader.kept()) == (2, 1)
    out.close()


def test_segments__last_head_damaged_while_their_writer_goes_on__what_follows_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, reader = writer(tmp_path), LaneReader(tmp_path, "0")
    out.append([b"a"])
    damage(last_segment(tmp_path / "0"), 1)
    now = time.monotonic()
    for seconds in (0.0, 2.0):
        monkeypatch.setattr(system, "monotonic", lambda seconds=seconds: now + seconds)
        assert everything(reader) == []
    out.append([b"b"])
    assert everything(reader) == [b"b"]
    out.close()


def test_segments__frame_within_a_record__is_not_read_where_the_head_before_it_is_damaged(tmp_path: Path) -> None:
    """A client's bytes may look like a frame; its writer has not noted one there."""
    out, reader = writer(tmp_path), LaneReader(tmp_path, "0")
    out.append([b"x" * 50 + frame([b"forged"]) * 20])
    out.append([b"next"])
    out.close()
    damage(last_segment(tmp_path / "0"), 1)
    assert everything(reader) == [b"next"]


def test_segments__notes_damaged_or_in_part__help_as_far_as_they_go(tmp_path: Path) -> None:
    """One that points elsewhere finds no frame there, and the next is looked at."""
    out, reader = writer(tmp_path), LaneReader(tmp_path, "0")
    for record in (b"a", b"b", b"c", b"d"):
        out.append([record])
    out.close()
    path = last_segment(tmp_path / "0")
    damage(path, 1)
    damage(heads.path_of(path), 8)
    with heads.path_of(path).open("ab") as file:
        file.write(b"in part")
    assert everything(reader) == [b"c", b"d"]


def test_segments__deleted_by_a_reader_of_an_earlier_version__leave_no_notes(tmp_path: Path) -> None:
    out, reader = writer(tmp_path, max_bytes=1), LaneReader(tmp_path, "0")
    for record in (b"a", b"b", b"c"):
        out.append([record])
    segment_path(tmp_path / "0", segment_bases(tmp_path / "0")[0]).unlink()
    assert everything(reader) == [b"b", b"c"]
    reader.delete_until(reader.position)
    (left,) = (tmp_path / "0").glob(f"*{heads.SUFFIX}")
    assert left == heads.path_of(last_segment(tmp_path / "0"))
    out.close()
    everything(reader)
    reader.delete_until(reader.position)
    reader.delete_until(reader.position)
    assert not list((tmp_path / "0").glob(f"*{heads.SUFFIX}"))


@given(st.lists(st.integers(1, 200), min_size=1, max_size=30), st.data())
def test_segments__any_frames_damaged__all_others_are_read(lengths: list[int], data: st.DataObject) -> None:
    """However many are, also one after the other, and wherever they are."""
    with tempfile.TemporaryDirectory() as name:
        out = writer(Path(name), max_bytes=1 << 20)
        records = [bytes([number]) * length for number, length in enumerate(lengths)]
        places = [0]
        for record in records:
            out.append([record])
            places.append(places[-1] + len(frame([record])))
        out.close()
        damaged = data.draw(st.sets(st.integers(0, len(lengths) - 1)))
        path = last_segment(Path(name) / "0")
        damage(path, *(data.draw(st.integers(places[each], places[each + 1] - 1)) for each in damaged))
        reader = LaneReader(Path(name), "0")
        assert everything(reader) == [record for number, record in enumerate(records) if number not in damaged]
        assert reader.bytes_after(reader.position) == 0
        assert bool(reader.corrupt) == bool(damaged)


def test_segments__zeros_at_the_end_after_power_loss__are_set_aside(tmp_path: Path) -> None:
    out = writer(tmp_path)
    out.append([b"kept"])
    out.close()
    with last_segment(tmp_path / "0").open("ab") as file:
        file.write(bytes(100))
    reader = LaneReader(tmp_path, "0")
    assert everything(reader) == [b"kept"]
    assert reader.corrupt == 1


def test_heads__of_frames_that_come_at_once__cost_one_write_and_are_complete_once_the_segment_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "NOT_SOONER", 0.01)
    now, written, pwrite = time.monotonic(), [], system.pwrite
    monkeypatch.setattr(system, "monotonic", lambda: now)
    monkeypatch.setattr(system, "pwrite", lambda *call: written.append(call) or pwrite(*call))
    size = len(frame([b"a"]))
    out = writer(tmp_path, max_bytes=100 * size)
    del written[:]  # of the lane's lock
    for _ in range(101):  # the last of them is in another segment
        out.append([b"a"])
    first = segment_path(tmp_path / "0", segment_bases(tmp_path / "0")[0])
    assert [len(data) for _, data, _ in written] == [8, 99 * 8]
    assert list(heads.after(first, 0)) == [number * size for number in range(1, 100)]
    out.close()
