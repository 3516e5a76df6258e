"""Setting whether an intent's shadows are tried, and for how long."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from models_app.successors.models import SuccessorPolicy
from tenants.audit_terms import AuditAction
from tenants.models import Intent, Person
from tenants.permissions import require
from tenants.roles import Permission
from tenants.services import record

FIELDS = ("trial_days", "enabled")


def set_successor_policy(*, actor: Person, intent: Intent, changes: Mapping[str, Any]) -> SuccessorPolicy:
    """Set what is given; who sets it proposes what comes of it. Raises ValidationError naming the field.

    It decides over nothing that is served: what trials propose is approved by others.
    """
    require(actor, Permission.PROPOSE, intent.tenant)
    with transaction.atomic():
        Intent.objects.select_for_update(no_key=True).get(pk=intent.pk)
        policy = SuccessorPolicy.objects.filter(intent=intent).first()
        was_enabled = policy is not None and policy.enabled
        policy = policy or SuccessorPolicy(tenant=intent.tenant, intent=intent)
        for name in FIELDS:
            setattr(policy, name, changes.get(name, getattr(policy, name)))
        policy.set_by = actor
        policy.since = policy.since if was_enabled else timezone.now()
        policy.full_clean()
        policy.save()
        act = AuditAction.SET_SUCCESSOR_POLICY
        record(actor=actor, act=act, subject=policy, tenant=intent.tenant, details=dict(changes))
    return policy
