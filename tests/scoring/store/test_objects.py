"""Files and event tables in a real object store: kept, found, replaced, gone; and models by way of it."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pytest_django import Settings

from scoring.lake import delta, upkeep
from scoring.store import artifacts
from tests.documents import parity_of, sigmoid_onnx, simple
from tests.object_store import ObjectStore, use
from tests.scoring.eventlog import INTENT, TENANT, consume, event, ids, keep_document, rows, write, writer

NAME = delta.TableName(TENANT, INTENT, "events")
CONTENT = sigmoid_onnx([0.5, -0.25], 0.1)


@pytest.fixture(autouse=True)
def _places(object_store: ObjectStore, segments: Path, settings: Settings) -> None:
    use(object_store, settings)


def test_storage__a_file__is_kept_found_and_replaced_under_its_name() -> None:
    assert default_storage.save("samples/7/abc", ContentFile(b"first")) == "samples/7/abc"
    assert default_storage.save("samples/7/abc", ContentFile(b"second, and longer")) == "samples/7/abc"
    with default_storage.open("samples/7/abc") as file:
        assert (file.read(6), file.read()) == (b"second", b", and longer")
    assert default_storage.size("samples/7/abc") == 18
    assert default_storage.exists("samples/7/abc")
    assert default_storage.listdir("samples") == (["7"], [])
    assert default_storage.listdir("samples/7") == ([], ["abc"])


def test_storage__what_is_not_there__is_not_found_and_deleting_it_does_nothing() -> None:
    assert not default_storage.exists("samples/7")
    assert default_storage.listdir("samples/7") == ([], [])
    with pytest.raises(FileNotFoundError):
        default_storage.open("samples/7/abc")
    with pytest.raises(FileNotFoundError):
        default_storage.size("samples/7/abc")
    default_storage.delete("samples/7/abc")
    default_storage.save("samples/7/abc", ContentFile(b"x"))
    default_storage.delete("samples/7/abc")
    default_storage.delete("samples/7")
    assert default_storage.listdir("samples/7") == ([], [])


class _Breaks(ContentFile):
    def read(self, *_: int) -> bytes:
        if self.tell():
            raise OSError("the upload broke off")
        return bytes(super().read(3))


def test_storage__upload_that_breaks_off__leaves_nothing() -> None:
    with pytest.raises(OSError, match="broke off"):
        default_storage.save("samples/7/abc", _Breaks(b"abcdef"))
    assert not default_storage.exists("samples/7/abc")


def test_artifacts__in_an_object_store__are_copied_to_the_machine_once() -> None:
    parity = parity_of(CONTENT, 2)
    digest = artifacts.store(CONTENT, parity)
    assert artifacts.store(CONTENT, parity) == digest
    assert artifacts.load(digest) == (CONTENT, parity)
    for name in (f"models/{digest}.onnx", f"models/{digest}.parity.json"):
        default_storage.delete(name)
    assert artifacts.load(digest) == (CONTENT, parity)


def test_artifacts__damaged_copy_on_the_machine__is_fetched_again(settings: Settings) -> None:
    parity = parity_of(CONTENT, 2)
    digest = artifacts.store(CONTENT, parity)
    artifacts.load(digest)
    (settings.SERVING_CACHE_DIR / "models" / f"{digest}.onnx").write_bytes(CONTENT[:-5])
    assert artifacts.load(digest) == (CONTENT, parity)
    default_storage.save(f"models/{digest}.onnx", ContentFile(CONTENT[:-5]))
    (settings.SERVING_CACHE_DIR / "models" / f"{digest}.onnx").unlink()
    with pytest.raises(artifacts.ArtifactError, match="in the storage is damaged"):
        artifacts.load(digest)


@pytest.mark.parametrize("damaged", [b"", b"{", b"\xff"])
def test_artifacts__damaged_copy_of_a_parity_vector__is_fetched_again(settings: Settings, damaged: bytes) -> None:
    parity = parity_of(CONTENT, 2)
    digest = artifacts.store(CONTENT, parity)
    artifacts.load(digest)
    (settings.SERVING_CACHE_DIR / "models" / f"{digest}.parity.json").write_bytes(damaged)
    assert artifacts.load(digest) == (CONTENT, parity)


def test_artifacts__fetched_to_the_machine__push_out_copies_that_are_old(settings: Settings) -> None:
    digest, old = artifacts.store(CONTENT, parity_of(CONTENT, 2)), settings.SERVING_CACHE_DIR / "models" / "old.onnx"
    artifacts.write_atomically(old, CONTENT)
    os.utime(old, (0, 0))
    artifacts.load(digest)
    assert not old.exists()


def test_tables__in_an_object_store__are_merged_emptied_and_vacuumed(segments: Path) -> None:
    out = writer(segments)
    for part in range(5):
        write(out, *[event(each) for each in ids(5, f"{part}-")])
        consume(segments)
    before = rows()
    assert upkeep.compact(NAME, window=timedelta(hours=1)).removed_files == 5
    assert rows() == before
    assert len(before) == 25
    assert upkeep.vacuum(NAME, hours=0) == 5
    assert rows() == before
    assert delta.log_versions(NAME, after=3)[-1] >= 5
    assert delta.table_names() == [NAME]


def test_erase__in_an_object_store__leaves_the_mark_and_other_tenants(segments: Path) -> None:
    keep_document(simple().build(), tenant=8)
    out = writer(segments)
    write(out, event("a"), event("b", tenant=8))
    consume(segments)
    delta.erase(TENANT)
    delta.erase(TENANT)
    assert (delta.is_erased(TENANT), delta.is_erased(8)) == (True, False)
    assert (delta.open_table(NAME), delta.open_table(delta.TableName(8, INTENT, "events")) is None) == (None, False)
    write(out, event("c"))
    assert consume(segments).tally.dropped == {"0": 2}
    assert (rows("event_id"), rows("event_id", tenant=8)) == ([], ["b"])


@pytest.fixture
def away(settings: Settings) -> None:
    """An object store that nobody answers for."""
    settings.OBJECT_STORE = settings.OBJECT_STORE | {"endpoint": "http://127.0.0.1:9"}


def test_lake__object_store_does_not_answer__says_what_the_consumer_waits_for(away: None) -> None:
    with pytest.raises(delta.Failure):
        delta.open_table(NAME)
    with pytest.raises(delta.Failure):
        delta.table_names()
