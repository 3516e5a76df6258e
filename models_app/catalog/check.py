"""Checking a registered model, as a worker does it: in a process of its own, and again where a worker died."""

import tempfile
from pathlib import Path
from typing import cast

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from models_app.catalog import limits
from models_app.catalog.models import ModelVersion
from models_app.catalog.register import record_check, uploaded_file
from models_app.inputs import uploads
from models_app.inputs.schema import read_features, takes_null
from models_app.modelfiles import CheckReport, FeatureSpec, FileFormat, check_model_file
from models_app.work import heartbeat
from models_app.work.dispatch import send
from models_app.work.heartbeat import ago
from scoring.engine.document import Model
from scoring.engine.onnx_model import ModelError
from scoring.serving.process import trials
from scoring.store import artifacts

log = structlog.get_logger(__name__)


def check_model(model_id: int) -> None:
    """Check a model that waits for it; nothing happens where that is done or another worker is at it."""
    model = _take_up(model_id)
    if model is None:
        return
    if model.attempt > heartbeat.MAX_ATTEMPTS:
        record_check(model=model, attempt=model.attempt, report=_given_up())
        return
    with heartbeat.beating(lambda: _beat(model)), tempfile.TemporaryDirectory(prefix="muse-check-") as folder:
        output = Path(folder) / "model.onnx"
        report = _run(model, output)
        if report.parity is not None:
            artifacts.store(output.read_bytes(), report.parity)
            _try_ahead(model, report)
    record_check(model=model, attempt=model.attempt, report=report)


def resume_stalled_checks() -> int:
    """Send those checks again whose worker died or whose message was lost; how many."""
    stalled = list(_stalled().values_list("pk", flat=True))
    for model_id in stalled:
        send("check_model", model_id, expires=heartbeat.DEAD_AFTER_SECONDS)
    return len(stalled)


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


def _take_up(model_id: int) -> ModelVersion | None:
    with transaction.atomic():
        model = (
            ModelVersion.objects.select_for_update()
            .filter(Q(alive_at=None) | _dead(), pk=model_id, state=ModelVersion.State.CHECKING)
            .first()
        )
        if model is not None:
            model.attempt += 1
            model.alive_at = timezone.now()
            model.save(update_fields=["attempt", "alive_at"])
        return model


def _beat(model: ModelVersion) -> None:
    ModelVersion.objects.filter(pk=model.pk, attempt=model.attempt).update(alive_at=timezone.now())


def _stalled() -> QuerySet[ModelVersion]:
    never_begun = Q(alive_at=None, created_at__lt=ago(heartbeat.WAITING_SECONDS))
    return ModelVersion.objects.filter(never_begun | _dead(), state=ModelVersion.State.CHECKING)


def _dead() -> Q:
    return Q(alive_at__lt=ago(heartbeat.DEAD_AFTER_SECONDS))


def _given_up() -> CheckReport:
    reason = (
        f"the check was begun {heartbeat.MAX_ATTEMPTS} times and each time its worker died; "
        "see the worker's log, then register the model again"
    )
    return CheckReport(ok=False, failed="worker", reason=reason)
