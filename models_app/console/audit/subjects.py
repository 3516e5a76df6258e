"""The page of the row that an entry of the audit trail is about, where it has one and the row is still there."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, F, Model, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Concat

from models_app.catalog.models import ModelVersion, PredictorVersion, ReferenceDistribution
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest, ReviewPolicy
from models_app.console.ui.panels import Cell, address
from models_app.replacements.models import Replacement
from models_app.transforms.models import Fit, Transform
from scoring.models import Release
from tenants.audit_terms import SubjectType
from tenants.models import AuditEntry, Intent, Tenant


@dataclass(frozen=True)
class _Place:
    """The page of a kind of row, by its name in urls.py, and which of its parts hold the row's `key`.

    `is_of_tenant`: the page is below the entry's tenant.
    """

    page: str
    parts: tuple[str, ...]
    model: type[Model]
    key: Any
    is_of_tenant: bool = True

    def key_of_row(self) -> Subquery:
        rows = self.model._default_manager.filter(pk=OuterRef("subject_id"))
        return Subquery(rows.annotate(row_key=Cast(self.key, CharField())).values("row_key")[:1])


_VERSION = Concat(F("name"), Value("@"), F("version"), output_field=CharField())
_VERSIONED = ("name", "version")
_PLACES = {
    SubjectType.CHANGE_REQUEST: _Place("change", ("change",), ChangeRequest, F("number")),
    SubjectType.EVIDENCE: _Place("change", ("change",), Evidence, F("change_request__number")),
    SubjectType.RELEASE: _Place("release", ("number",), Release, F("number")),
    SubjectType.FIT: _Place("fit", ("fit",), Fit, F("pk")),
    SubjectType.TRANSFORM: _Place("transform", ("transform",), Transform, F("pk")),
    SubjectType.INTENT: _Place("intent", ("intent",), Intent, F("name")),
    SubjectType.TENANT: _Place("tenant", ("tenant",), Tenant, F("slug"), is_of_tenant=False),
    SubjectType.REVIEW_POLICY: _Place("policy", ("tenant",), ReviewPolicy, F("tenant__slug"), is_of_tenant=False),
    SubjectType.MODEL_VERSION: _Place("model", _VERSIONED, ModelVersion, _VERSION, is_of_tenant=False),
    SubjectType.PREDICTOR_VERSION: _Place("predictor", _VERSIONED, PredictorVersion, _VERSION, is_of_tenant=False),
    SubjectType.REFERENCE_DISTRIBUTION: _Place(
        "reference", _VERSIONED, ReferenceDistribution, _VERSION, is_of_tenant=False
    ),
    SubjectType.REPLACEMENT: _Place("replacement", ("proposal",), Replacement, F("pk"), is_of_tenant=False),
}


def with_keys(entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
    """With `row_key`: how addresses call the row, in the same query; empty where it has no page or is gone."""
    keys = (When(subject_type=kind, then=place.key_of_row()) for kind, place in _PLACES.items())
    return entries.annotate(row_key=Case(*keys, output_field=CharField()))


def subject(entry: Any) -> Cell:
    """How the row was called, with the way to its page; `entry` is one of `with_keys`."""
    if not entry.row_key:
        return Cell(entry.subject)
    place = _PLACES[entry.subject_type]
    where = dict(zip(place.parts, entry.row_key.split("@"), strict=True))
    if place.is_of_tenant:
        where["tenant"] = entry.tenant.slug
    return Cell(entry.subject, href=address(place.page, **where))
