"""The model registry: taking up model files, and writing down what their check found."""

import math
from collections.abc import Sequence
from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from models_app.catalog import labels
from models_app.catalog import validation_events as events
from models_app.catalog.models import ModelCheck, ModelVersion
from models_app.catalog.validation import Validation
from models_app.inputs import uploads
from models_app.inputs.columns import ColumnError, read_column
from models_app.inputs.errors import invalid
from models_app.inputs.schema import read_features
from models_app.inputs.uploads import Upload
from models_app.inputs.versions import checked_name, next_version
from models_app.modelfiles import CheckReport
from models_app.statistics.cold_start import validation_quantiles
from models_app.work.workers import give_out_after_commit
from tenants.audit_terms import AuditAction
from tenants.models import Person
from tenants.permissions import require
from tenants.refusals import Conflict
from tenants.roles import Permission
from tenants.services import record


def register_model(
    *,
    actor: Person | None,
    name: str,
    file_format: str,
    features: Sequence[dict[str, Any]],
    upload: Upload,
    beta: float = 1.0,
    notes: str = "",
    validation_scores: Upload | None = None,
    risk_label: str = "",
    validation_events: Upload | None = None,
    label_column: str = "",
    score_column: str = "",
) -> ModelVersion:
    """Take up a model file as the next version of `name`; a worker checks it as soon as this has committed.

    `features` in the model's order, as the release document has them; `validation_scores` a Parquet or CSV file with
    one column of the model's own outputs; `risk_label` which of the file's two class labels is the risk, to be said
    unless they are 0 and 1. `validation_events`, a file of either kind with a column for each feature, is what the
    model is run on: where a `label_column` says what events turned out to be, it must not rank them upside down, and
    where a `score_column` has its outputs as its makers got them, it must give these. Refuses the same file with the
    same declarations and nothing new to run it on (409), unless its check had failed. What is refused leaves no row and
    no file.
    """
    require(actor, Permission.EDIT_SHARED)
    declared = read_features(features)
    _check_declarations(checked_name(name), file_format, beta)
    measured = uploads.measure(upload, field="file", max_bytes=settings.ENV["MUSE_MODEL_MAX_BYTES"])
    quantiles = _quantiles(validation_scores) if validation_scores is not None else None
    tried_on = events.declare(validation_events, declared, label_column, score_column)
    labels.check_answer(upload, file_format, risk_label)
    with transaction.atomic():
        model = ModelVersion(
            name=name,
            version=next_version(ModelVersion, name),
            file_format=file_format,
            features=msgspec.to_builtins(declared),
            beta=beta,
            notes=notes,
            risk_label=risk_label,
            uploaded_digest=measured.digest,
            uploaded_bytes=measured.size,
            validation_quantiles=quantiles,
            validation_events=msgspec.to_builtins(tried_on),
            created_by=actor,
        )
        _take_up(model, upload, validation_events)
    return model


def _take_up(model: ModelVersion, upload: Upload, validation_events: Upload | None) -> None:
    """Keep a new version and its files, and have it checked, in the caller's transaction."""
    _check_is_new(model)
    model.save(force_insert=True)
    record(actor=model.created_by, act=AuditAction.REGISTER_MODEL, subject=model, details=_details(model))
    uploads.keep(upload, uploaded_file(model))  # last, so that what fails before it leaves nothing
    if validation_events is not None:
        events.keep(validation_events, model)
    give_out_after_commit(ModelCheck.objects.create(model=model))


def record_check(*, model: ModelVersion, report: CheckReport, validation: Validation | None = None) -> None:
    """Write the outcome of a check, in one update, by the attempt that holds it.

    `validation` is what came of its validation events, where the file could be run on them.
    """
    outcome: dict[str, Any] = {
        "state": ModelVersion.State.USABLE if report.ok else ModelVersion.State.UNUSABLE,
        "reason": report.reason,
        "checks": [*msgspec.to_builtins(report.checks), *_failure(report)],
        "checked_at": timezone.now(),
    }
    if report.ok:
        parity = msgspec.to_builtins(report.parity)
        outcome |= {"digest": report.digest, "single_rows": report.single_rows, "parity": parity}
    if validation is not None:
        outcome["validation"] = validation.stored()
    if validation is not None and report.ok and not model.validation_quantiles:
        outcome["validation_quantiles"] = validation.quantiles
    with transaction.atomic():
        ModelVersion.objects.filter(pk=model.pk).update(**outcome)
        details = {"state": str(outcome["state"]), "reason": report.reason}
        record(actor=None, act=AuditAction.CHECK_MODEL, subject=model, details=details)


def uploaded_file(model: ModelVersion) -> str:
    """Return the path in storage of the file as it was uploaded."""
    return f"uploads/{model.uploaded_digest}"


def _failure(report: CheckReport) -> list[dict[str, str]]:
    return [] if report.ok else [{"name": report.failed, "found": report.reason}]


def _check_declarations(name: str, file_format: str, beta: float) -> None:
    if file_format not in ModelVersion.Format.values:
        raise invalid("format", f"expected one of {', '.join(ModelVersion.Format.values)}, found {file_format!r}")
    check_beta(beta, "beta")


def check_beta(beta: float, field: str) -> None:
    """β is the share of negatives kept in training."""
    if isinstance(beta, bool) or not isinstance(beta, int | float) or not 0 < beta <= 1 or not math.isfinite(beta):
        raise invalid(field, f"expected a share of negatives above 0 and up to 1, found {beta!r}")


def _details(model: ModelVersion) -> dict[str, str]:
    tried_on = {"validation_events": model.validation_events["digest"]} if model.validation_events else {}
    return {"file": model.uploaded_digest} | tried_on


def _check_is_new(model: ModelVersion) -> None:
    """Refuse a file that is registered already, unless it brings validation data that the earlier version lacks."""
    rows = (
        ModelVersion.objects.filter(
            name=model.name,
            uploaded_digest=model.uploaded_digest,
            file_format=model.file_format,
            features=model.features,
            beta=model.beta,
            risk_label=model.risk_label,
        )
        .exclude(state=ModelVersion.State.UNUSABLE)
        .only("name", "version", "validation_events", "validation_quantiles")
    )
    same = next((each for each in rows if not _adds(model, each)), None)
    if same:
        raise Conflict(f"this file with these features, beta and risk label is already registered, as {same.key}")


def _adds(model: ModelVersion, earlier: ModelVersion) -> bool:
    """Whether it brings validation events that the earlier one came without, or validation scores."""
    if model.validation_events and model.validation_events != earlier.validation_events:
        return True
    return bool(model.validation_quantiles) and not earlier.validation_quantiles


def _quantiles(upload: Upload) -> list[list[float]]:
    field = "validation_scores"
    uploads.measure(upload, field=field, max_bytes=settings.ENV["MUSE_SAMPLE_MAX_BYTES"])
    try:
        with uploads.spooled(upload) as path:
            _, values = read_column(path, None, max_rows=settings.ENV["MUSE_FIT_EXACT_LIMIT"])
        return validation_quantiles(values)
    except (ColumnError, ValueError) as error:
        raise invalid(field, str(error)) from None
