"""What a tenant asks of a change before it is served."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from models_app.changes.models import ReviewPolicy
from models_app.changes.selectors import policy_of
from models_app.inputs.errors import invalid
from tenants.audit_terms import AuditAction
from tenants.models import Person, Tenant
from tenants.permissions import require
from tenants.roles import Permission
from tenants.services import record

FIELDS = (
    "approvals_needed",
    "approver_role",
    "tolerance",
    "tolerances",
    "alerts_a_day",
    "risk_tolerance",
    "segment_tolerance",
    "recall_tolerance",
    "expires_after_days",
    "evidence_days",
    "publish_when_approved",
    "second_factor",
)


def set_policy(*, actor: Person | None, tenant: Tenant, changes: Mapping[str, Any], reason: str = "") -> ReviewPolicy:
    """Set what is given; open change requests go by it from now on. Raises ValidationError naming the field.

    Callers see to it that a second person has agreed, where that is needed (models_app.changes.policy_changes).
    """
    require(actor, Permission.MANAGE_TENANT, tenant)
    with transaction.atomic():
        Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
        policy = policy_of(tenant)
        for name in FIELDS:
            if name in changes:
                setattr(policy, name, changes[name])
        _check_tolerances(policy.tolerances)
        policy.full_clean()
        policy.save()
        act, details = AuditAction.SET_REVIEW_POLICY, dict(changes)
        record(actor=actor, act=act, subject=policy, tenant=tenant, reason=reason, details=details)
    return policy


def _check_tolerances(tolerances: Any) -> None:
    if not isinstance(tolerances, dict):
        raise invalid("tolerances", "expected an object with tolerances by “<intent>/<threshold>”")
    for name, value in tolerances.items():
        sound = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1
        if not sound or name.count("/") != 1:
            raise invalid(
                f"tolerances.{name}", f"expected a share above 0, at most 1, by “<intent>/<threshold>”: {value}"
            )
