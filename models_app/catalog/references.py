"""Naming reference distributions, the fixed distributions that scores follow."""

from typing import Any

from django.db import transaction

from models_app.catalog.models import ReferenceDistribution
from models_app.inputs.errors import invalid
from models_app.inputs.versions import checked_name, next_version
from models_app.statistics.references import Reference, reference_from
from models_app.statistics.resolution import check_steps
from tenants.audit_terms import AuditAction
from tenants.models import Person
from tenants.permissions import require
from tenants.roles import Permission
from tenants.services import record


def create_reference(
    *, actor: Person | None, name: str, kind: str, parameters: dict[str, Any], notes: str = ""
) -> ReferenceDistribution:
    """The next version of `name`, for good."""
    require(actor, Permission.EDIT_SHARED)
    checked_name(name)
    checked = checked_parameters(kind, parameters)
    with transaction.atomic():
        reference = ReferenceDistribution.objects.create(
            name=name,
            version=next_version(ReferenceDistribution, name),
            kind=kind,
            parameters={key: value for key, value in checked.parameters().items() if key != "kind"},
            notes=notes,
            created_by=actor,
        )
        details = {"kind": kind, "parameters": reference.parameters}
        record(actor=actor, act=AuditAction.CREATE_REFERENCE, subject=reference, details=details)
    return reference


def mathematical(reference: ReferenceDistribution) -> Reference:
    """The distribution itself, to compute with."""
    return reference_from(reference.kind, reference.parameters)


def checked_parameters(kind: str, parameters: dict[str, Any]) -> Reference:
    """The distribution of these parameters. Raises ValidationError naming the field."""
    try:
        checked = reference_from(kind, parameters)
    except ValueError as error:
        place, _, message = str(error).partition(": ")
        if not message:
            raise invalid("parameters", str(error)) from None
        field = place if place in ("kind", "parameters") or place.startswith("parameters.") else f"parameters.{place}"
        raise invalid(field, message) from None
    try:
        check_steps(checked)  # not asked of what is stored: that stays what it was made as
    except ValueError as error:
        raise invalid("parameters", str(error)) from None
    return checked
