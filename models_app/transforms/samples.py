"""Uploaded samples of probabilities, checked as they come in and kept by digest."""

from django.conf import settings
from django.db import transaction

from models_app.inputs import uploads
from models_app.inputs.columns import ColumnError, Values, read_column
from models_app.inputs.errors import invalid
from models_app.inputs.uploads import Upload
from models_app.transforms.models import Sample
from tenants.audit_terms import AuditAction
from tenants.models import Person, Tenant
from tenants.permissions import require
from tenants.roles import Permission
from tenants.services import record

NAME_LENGTH = 200


def upload_sample(
    *, actor: Person | None, tenant: Tenant, name: str, upload: Upload, column: str | None = None
) -> Sample:
    """Keep a Parquet or CSV file with a column of probabilities; what is refused leaves no row and no file.

    Without `column` the file must have one only. Every value is looked at: a text, null, NaN or a number outside
    [0, 1] is refused with its row.
    """
    require(actor, Permission.FIT, tenant)
    measured = uploads.measure(upload, field="file", max_bytes=settings.ENV["MUSE_SAMPLE_MAX_BYTES"])
    found, values = _checked(upload, column)
    with transaction.atomic():
        sample = Sample.objects.create(
            tenant=tenant,
            name=(name or str(upload.name or found))[:NAME_LENGTH],
            digest=measured.digest,
            size=measured.size,
            column=found,
            rows=len(values),
            created_by=actor,
        )
        details = {"name": sample.name, "file": sample.digest, "column": found, "rows": sample.rows}
        record(actor=actor, act=AuditAction.UPLOAD_SAMPLE, subject=sample, tenant=tenant, details=details)
        uploads.keep(upload, stored_file(sample))  # last, so that what fails before it leaves nothing
    return sample


def read_sample(sample: Sample) -> Values:
    """The probabilities of a stored sample. Raises ColumnError where the file is no longer what was uploaded."""
    with uploads.fetched(stored_file(sample)) as path:
        return read_column(path, sample.column, max_rows=settings.ENV["MUSE_FIT_EXACT_LIMIT"])[1]


def stored_file(sample: Sample) -> str:
    """Return the path of the file in storage; erasing a tenant removes its folder."""
    return f"samples/{sample.tenant_id}/{sample.digest}"


def _checked(upload: Upload, column: str | None) -> tuple[str, Values]:
    try:
        with uploads.spooled(upload) as path:
            found, values = read_column(path, column, max_rows=settings.ENV["MUSE_FIT_EXACT_LIMIT"])
    except ColumnError as error:
        raise invalid("column" if error.about_column else "file", str(error)) from None
    if len(found) > NAME_LENGTH or not found.isprintable():
        raise invalid("column", f"expected a name of up to {NAME_LENGTH} printable characters, found {found[:50]!r}")
    return found, values
