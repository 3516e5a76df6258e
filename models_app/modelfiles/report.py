"""What a check of a model file is told and what it answers; both cross a process border as JSON."""

from typing import Literal

import msgspec

from scoring.engine.parity import Parity

FileFormat = Literal["onnx", "lightgbm"]


class FeatureSpec(msgspec.Struct, frozen=True):
    """A model's input as its owner declares it; limits are inclusive, null may come only where `nullable`."""

    name: str
    type: Literal["number", "integer", "boolean", "category"] = "number"
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] = ()


class Limits(msgspec.Struct, frozen=True):
    """What a check may use: bytes of the file, seconds by the clock, bytes of address space, rows of the sample.

    `nodes`: operators of a graph, counted each time that a function of the file has them run. `unconfined`: whether it
    goes on where the machine cannot shut the process in.
    """

    file_bytes: int = 200 * 2**20
    seconds: float = 60.0
    memory_bytes: int = 2 * 2**30
    sample_rows: int = 20_000
    parity_rows: int = 64
    nodes: int = 100_000
    unconfined: bool = False


class Check(msgspec.Struct, frozen=True, omit_defaults=True):
    """One check by name, and in a sentence what it found; a `remark` is no reason to refuse the file, and no pass."""

    name: str
    found: str
    remark: bool = False


class CheckReport(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome: with `ok`, what the registry stores; without, `failed` names the check that `reason` is about.

    `digest` is the SHA-256 of the ONNX bytes, `file_digest` of the file as it came. Where labels only were asked for:
    `labels` are those of the file, `known_risk` the one of them that needs no asking.
    """

    ok: bool
    file_digest: str = ""
    digest: str = ""
    single_rows: int = 1
    parity: Parity | None = None
    checks: list[Check] = []
    failed: str = ""
    reason: str = ""
    labels: tuple[str, ...] = ()
    known_risk: str = ""


class CheckRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What the checking process is asked; `reference` are the uploader's own results.

    `risk_label` is the class label that is the risk. With `labels_only` the file's labels are read and nothing else.
    `rows` is a .npy file of further events (n, F), what the file gives for them (n,) is written to `outputs`.
    """

    path: str
    output: str
    file_format: FileFormat
    features: list[FeatureSpec]
    limits: Limits
    reference: Parity | None = None
    risk_label: str = ""
    labels_only: bool = False
    rows: str = ""
    outputs: str = ""


class Refusal(ValueError):
    """A model file that cannot be used: `check` is the name of what failed, the message says why and the way out."""

    def __init__(self, check: str, reason: str) -> None:
        super().__init__(reason)
        self.check = check
