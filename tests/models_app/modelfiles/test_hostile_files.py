"""Files that are made to harm: each is refused, in time, with a sentence."""

import io
import os
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from models_app.modelfiles import Limits, check_model_file
from models_app.modelfiles.names import features_named
from models_app.modelfiles.run import ROOT
from tests.models_app.modelfiles.builders import booster, check_bytes, features, graph, linear, payments

NODE = helper.make_node
OPSETS = [helper.make_opsetid("", 18), helper.make_opsetid("own", 1)]


def functions(*calls: tuple[str, list[str]]) -> bytes:
    """A model that calls the first of these functions; each applies others to its input, one after the other."""
    model = graph([NODE(calls[0][0], ["x"], ["y"], domain="own")], 1)
    model.opset_import.append(OPSETS[1])
    for name, called in calls:
        steps = [NODE(each, [f"v{i}"], [f"v{i + 1}"], domain="own") for i, each in enumerate(called)]
        model.functions.append(helper.make_function("own", name, ["v0"], [f"v{len(steps)}"], steps, OPSETS))
    return bytes(model.SerializeToString())


def doubling() -> bytes:
    """A few kilobytes that run 10 ** 12 operators."""
    return functions(*((f"F{i}", [f"F{i + 1}"] * 10) for i in range(12)), ("F12", []))


def nested(depth: int) -> bytes:
    """A branch in a branch in a branch …, written from the inside to the outside."""
    body = helper.make_graph([NODE("Identity", ["x"], ["y"])], "b", [], [helper.make_tensor_value_info("y", 1, None)])
    text = body.SerializeToString()
    for _ in range(depth):
        text = _field(1, _field(5, _field(1, b"then_branch") + _field(6, text) + b"\xa0\x01\x05") + _field(4, b"If"))
    return _field(7, text) + b"\x08\x0a"


def _field(number: int, content: bytes) -> bytes:
    size, written = len(content), bytearray([number << 3 | 2])
    while size > 127:
        written.append(size & 127 | 128)
        size >>= 7
    return bytes([*written, size]) + content


def claims_more_than_it_has() -> bytes:
    """Weights of 2 ** 40 rows, of which there are two numbers."""
    model = linear()
    model.graph.initializer[0].dims[:] = [2**40, 1]
    return bytes(model.SerializeToString())


def archive() -> bytes:
    """A zip archive of 100 MB of zeros."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as kept:
        kept.writestr("model.onnx", bytes(100 * 2**20))
    return file.getvalue()


def loop(rounds: int) -> bytes:
    """A loop that multiplies its rows by one."""
    value = helper.make_tensor_value_info
    inputs = [value("i", TensorProto.INT64, []), value("go", TensorProto.BOOL, []), value("v", TensorProto.FLOAT, None)]
    outputs = [value("on", TensorProto.BOOL, []), value("w", TensorProto.FLOAT, None)]
    body = helper.make_graph([NODE("Identity", ["go"], ["on"]), NODE("Abs", ["v"], ["w"])], "b", inputs, outputs)
    constants = {"rounds": np.array(rounds), "yes": np.array(True)}
    return bytes(graph([NODE("Loop", ["rounds", "yes", "x"], ["y"], body=body)], 1, constants).SerializeToString())


def text_file(**instead: str) -> bytes:
    """A LightGBM file with other values in its first tree."""
    x, y, _ = payments(300)
    lines = booster(x[:, 2:3], y, ["x"]).model_to_string().split("\n")
    for name, value in instead.items():
        place = next(i for i, line in enumerate(lines) if line.startswith(f"{name}="))
        lines[place] = f"{name}={value}"
    return "\n".join(lines).encode()


def around() -> bytes:
    """Two operators that wait for each other."""
    nodes = [NODE("Abs", ["b"], ["a"]), NODE("Abs", ["a"], ["b"]), NODE("Add", ["x", "a"], ["y"])]
    return bytes(graph(nodes, 1).SerializeToString())


def fourteen(value: int) -> str:
    """For each of the 14 inner nodes of a tree of `text_file` the same."""
    return " ".join([str(value)] * 14)


HOSTILE = {
    "runs 10^12 operators": (doubling, "onnx", "size"),
    "a function that calls itself": (lambda: functions(("F0", ["F0"])), "onnx", "size"),
    "functions that call each other": (lambda: functions(("F0", ["F1"]), ("F1", ["F0"])), "onnx", "size"),
    "5,000 functions deep": (
        lambda: functions(*((f"F{i}", [f"F{i + 1}"]) for i in range(5000)), ("F5000", [])), "onnx", "size"),
    "5,000 graphs deep": (lambda: nested(5000), "onnx", "readable"),
    "claims more than it has": (claims_more_than_it_has, "onnx", "interface"),
    "operators that go round": (around, "onnx", "interface"),
    "an archive": (archive, "onnx", "readable"),
    "gzip": (lambda: b"\x1f\x8b" + zlib.compress(bytes(2**20)), "onnx", "readable"),
    "a pickle that runs code": (
        lambda: b"\x80\x04cposix\nsystem\n(S'touch /tmp/muse-hostile'\ntR.", "onnx", "readable"),
    "two thousand million leaves": (lambda: text_file(num_leaves="2147483647"), "lightgbm", "readable"),
    "a tree that goes round": (lambda: text_file(left_child=fourteen(0)), "lightgbm", "readable"),
    "a split on feature 10^9": (lambda: text_file(split_feature=fourteen(10**9)), "lightgbm", "readable"),
    "sizes that lie": (lambda: text_file(tree_sizes="99999999999"), "lightgbm", "readable"),
    "lists in lists": (
        lambda: text_file().replace(b"pandas_categorical:null", b"pandas_categorical:" + b"[" * 10**6),
        "lightgbm", "readable"),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_file__made_to_harm__is_refused_with_a_sentence(tmp_path: Path, what: str) -> None:
    make, file_format, check = HOSTILE[what]
    (tmp_path / "upload").write_bytes(make())
    report = check_model_file(
        tmp_path / "upload", file_format=file_format, features=features("x"), output=tmp_path / "model.onnx"
    )
    assert (report.ok, report.failed) == (False, check), report.reason
    assert "break off" not in report.reason
    assert "Traceback" not in report.reason
    assert not Path("/tmp/muse-hostile").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["upload"]


@pytest.mark.parametrize("categories", ["[" * 10**6, "7", '{"a": 1}', "[7]"])
def test_names__of_a_file_with_odd_categories__are_read_without_them(tmp_path: Path, categories: str) -> None:
    text = text_file().replace(b"pandas_categorical:null", f"pandas_categorical:{categories}".encode())
    (tmp_path / "upload").write_bytes(text)
    assert features_named(tmp_path / "upload") == [{"name": "x", "type": "number"}]


def test_loop__of_a_thousand_million_rounds__is_ended(tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(loop(10**9))
    report = check_model_file(
        tmp_path / "upload",
        file_format="onnx",
        features=features("x"),
        output=tmp_path / "model.onnx",
        limits=Limits(seconds=3),
    )
    assert (report.ok, report.failed) == (False, "time")


def test_graph__of_more_operators_than_allowed__is_refused(tmp_path: Path) -> None:
    steps = [NODE("Sigmoid", [f"v{i}" if i else "x"], [f"v{i + 1}"]) for i in range(20)]
    content = graph([*steps, NODE("Identity", ["v20"], ["y"])], 1).SerializeToString()
    report = check_bytes(tmp_path, content, features("x"), limits=Limits(nodes=20))
    assert (report.failed, report.reason) == (
        "size", "it runs 21 operators, allowed are 20; upload a smaller model",
    )  # fmt: skip
    assert check_bytes(tmp_path, content, features("x"), limits=Limits(nodes=21)).ok


def test_operators__inside_of_branches__are_counted(tmp_path: Path) -> None:
    model = onnx.load_model_from_string(loop(2))
    report = check_bytes(tmp_path, model.SerializeToString(), features("x"), limits=Limits(nodes=2))
    assert "it runs 3 operators" in report.reason


def test_onnxruntime__as_it_is_used_here__tells_nobody_about_models(tmp_path: Path) -> None:
    """It would keep what it has to tell in the user's folder, and send it from a thread of its own."""
    code = (
        "from scoring.engine.onnx_model import OnnxModel; import sys;"
        "OnnxModel(sys.stdin.buffer.read(), 2).one([0.0, 0.0])"
    )
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "ORT_DISABLE_TELEMETRY")}
    environment |= {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    content = linear().SerializeToString()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, input=content, timeout=60, check=True)
    assert list(tmp_path.rglob("*")) == []
