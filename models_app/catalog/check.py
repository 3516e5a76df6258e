"""Checking a registered model, as a worker does it: in a process of its own, and again where a worker died."""

import tempfile
from pathlib import Path
from typing import cast

import structlog

from models_app.catalog import limits
from models_app.catalog.lease import CheckWork
from models_app.catalog.models import ModelVersion
from models_app.catalog.register import uploaded_file
from models_app.inputs import uploads
from models_app.inputs.schema import read_features, takes_null
from models_app.modelfiles import CheckReport, FeatureSpec, FileFormat, check_model_file
from scoring.engine.document import Model
from scoring.engine.onnx_model import ModelError
from scoring.serving.process import trials
from scoring.store import artifacts

log = structlog.get_logger(__name__)


def check_model(tenant_id: int, check_id: int) -> None:
    """Check a model that waits for it, or whose worker died; one that another worker is at is left alone."""
    work = CheckWork.take_up(tenant_id, check_id)
    if work is not None:
        work.run(_check)


def _check(work: CheckWork) -> None:
    model = ModelVersion.objects.get(model_check=work.row_id)
    with tempfile.TemporaryDirectory(prefix="muse-check-") as folder:
        output = Path(folder) / "model.onnx"
        report = _run(model, output)
        if report.parity is not None:
            artifacts.store(output.read_bytes(), report.parity)
            _try_ahead(model, report)
    work.finish(report)


def _run(model: ModelVersion, output: Path) -> CheckReport:
    specs = [
        FeatureSpec(f.name, f.type, takes_null(f), f.minimum, f.maximum, f.categories)
        for f in read_features(model.features)
    ]
    with uploads.fetched(uploaded_file(model)) as path:
        return check_model_file(
            path,
            file_format=cast(FileFormat, model.file_format),
            features=specs,
            output=output,
            limits=limits.of_checks(),
            risk_label=model.risk_label,
        )


def _try_ahead(model: ModelVersion, report: CheckReport) -> None:
    """As scoring processes do before they load it: those of this machine need not when the model is published.

    A failure decides nothing here: they try again themselves, and this machine may just have been busy.
    """
    names = tuple(feature["name"] for feature in model.features)
    try:
        trials().passed({model.key: Model(report.digest, names, report.single_rows)}, wait_for_them=True)
    except (ModelError, artifacts.ArtifactError, OSError) as error:
        log.warning("A model that has passed its check does not run as scoring would run it.", reason=str(error))
