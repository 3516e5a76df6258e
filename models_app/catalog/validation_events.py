"""Validation events of a model version: taken up with its file, kept until it is checked, and no longer.

They may well be of clients, and a check needs them once; what stays is what came of it, and their digest.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import msgspec
from django.conf import settings
from django.utils import timezone

from models_app.catalog.models import ModelVersion
from models_app.catalog.validation_file import FIELD, Columns, Events, columns_of, count_events, read_events
from models_app.inputs import uploads
from models_app.inputs.errors import invalid
from models_app.inputs.schema import read_features
from models_app.inputs.uploads import Upload
from scoring.engine.document import Feature


class Declared(msgspec.Struct, frozen=True):
    """The part of a model version's record that describes its validation events and never changes."""

    digest: str
    events: int
    label_column: str | None
    score_column: str | None

    @property
    def columns(self) -> Columns:
        return Columns(self.label_column, self.score_column)


def declare(upload: Upload | None, features: Sequence[Feature], label: str, score: str) -> Declared | None:
    """Look at every value of an upload. Raises ValidationError with the field that is wrong."""
    if upload is None:
        _check_no_columns(label_column=label, score_column=score)
        return None
    measured = uploads.measure(upload, field=FIELD, max_bytes=settings.ENV["MUSE_SAMPLE_MAX_BYTES"])
    with uploads.spooled(upload) as path:
        columns = columns_of(path, features, label, score)
        return Declared(measured.digest, count_events(path, features, columns), columns.label, columns.score)


def declared_of(model: ModelVersion) -> Declared | None:
    """Return the declaration of a model's validation events, or None for a model that came without any."""
    return msgspec.convert(model.validation_events, Declared) if model.validation_events else None


def keep(upload: Upload, model: ModelVersion) -> None:
    """Store the upload until the model is checked."""
    uploads.keep(upload, _stored_file(model))


def read(model: ModelVersion, declared: Declared) -> Events:
    """The events of a model that waits for its check."""
    with uploads.fetched(_stored_file(model)) as path:
        return read_events(path, read_features(model.features), declared.columns)


def forget(models: Iterable[ModelVersion]) -> None:
    """Remove the files of models that are checked; what is gone already is none the worse for it."""
    for model in models:
        if model.validation_events:
            uploads.remove(_stored_file(model))


def left_behind() -> Iterable[ModelVersion]:
    """Models checked within a day, whose worker may have died before it removed their events."""
    lately = ModelVersion.objects.filter(checked_at__gt=timezone.now() - timedelta(days=1))
    return (
        lately.filter(validation_events__isnull=False)
        .exclude(state=ModelVersion.State.CHECKING)
        .only("validation_events")
    )


def _stored_file(model: ModelVersion) -> str:
    """Return the path of the file that belongs to this version alone; another keeps a copy of its own."""
    declared = declared_of(model)
    assert declared is not None
    return f"validation/{model.pk}/{declared.digest}"


def _check_no_columns(**columns: str) -> None:
    for field, column in columns.items():
        if column:
            raise invalid(field, f"expected a column of validation events, found {column!r} without events; send them")
