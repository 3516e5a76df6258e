"""The page of the row that an entry of the audit trail is about, where it has one and the row is still there."""

from typing import Any

from django.db.models import Case, JSONField, OuterRef, QuerySet, Subquery, When

from models_app.console.audit.naming import KINDS, Kind
from models_app.console.ui.panels import Cell
from tenants.models import AuditEntry


def with_places(entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
    """Add `place` to entries: what the row's address is made of; None where it has no page or is gone."""
    places = (When(subject_type=name, then=_place(kind)) for name, kind in KINDS.items() if kind.page)
    return entries.annotate(place=Case(*places, output_field=JSONField()))


def _place(kind: Kind) -> Subquery:
    rows = kind.model._default_manager.filter(**{kind.key: OuterRef("subject_id")})
    return Subquery(rows.values_list(kind.values)[:1])


def subject(entry: Any) -> Cell:
    """How the row was called, with the way to its page; `entry` is one of `with_places`."""
    href = KINDS[entry.subject_type].address(entry.place) if entry.place else ""
    return Cell(entry.subject, href=href)
