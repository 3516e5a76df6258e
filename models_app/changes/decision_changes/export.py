"""Events that change sides as a CSV file."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse

from models_app.changes.decision_changes.models import DecisionChange
from models_app.changes.models import ChangeRequest
from tenants.spreadsheets import in_cell

MEDIA_TYPE = "text/csv"
COLUMNS = (
    "intent", "threshold", "side", "event_id", "occurred_at", "score_before", "score_after", "amount", "label",
    "evidence_digest",
)  # fmt: skip


def export(change: ChangeRequest, rows: QuerySet[DecisionChange]) -> HttpResponse:
    """A download of these rows of a change request, in their order; they are few enough to be made at once."""
    answer = HttpResponse(as_csv(rows), content_type=f"{MEDIA_TYPE}; charset=utf-8")
    name = f"decision-changes-{change.tenant.slug}-{change.number}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def as_csv(rows: QuerySet[DecisionChange]) -> str:
    """A line for each, with a column for each context attribute that any of them has."""
    found = list(rows.values(*COLUMNS, "context"))
    attributes = sorted({name for row in found for name in row["context"]})
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*COLUMNS, *(f"context.{name}" for name in attributes)])
    writer.writerows(map(in_cell, _values(row, attributes)) for row in found)
    return out.getvalue()


def _values(row: dict[str, Any], attributes: list[str]) -> Iterator[Any]:
    for name in COLUMNS:
        yield row[name].isoformat() if name == "occurred_at" else row[name]
    for name in attributes:
        yield row["context"].get(name)
