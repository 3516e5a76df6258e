"""The audit trail as a file, newest first: lines of CSV or of JSON, a piece at a time, however long it is."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone

from tenants import selectors
from tenants.audit_search import AuditSearch
from tenants.models import AuditEntry, Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.spreadsheets import in_cell

COLUMNS = (
    "id", "at", "person", "tenant", "act", "subject", "reason", "details", "address", "request", "origin",
    "subject_type", "subject_id", "link", "hash",
)  # fmt: skip
PIECE = 1000

Lines = Callable[[list[AuditEntry]], str]


def export(*, tenant: Tenant | None, search: AuditSearch, form: str) -> StreamingHttpResponse:
    """A download: of a tenant's entries, or (None) of all; `form` is one of FORMS."""
    media_type, begin, lines = FORMS[form]
    answer = StreamingHttpResponse(_text(tenant, search, begin, lines), content_type=media_type)
    name = f"audit-{tenant.slug if tenant else 'all'}-{timezone.now():%Y-%m-%d}.{form}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _text(tenant: Tenant | None, search: AuditSearch, begin: str, lines: Lines) -> Iterator[str]:
    yield begin
    for piece in _pieces(tenant, search):
        yield lines(piece)


def _pieces(tenant: Tenant | None, search: AuditSearch) -> Iterator[list[AuditEntry]]:
    """Yield the entries found in pieces, each read in a scope of its own: the request's has closed by then."""
    before: int | None = None
    while True:
        with _scope(tenant):
            rows = search.of(selectors.audit_trail(tenant)).order_by("-id")
            piece = list((rows if before is None else rows.filter(id__lt=before))[:PIECE])
        if piece:
            yield piece
        if len(piece) < PIECE:
            return
        before = piece[-1].pk


def _scope(tenant: Tenant | None) -> AbstractContextManager[None]:
    return tenant_scope(tenant.pk) if tenant else platform_scope()


def _values(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "at": entry.at.isoformat(),
        "person": entry.person.email if entry.person else None,
        "tenant": entry.tenant.slug if entry.tenant else None,
        "act": entry.act,
        "subject": entry.subject,
        "reason": entry.reason,
        "details": entry.details,
        "address": entry.address,
        "request": entry.request,
        "origin": str(entry.origin) if entry.origin else None,
        "subject_type": entry.subject_type,
        "subject_id": entry.subject_id,
        "link": entry.link,
        "hash": entry.hash,
    }


def _csv(entries: list[AuditEntry]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    for entry in entries:
        writer.writerow({name: _cell(value) for name, value in _values(entry).items()})
    return out.getvalue()


def _cell(value: Any) -> Any:
    return in_cell(json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value)


def _json_lines(entries: list[AuditEntry]) -> str:
    return "".join(json.dumps(_values(entry), ensure_ascii=False) + "\n" for entry in entries)


FORMS: dict[str, tuple[str, str, Lines]] = {
    "csv": ("text/csv; charset=utf-8", ",".join(COLUMNS) + "\r\n", _csv),
    "jsonl": ("application/jsonl", "", _json_lines),
}
