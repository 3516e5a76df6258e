"""The checking process itself: it answers, it is bounded, and nothing of it stays."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from models_app.modelfiles import Limits, check_model_file, run
from tests.models_app.modelfiles.builders import booster, features, graph, linear, payments

NODE = helper.make_node


def check(folder: Path, content: bytes, names: list[str], file_format="onnx", **limits):
    path = folder / "upload"
    path.write_bytes(content)
    output = folder / "model.onnx"
    specs = features(*names)
    return check_model_file(path, file_format=file_format, features=specs, output=output, limits=Limits(**limits))


def memory_hog() -> bytes:
    """A few bytes that ask for 80 GB."""
    nodes = [NODE("ConstantOfShape", ["size"], ["much"]), NODE("ReduceSum", ["much"], ["s"], keepdims=0)]
    return graph([*nodes, NODE("Add", ["x", "s"], ["y"])], 1, {"size": np.array([20_000_000_000])}).SerializeToString()


def endless() -> bytes:
    """A loop of 2⁶⁰ rounds."""
    body = helper.make_graph(
        [NODE("Identity", ["go"], ["go_on"]), NODE("Sigmoid", ["v"], ["w"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("w", TensorProto.FLOAT, None),
        ],
    )
    constants = {"rounds": np.array(2**60), "yes": np.array(True)}
    return graph([NODE("Loop", ["rounds", "yes", "x"], ["y"], body=body)], 1, constants).SerializeToString()


def test_check_model_file__good_onnx__writes_it_and_leaves_nothing_else(tmp_path):
    report = check(tmp_path, linear().SerializeToString(), ["a", "b"])
    assert report.ok, report.reason
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.onnx", "upload"]


def test_check_model_file__good_lightgbm__passes(tmp_path):
    x, y, _ = payments(300)
    content = booster(x[:, 2:3], y, ["seconds"]).model_to_string().encode()
    report = check(tmp_path, content, ["seconds"], "lightgbm")
    assert report.ok, report.reason


def test_check_model_file__bad_file__writes_nothing(tmp_path):
    report = check(tmp_path, linear().SerializeToString()[:40], ["a", "b"])
    assert (report.ok, report.failed) == (False, "readable")
    assert [path.name for path in tmp_path.iterdir()] == ["upload"]


def test_check_model_file__needs_too_much_memory__is_refused(tmp_path):
    report = check(tmp_path, memory_hog(), ["x"])
    assert (report.ok, report.failed) == (False, "memory")
    assert "2,048 MiB" in report.reason


def test_check_model_file__no_memory_even_to_start__is_refused(tmp_path):
    report = check(tmp_path, linear().SerializeToString(), ["a", "b"], memory_bytes=60 * 2**20)
    assert (report.ok, report.failed) == (False, "memory")


def test_check_model_file__takes_too_long__is_ended_with_all_that_it_started(tmp_path, monkeypatch):
    groups = []
    monkeypatch.setattr(run.os, "killpg", lambda group, sign: (groups.append(group), os.kill(-group, sign)))
    report = check(tmp_path, endless(), ["x"], seconds=2)
    assert (report.ok, report.failed) == (False, "time")
    assert "more than 2 s" in report.reason
    with pytest.raises(ProcessLookupError):
        os.kill(-groups[0], 0)


def test_check_model_file__crash_of_the_process__is_a_refusal(tmp_path, monkeypatch):
    monkeypatch.setattr(run.sys, "executable", "/bin/false")
    report = check(tmp_path, linear().SerializeToString(), ["a", "b"])
    assert (report.ok, report.failed) == (False, "readable")
    assert "exit code 1" in report.reason


@pytest.mark.parametrize(("content", "expected"), [(b"", "empty"), (b"x" * 2000, "allowed are 0.0 MiB")])
def test_check_model_file__size__is_seen_before_anything_is_started(tmp_path, monkeypatch, content, expected):
    monkeypatch.setattr(run.subprocess, "Popen", None)
    assert expected in check(tmp_path, content, ["x"], file_bytes=1000).reason


def test_check_model_file__no_features__is_refused(tmp_path):
    assert check(tmp_path, b"anything", []).failed == "features"


def test_package__imported__brings_no_library_that_opens_models():
    heavy = ("onnx", "onnxruntime", "lightgbm", "numpy", "django")
    code = f"import sys, models_app.modelfiles; sys.exit(any(name in sys.modules for name in {heavy}))"
    assert subprocess.run([sys.executable, "-c", code], cwd=run.ROOT, check=False).returncode == 0


def test_environment__holds_no_secrets(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://user:secret@host/db")
    assert "secret" not in str(run._environment())
