"""Model files in a folder of this machine: a copy of what is served takes the place of a file that has suffered."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from scoring.store import artifacts
from tests.documents import parity_of, sigmoid_onnx

CONTENT = sigmoid_onnx([0.5, -0.25], 0.1)
PARITY = parity_of(CONTENT, 2)
DAMAGES: dict[str, Callable[[Path], object]] = {
    "missing": Path.unlink,
    "truncated": lambda file: file.write_bytes(CONTENT[:-5]),
    "altered": lambda file: file.write_bytes(CONTENT[:-5] + b"other"),
    "empty": lambda file: file.write_bytes(b""),
}


@pytest.fixture
def digest(settings: Settings, tmp_path: Path) -> str:
    settings.MEDIA_ROOT, settings.SERVING_CACHE_DIR = tmp_path / "files", tmp_path / "serving"
    return artifacts.store(CONTENT, PARITY)


def stored(settings: Settings, digest: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "models" / f"{digest}.onnx"


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_load__of_a_file_that_has_suffered__is_this_machines_copy_and_says_so(
    digest: str, settings: Settings, damage: Callable[[Path], object], caplog: pytest.LogCaptureFixture
) -> None:
    artifacts.keep(digest)
    damage(stored(settings, digest))
    assert artifacts.load(digest) == (CONTENT, PARITY)
    assert "This machine's copy takes its place" in caplog.text
    artifacts.store(CONTENT, PARITY)
    caplog.clear()
    assert artifacts.load(digest) == (CONTENT, PARITY)
    assert caplog.text == ""


def test_load__without_its_parity_vector__is_this_machines_copy(digest: str, settings: Settings) -> None:
    artifacts.keep(digest)
    stored(settings, digest).with_name(f"{digest}.parity.json").unlink()
    assert artifacts.load(digest) == (CONTENT, PARITY)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_load__of_a_file_that_has_suffered_as_its_copy_has__is_refused(
    digest: str, settings: Settings, damage: Callable[[Path], object]
) -> None:
    artifacts.keep(digest)
    damage(stored(settings, digest))
    damage(settings.SERVING_CACHE_DIR / "models" / f"{digest}.onnx")
    with pytest.raises(artifacts.ArtifactError, match="in the storage"):
        artifacts.load(digest)


def test_keep__of_a_file_that_has_suffered__keeps_nothing(digest: str, settings: Settings) -> None:
    DAMAGES["truncated"](stored(settings, digest))
    with pytest.raises(artifacts.ArtifactError):
        artifacts.keep(digest)
    assert not (settings.SERVING_CACHE_DIR / "models").exists()


@pytest.mark.parametrize("suffix", ["onnx", "parity.json"])
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_keep__of_a_copy_that_has_suffered__makes_it_anew(
    digest: str, settings: Settings, damage: Callable[[Path], object], suffix: str
) -> None:
    artifacts.keep(digest)
    damage(settings.SERVING_CACHE_DIR / "models" / f"{digest}.{suffix}")
    artifacts.keep(digest)
    stored(settings, digest).unlink()
    assert artifacts.load(digest) == (CONTENT, PARITY)


def test_copies__that_nothing_has_named_for_long__are_removed(digest: str, settings: Settings) -> None:
    folder = settings.SERVING_CACHE_DIR / "models"
    old = time.time() - artifacts.COPY_SECONDS - 60
    others = [folder / name for name in ("old.onnx", "old.parity.json", ".old.onnx.1f", "young.onnx")]
    artifacts.keep(digest)
    for path in others:
        path.write_bytes(CONTENT)
    for path in [*folder.glob(f"{digest}.*"), *others[:-1]]:
        os.utime(path, (old, old))
    artifacts.forget_copies({digest})
    left = {f"{digest}.onnx", f"{digest}.parity.json", "young.onnx"}
    assert {path.name for path in folder.iterdir()} == left
    artifacts.forget_copies()
    assert {path.name for path in folder.iterdir()} == left, "what was named a moment ago is as new"


def test_keep__of_a_whole_copy__makes_it_as_new(digest: str, settings: Settings) -> None:
    artifacts.keep(digest)
    for path in (settings.SERVING_CACHE_DIR / "models").iterdir():
        os.utime(path, (0, 0))
    artifacts.keep(digest)
    artifacts.forget_copies()
    stored(settings, digest).unlink()
    assert artifacts.load(digest) == (CONTENT, PARITY)
