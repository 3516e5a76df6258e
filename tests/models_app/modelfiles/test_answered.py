"""A process that checks a model file, taken over by it: its answer is bounded, and of the form that is asked for."""

import io
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from models_app.catalog.check import probabilities
from models_app.modelfiles import CheckReport, Limits, answered, check_model_file, read_class_labels, run
from models_app.modelfiles.material import as_file
from scoring.engine.parity import Parity
from tests.models_app.modelfiles.builders import check_bytes, features, linear

MODEL = linear().SerializeToString()
NAMES = ("a", "b")
ROWS = 10**12


@pytest.fixture
def good(tmp_path: Path) -> CheckReport:
    report = check_bytes(tmp_path, MODEL, features(*NAMES))
    assert report.ok, report.reason
    return report


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., CheckReport]:
    """The report on a file whose process answers with these bytes, and has written this model."""

    def ask(said: bytes, *, model: bytes = MODEL, labels_only: bool = False) -> CheckReport:
        (tmp_path / "upload").write_bytes(MODEL)
        (tmp_path / "said").write_bytes(said)
        (tmp_path / "model").write_bytes(model)
        process = tmp_path / "process"
        process.write_text(f'#!/bin/sh\ncp {tmp_path}/said "$3/report.json"\ncp {tmp_path}/model "$3/model.onnx"\n')
        process.chmod(0o700)
        monkeypatch.setattr(run.sys, "executable", str(process))
        if labels_only:
            return read_class_labels(tmp_path / "upload", Limits())
        specs, output = features(*NAMES), tmp_path / "served.onnx"
        return check_model_file(tmp_path / "upload", file_format="onnx", features=specs, output=output)

    return ask


def with_parity(report: CheckReport, change: Callable[[Parity], dict[str, Any]]) -> CheckReport:
    assert report.parity
    return replace(report, parity={**report.parity, **change(report.parity)})


HOSTILE: dict[str, Callable[[CheckReport], CheckReport]] = {
    "of another model": lambda good: replace(good, digest="0" * 64),
    "no parity vector": lambda good: replace(good, parity=None),
    "a parity vector of nothing": lambda good: with_parity(good, lambda _: {"inputs": [], "outputs": []}),
    "events of another width": lambda good: with_parity(
        good, lambda parity: {"inputs": [[0.5]] * len(parity["inputs"])}
    ),
    "more outputs than events": lambda good: with_parity(good, lambda parity: {"outputs": [*parity["outputs"], 0.5]}),
    "no probability": lambda good: with_parity(good, lambda parity: {"outputs": [2.0] * len(parity["outputs"])}),
    "a million rows at once": lambda good: replace(good, single_rows=10**6),
    "a text that no database keeps": lambda good: replace(good, ok=False, reason="a\0b"),
    "a reason without an end": lambda good: replace(good, ok=False, reason="x" * answered.MOST_BYTES),
}


def test_report__of_a_process_that_answers_well__is_believed(good: CheckReport, asked: Any) -> None:
    """So that what is refused below is refused for what it is."""
    assert asked(msgspec.json.encode(good)) == good


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_report__of_a_process_that_was_taken_over__is_a_refusal(
    good: CheckReport, asked: Any, change: Callable[[CheckReport], CheckReport]
) -> None:
    report = asked(msgspec.json.encode(change(good)))
    assert (report.ok, report.failed, report.reason) == (False, "readable", answered.DAMAGED)


@pytest.mark.parametrize("said", [b"", b"{", b"[]", b'{"ok": 1}', b"\xff" * 100])
def test_report__that_is_none__is_a_refusal(asked: Any, said: bytes) -> None:
    assert asked(said).reason == answered.DAMAGED


def test_report__beside_which_another_model_lies__is_a_refusal(good: CheckReport, asked: Any) -> None:
    assert asked(msgspec.json.encode(good), model=MODEL + b"\0").reason == answered.DAMAGED


@pytest.mark.parametrize(
    ("labels", "known", "reason"),
    [(("no", "yes"), "", ""), (("0", "1"), "1", ""), (("no",) * 3, "", answered.DAMAGED), ((), "1", answered.DAMAGED)],
)
def test_labels__of_a_process_that_was_taken_over__are_two_or_none(
    asked: Any, labels: tuple[str, ...], known: str, reason: str
) -> None:
    said = CheckReport(ok=True, labels=labels, known_risk=known)
    assert asked(msgspec.json.encode(said), labels_only=True).reason == reason


def claiming(rows: int) -> bytes:
    """Outputs whose head says that they are many more than there are."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": (rows,)})
    return file.getvalue() + bytes(24)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        as_file(np.zeros(2)),
        as_file(np.zeros((3, 1))),
        as_file(np.zeros(3, np.float32)),
        as_file(np.array([0.5, math.nan, 0.5])),
        as_file(np.array([0.5, 2.0, 0.5])),
        claiming(ROWS),
    ],
    ids=["nothing", "an archive", "too few", "a table", "others", "not a number", "no probability", "claimed"],
)
def test_outputs__that_are_not_what_was_asked_for__are_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "outputs.npy").write_bytes(content)
    with pytest.raises(ValueError):
        probabilities(tmp_path / "outputs.npy", ROWS if content == claiming(ROWS) else 3)


def test_outputs__as_they_were_asked_for__are_read(tmp_path: Path) -> None:
    (tmp_path / "outputs.npy").write_bytes(as_file(np.array([0.0, 0.5, 1.0])))
    assert probabilities(tmp_path / "outputs.npy", 3).tolist() == [0.0, 0.5, 1.0]
