"""All checks of a model file, in order. Runs in a process of its own: the file is not to be trusted."""

import hashlib

import numpy as np
import numpy.ma  # these here, for once the process is shut in nothing can be imported
import numpy.random

from models_app.modelfiles import sample
from models_app.modelfiles.material import Answer, Material
from models_app.modelfiles.report import Check, CheckReport, CheckRequest, FeatureSpec, Refusal
from models_app.modelfiles.subject import Subject, Vector
from scoring.engine.onnx_model import ModelError, OnnxModel
from scoring.engine.parity import Parity

EQUAL = 1e-5
WHOLE_TO = 2**24  # up to here float32 holds every whole number
ALONE_ROWS = 1000  # events that are run one by one and compared with the batch
BATCH_SIZES = (2, 3, 5, 8, 33, 257)
PARITY_VALUES = 8192  # features times events in a parity vector


def inspect(request: CheckRequest, material: Material) -> Answer:
    """Check the file; the answer to a good one has its ONNX bytes. Raises Refusal."""
    subject = _open(request, material.content)
    passed = list(subject.passed)
    model = _load(subject.content, request.features, 1)
    passed.append(Check("interface", f"One input of {len(request.features)} columns, one probability an event."))
    rows = sample.rows(request.features, subject.thresholds, request.limits.sample_rows)
    values = _run(model, rows, request.features)
    passed.append(Check("probability", f"On {len(rows):,} events all outputs are between 0 and 1."))
    passed.append(_check_equal(subject, request, rows, values))
    single_rows = _single_rows(subject.content, request.features, rows)
    passed.append(Check("same bits", _SAME_BITS[single_rows]))
    served = _load(subject.content, request.features, single_rows)
    parity = _parity(served, rows, request.limits.parity_rows)
    report = CheckReport(
        ok=True,
        file_digest=material.digest,
        digest=hashlib.sha256(subject.content).hexdigest(),
        single_rows=single_rows,
        parity=parity,
        checks=passed,
    )
    outputs = None if material.rows is None else _run(served, material.rows, request.features)
    return Answer(report, subject.content, outputs)


_SAME_BITS = {
    1: "One event and a batch give the same bits.",
    2: "One event and a batch give the same bits, if one event is run as two equal rows; so it will be.",
}


def _open(request: CheckRequest, content: bytes) -> Subject:
    """Open the file by its format; each format imports only its own libraries."""
    if request.file_format == "lightgbm":
        from models_app.modelfiles import lightgbm_file

        return lightgbm_file.open_file(content, request.features)
    from models_app.modelfiles import onnx_file

    return onnx_file.open_file(content, request.features, request.risk_label, request.limits.nodes)


def _load(content: bytes, features: list[FeatureSpec], single_rows: int) -> OnnxModel:
    try:
        return OnnxModel(content, len(features), single_rows)
    except ModelError as error:
        raise Refusal("interface", str(error)) from error


def _run(model: OnnxModel, rows: Vector, features: list[FeatureSpec]) -> Vector:
    try:
        return model.many(rows)
    except ModelError as error:
        advice = _described(rows[error.rows[0]], features) if error.rows else "export the model anew"
        raise Refusal("probability", f"{error}; {advice}") from error


def _described(row: Vector, features: list[FeatureSpec]) -> str:
    nulls = [each.name for each, value in zip(features, row, strict=True) if np.isnan(value)]
    if nulls:
        return (
            f"null there: {', '.join(nulls)}; declare them as not nullable, "
            "or make the model's pipeline fill in missing values"
        )
    values = ", ".join(f"{each.name}={value:g}" for each, value in zip(features[:20], row[:20], strict=True))
    return f"there {values}; export class probabilities, or declare narrower limits of the features"


def _check_equal(subject: Subject, request: CheckRequest, rows: Vector, values: Vector) -> Check:
    if subject.reference is not None:
        _compare(subject.library, values, subject.reference(rows), rows, request.features)
        return Check("equal", f"On {len(rows):,} events equal to {subject.library} within {EQUAL:g}.")
    if request.reference is not None:
        return _check_given(subject, request, request.reference)
    warning = _precision(_load(subject.content, request.features, 1), request.features)
    return Check("equal", f"Not compared: an ONNX file comes without the library that trained it.{warning}")


def _precision(model: OnnxModel, features: list[FeatureSpec]) -> str:
    """A warning where declared values are too large for a float32 input to tell apart; else empty."""
    large = [each.name for each in features if max(abs(each.minimum or 0), abs(each.maximum or 0)) > WHOLE_TO]
    if model.dtype == np.float64 or not large:
        return ""
    return f" Its input is float32, which cannot tell all declared values of {', '.join(large)} apart."


def _check_given(subject: Subject, request: CheckRequest, given: Parity) -> Check:
    model = _load(subject.content, request.features, 1)
    expected = np.array(given["outputs"], dtype=np.float64)
    rows = np.array(given["inputs"], dtype=np.float64)
    if rows.shape != (len(expected), len(request.features)) or not len(rows):
        raise Refusal(
            "equal",
            f"the reference has inputs of the shape {rows.shape} and {len(expected)} outputs, "
            f"expected (n, {len(request.features)}) and n, n at least 1",
        )
    _compare("the reference", _run(model, rows, request.features), expected, rows, request.features)
    return Check("equal", f"On the {len(rows)} events of the reference equal to it within {EQUAL:g}.")


def _compare(name: str, found: Vector, expected: Vector, rows: Vector, features: list[FeatureSpec]) -> None:
    difference = np.abs(found - expected)
    worst = int(np.argmax(np.where(np.isnan(difference), np.inf, difference)))
    if difference[worst] <= EQUAL:
        return
    values = ", ".join(f"{each.name}={value:.17g}" for each, value in zip(features[:20], rows[worst][:20], strict=True))
    raise Refusal(
        "equal",
        f"the ONNX model gives {found[worst]:.9g} where {name} gives {expected[worst]:.9g}, for {values}; "
        f"{100 * np.mean(~(difference <= EQUAL)):.3g} % of {len(rows)} events differ by more than {EQUAL:g}; "
        "values that float32 cannot hold need a model with a double input",
    )


def _single_rows(content: bytes, features: list[FeatureSpec], rows: Vector) -> int:
    try:
        for single_rows in (1, 2):
            if _same_bits(_load(content, features, single_rows), rows):
                return single_rows
    except ModelError as error:
        raise Refusal("same bits", f"as a batch the model ran, but in parts {error}; export it anew") from error
    raise Refusal(
        "same bits",
        "the model gives one event other probabilities alone than in a batch, even if it is run as two equal rows; "
        "export without random or batch-dependent operators (dropout, batch normalisation in training mode)",
    )


def _same_bits(model: OnnxModel, rows: Vector) -> bool:
    expected = model.many(rows)
    alone = np.array([model.one(row.tolist()) for row in rows[:ALONE_ROWS]])
    if not np.array_equal(alone, expected[:ALONE_ROWS]):
        return False
    if not np.array_equal(model.many(rows[1:]), expected[1:]):
        return False
    return all(np.array_equal(model.many(rows[:size]), expected[:size]) for size in BATCH_SIZES)


def _parity(model: OnnxModel, rows: Vector, most: int) -> Parity:
    chosen = rows[: min(most, max(4, PARITY_VALUES // rows.shape[1]))]
    inputs = [[None if np.isnan(value) else float(value) for value in row] for row in chosen]
    return Parity(inputs=inputs, outputs=model.many(chosen).tolist())
