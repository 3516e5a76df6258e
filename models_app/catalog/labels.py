"""Which class of a model file is the risk: asked when it is registered, where the file's labels do not tell."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError

from models_app.catalog import limits
from models_app.catalog.models import ModelVersion
from models_app.inputs import uploads
from models_app.inputs.errors import invalid
from models_app.inputs.uploads import Upload
from models_app.modelfiles import CheckReport, read_class_labels

FIELD = "risk_label"


class WhichLabelError(ValidationError):
    """There is no answer, or it is none of the file's `labels`."""

    def __init__(self, labels: Sequence[str], label: str) -> None:
        actual = f"found {label!r}" if label else "found none"
        words = f"expected the label that is the risk, one of the file's own: {', '.join(labels)}; {actual}"
        super().__init__({FIELD: [words]})
        self.labels = labels


def to_choose_from(upload: Upload) -> Sequence[str]:
    """The two class labels of an ONNX file; none where it has none, or cannot be read."""
    return _read(upload).labels


def check_answer(upload: Upload, file_format: str, answer: str) -> None:
    """Raises WhichLabelError where the file's labels need an answer that is not given, ValidationError for one of none.

    What is wrong with the file itself is left to its check.
    """
    found = _read(upload) if file_format == ModelVersion.Format.ONNX else CheckReport(ok=True)
    if not found.labels and answer and found.ok:
        raise invalid(FIELD, f"the file has no two class labels, so none called {answer!r}; leave it out")
    if found.labels and (answer or found.known_risk) not in found.labels:
        raise WhichLabelError(found.labels, answer)


def _read(upload: Upload) -> CheckReport:
    with uploads.spooled(upload) as path:
        return read_class_labels(path, limits.of_checks())
