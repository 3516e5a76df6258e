"""Setting how often an intent is refreshed."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from models_app.refreshes.models import RefreshPolicy
from tenants.audit_terms import AuditAction
from tenants.models import Intent, Person
from tenants.permissions import require
from tenants.roles import Permission
from tenants.services import record

FIELDS = ("schedule", "window_days", "half_life_days", "enabled")


def set_refresh_policy(*, actor: Person, intent: Intent, changes: Mapping[str, Any]) -> RefreshPolicy:
    """Set what is given; who sets it proposes what comes of it. Raises ValidationError naming the field.

    It decides over nothing that is served: what refreshes propose is approved by others.
    """
    require(actor, Permission.PROPOSE, intent.tenant)
    with transaction.atomic():
        Intent.objects.select_for_update(no_key=True).get(pk=intent.pk)
        policy = RefreshPolicy.objects.filter(intent=intent).first()
        was_enabled = policy is not None and policy.enabled
        policy = policy or RefreshPolicy(tenant=intent.tenant, intent=intent)
        for name in FIELDS:
            setattr(policy, name, changes.get(name, getattr(policy, name)))
        policy.set_by = actor
        policy.since = policy.since if was_enabled else timezone.now()
        policy.full_clean()
        policy.save()
        record(
            actor=actor, act=AuditAction.SET_REFRESH_POLICY, subject=policy, tenant=intent.tenant, details=dict(changes)
        )
    return policy
