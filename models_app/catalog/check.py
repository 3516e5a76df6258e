"""Checking a registered model, as a worker does it: in a process of its own, and again where a worker died."""

import tempfile
from pathlib import Path
from typing import cast

import numpy as np
import structlog
from msgspec.structs import replace

from models_app.catalog import limits, validation_events
from models_app.catalog.lease import CheckWork
from models_app.catalog.models import ModelVersion
from models_app.catalog.register import uploaded_file
from models_app.catalog.validation import Validation, compare
from models_app.inputs import uploads
from models_app.inputs.schema import read_features, takes_null
from models_app.modelfiles import CheckReport, FeatureSpec, FileFormat, check_model_file
from models_app.modelfiles.answered import DAMAGED
from scoring.engine.document import Model
from scoring.engine.onnx_model import ModelError
from scoring.engine.probability import FloatArray
from scoring.serving.process import trials
from scoring.store import artifacts

log = structlog.get_logger(__name__)

FILE, ROWS, OUTPUTS = "model.onnx", "rows.npy", "outputs.npy"  # in the folder of a check


def check_model(tenant_id: int, check_id: int) -> None:
    """Check a model that waits for it, or whose worker died; one that another worker is at is left alone."""
    work = CheckWork.take_up(tenant_id, check_id)
    if work is not None:
        work.run(_check)


def _check(work: CheckWork) -> None:
    validation_events.forget(validation_events.left_behind())
    model = ModelVersion.objects.get(model_check=work.row_id)
    with tempfile.TemporaryDirectory(prefix="muse-check-") as folder:
        report, validation = _examined(model, Path(folder))
        if report.ok and report.parity is not None:
            artifacts.store((Path(folder) / FILE).read_bytes(), report.parity)
            _try_ahead(model, report)
    work.finish(report, validation)


def _examined(model: ModelVersion, folder: Path) -> tuple[CheckReport, Validation | None]:
    """The file's own checks, and those of what it gives on its validation events, if it came with some."""
    declared = validation_events.declared_of(model)
    if declared is None:
        return _run(model, folder), None
    events = validation_events.read(model, declared)
    np.save(folder / ROWS, events.rows)
    report = _run(model, folder, with_rows=True)
    if not report.ok:
        return report, None
    try:
        outputs = probabilities(folder / OUTPUTS, len(events.rows))
    except (ValueError, OSError):
        return replace(report, ok=False, failed="readable", reason=DAMAGED), None
    validation = compare(model, declared.columns, events, outputs)
    return _judged(report, validation), validation


def probabilities(path: Path, count: int) -> FloatArray:
    """The (n,) outputs that the process of a check has written. Raises ValueError where they are none, or others."""
    found = np.lib.format.open_memmap(path, mode="r")  # it allocates nothing by what the head claims
    if found.dtype != np.float64 or found.shape != (count,) or not ((found >= 0.0) & (found <= 1.0)).all():
        raise ValueError(DAMAGED)
    return np.array(found)


def _judged(report: CheckReport, validation: Validation) -> CheckReport:
    fault, checks = validation.fault, [*report.checks, *validation.passed]
    if fault is None:
        return replace(report, checks=checks)
    return replace(report, ok=False, checks=checks, failed=fault.check, reason=fault.words)


def _run(model: ModelVersion, folder: Path, *, with_rows: bool = False) -> CheckReport:
    specs = [
        FeatureSpec(f.name, f.type, takes_null(f), f.minimum, f.maximum, f.categories)
        for f in read_features(model.features)
    ]
    with uploads.fetched(uploaded_file(model)) as path:
        return check_model_file(
            path,
            file_format=cast(FileFormat, model.file_format),
            features=specs,
            output=folder / FILE,
            limits=limits.of_checks(),
            risk_label=model.risk_label,
            rows=folder / ROWS if with_rows else None,
            outputs=folder / OUTPUTS if with_rows else None,
        )


def _try_ahead(model: ModelVersion, report: CheckReport) -> None:
    """Try the model as scoring processes do before they load it, so that those of this machine need not do it later.

    A failure decides nothing here: they try again themselves, and this machine may just have been busy.
    """
    names = tuple(feature["name"] for feature in model.features)
    try:
        trials().passed({model.key: Model(report.digest, names, report.single_rows)}, wait_for_them=True)
    except (ModelError, artifacts.ArtifactError, OSError) as error:
        log.warning("A model that has passed its check does not run as scoring would run it.", reason=str(error))
