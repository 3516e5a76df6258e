"""A feature schema from a sample of events: a start, which a person looks at and corrects."""

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse

from models_app.console.ui.actions import ActionForm
from models_app.console.ui.page import Page
from models_app.inputs import parquet, uploads
from models_app.inputs.errors import invalid
from models_app.inputs.tables import TableError, is_parquet, reading

MOST_CATEGORIES = 50
MOST_BYTES = 2**29  # of a table in memory


class InferringPage(Page):
    """A page with a form that a file may fill in.

    `features`: those read from the file that was sent. `message`: a sentence about them.
    """

    features: Sequence[dict[str, Any]] = ()
    message = ""


InferringPageT = TypeVar("InferringPageT", bound=InferringPage)


def filling(act: str) -> dict[str, str]:
    """Have a form's features fill in by themselves once a file is chosen; without scripts the other act does it."""
    return {
        "hx-post": "",
        "hx-trigger": "change",
        "hx-encoding": "multipart/form-data",
        "hx-vals": '{"act": "infer"}',
        "hx-target": f"#{act}-features",
        "hx-select": f"#{act}-features",
        "hx-select-oob": f"#{act}-features_helptext",
        "hx-swap": "outerHTML",
    }


class InferFeatures(ActionForm[InferringPageT]):
    name, label, success = "infer", "Read its columns", ""
    file = forms.FileField()

    def perform(self) -> HttpResponse:
        page = self.page
        page.features = features_of(self.cleaned_data["file"], settings.ENV["MUSE_SAMPLE_MAX_BYTES"])
        page.message = columns_message(len(page.features))
        return page.render()


def columns_message(count: int) -> str:
    return f"{count:,} columns were read. Check their types, and remove those that are not features."


def inferred(form: ActionForm[InferringPageT]) -> dict[str, Any]:
    """What a form on such a page begins with."""
    return {"features": form.page.features}


def tell(form: ActionForm[InferringPageT], help_text: str) -> None:
    """Have its features say what was read of the file that was sent, if one was."""
    if form.page.message:
        form.fields["features"].help_text = f"{form.page.message} {help_text}"


def features_of(upload: UploadedFile, max_bytes: int) -> list[dict[str, Any]]:
    """A feature for each column. Raises ValidationError (`file`) for what cannot be read."""
    uploads.measure(upload, field="file", max_bytes=max_bytes)
    try:
        with uploads.spooled(upload) as path, reading(path):
            return _features(_of_parquet(path) if is_parquet(path) else pyarrow.csv.read_csv(path))
    except TableError as error:
        raise invalid("file", str(error)) from None


def _of_parquet(path: Path) -> pa.Table:
    """The whole table, up to a bound: a small file may have very many rows, and long texts in each."""
    schema = parquet.opened(path).schema_arrow
    _check(schema)
    found, size = [], 0
    with closing(parquet.batches(path, schema.names)) as batches:
        for batch in batches:
            size += max(batch.nbytes, batch.num_rows * batch.num_columns)
            if size > MOST_BYTES:
                raise invalid("file", f"expected up to {MOST_BYTES:,} bytes once it is unpacked; draw a sample of it")
            found.append(batch)
    return pa.Table.from_batches(found, None if found else schema)


def _check(schema: pa.Schema) -> None:
    repeated = sorted(name for name, count in Counter(schema.names).items() if count > 1)
    if repeated:
        raise invalid("file", f"expected columns of different names, found several of: {', '.join(repeated)}")
    for field in schema:
        if pa.types.is_nested(field.type) or _is_bytes(field.type):
            problem = f"column {field.name} holds {field.type}, expected one number or text a row; leave it out"
            raise invalid("file", problem)


def _features(table: pa.Table) -> list[dict[str, Any]]:
    if not table.num_rows:
        raise invalid("file", "expected a header and rows of events, found no rows")
    _check(table.schema)
    return [_feature(name, table.column(name)) for name in table.column_names]


def _feature(name: str, column: pa.ChunkedArray) -> dict[str, Any]:
    feature: dict[str, Any] = {"name": name, "type": _type(column.type)}
    if column.null_count:
        feature["nullable"] = True
    if feature["type"] == "category":
        values = sorted(str(each) for each in pc.unique(column).to_pylist() if each is not None)
        if len(values) > MOST_CATEGORIES:
            raise invalid(
                "file",
                f"column {name} has {len(values):,} different texts, expected at most {MOST_CATEGORIES} categories; "
                "leave it out if it is an id",
            )
        feature["categories"] = values
    return feature


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))


def _type(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "integer"
    return "number" if pa.types.is_floating(kind) or pa.types.is_decimal(kind) else "category"
