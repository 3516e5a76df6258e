"""Model files in a folder of this machine: a copy of what is served takes the place of a file that has suffered."""

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
