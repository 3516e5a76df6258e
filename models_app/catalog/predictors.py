"""Composing predictor versions: which models, each with its correction and weight, and how they are aggregated."""

import math
from collections.abc import Sequence
from typing import TypedDict

from django.db import transaction

from models_app.catalog.models import ModelVersion, PredictorMember, PredictorVersion
from models_app.catalog.register import check_beta
from models_app.catalog.selectors import model_by_key
from models_app.inputs.errors import invalid
from models_app.inputs.schema import difference, read_features
from models_app.inputs.versions import checked_name, next_version
from scoring.engine.document import Feature
from tenants.audit_terms import AuditAction
from tenants.models import Person
from tenants.permissions import require
from tenants.roles import Permission
from tenants.services import record


class MemberSpec(TypedDict, total=False):
    """A model by key (`old@1`); `beta` defaults to the model's own, `weight` to 1."""

    model: str
    beta: float | None
    weight: float


def create_predictor(
    *,
    actor: Person | None,
    name: str,
    members: Sequence[MemberSpec],
    aggregation: str = PredictorVersion.Aggregation.MEAN,
    notes: str = "",
) -> PredictorVersion:
    """The next version of `name`, for good. Its models must be usable and agree on the features that they share."""
    require(actor, Permission.EDIT_SHARED)
    checked_name(name)
    if aggregation not in PredictorVersion.Aggregation.values:
        known = ", ".join(PredictorVersion.Aggregation.values)
        raise invalid("aggregation", f"expected one of {known}, found {aggregation!r}")
    with transaction.atomic():
        rows = members_of(members)
        predictor = PredictorVersion.objects.create(
            name=name,
            version=next_version(PredictorVersion, name),
            aggregation=aggregation,
            notes=notes,
            created_by=actor,
        )
        for row in rows:
            row.predictor = predictor
        PredictorMember.objects.bulk_create(rows)
        details = {"aggregation": aggregation, "members": [row.model.key for row in rows]}
        record(actor=actor, act=AuditAction.CREATE_PREDICTOR, subject=predictor, details=details)
    return predictor


def members_of(members: Sequence[MemberSpec]) -> list[PredictorMember]:
    """Members in their order, of no predictor yet. Raises ValidationError naming the place."""
    if not members:
        raise invalid("members", "expected at least one model, found none")
    rows: list[PredictorMember] = []
    for position, spec in enumerate(members):
        row = _member(f"members[{position}]", position, spec)
        if any(row.model == other.model for other in rows):
            raise invalid(f"members[{position}].model", f"{row.model.key} is in the predictor already")
        rows.append(row)
    if not math.isfinite(sum(row.weight for row in rows)):
        raise invalid("members[0].weight", "expected weights with a finite sum: divide all by the largest")
    _check_features_agree([row.model for row in rows])
    return rows


def _member(place: str, position: int, spec: MemberSpec) -> PredictorMember:
    model = model_by_key(spec["model"], f"{place}.model")
    if model.state != ModelVersion.State.USABLE:
        why = f": {model.reason}" if model.reason else "; wait for its check"
        raise invalid(f"{place}.model", f"expected a usable model, {model.key} is {model.state}{why}")
    given = spec.get("beta")
    beta, weight = model.beta if given is None else given, spec.get("weight", 1.0)
    check_beta(beta, f"{place}.beta")
    if isinstance(weight, bool) or not 0 < weight < math.inf:
        raise invalid(f"{place}.weight", f"expected a finite number above 0, found {weight!r}")
    return PredictorMember(position=position, model=model, beta=beta, weight=weight)


def _check_features_agree(models: Sequence[ModelVersion]) -> None:
    """A client sends a feature once, so all models must mean the same by its name."""
    seen: dict[str, tuple[Feature, str]] = {}
    for position, model in enumerate(models):
        for feature in read_features(model.features):
            known, owner = seen.setdefault(feature.name, (feature, model.key))
            conflict = difference(known, feature)
            if conflict:
                raise invalid(
                    f"members[{position}].model",
                    f"feature '{feature.name}' means another thing to {owner} than to {model.key}: {conflict}",
                )
