"""The audit trail: who did what, when and why. Every service that changes something writes here, in its transaction."""

from contextlib import nullcontext
from typing import Any

from tenants.models import AuditEntry, Person, Tenant
from tenants.origin import current
from tenants.scope import platform_scope


def record(
    *,
    actor: Person | None,
    act: str,
    subject: object,
    tenant: Tenant | None = None,
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> AuditEntry:
    """Add an entry. `actor` None is the platform itself; `tenant` None concerns no single tenant.

    The address is that of the request which is being answered, or which has asked for the task, if there is one.
    """
    origin = current()
    # Entries of no tenant are the platform's, and a person of one tenant causes some too (a token of their own).
    with nullcontext() if tenant else platform_scope():
        return AuditEntry.objects.create(
            person=actor,
            tenant=tenant,
            act=act,
            subject=str(subject)[:200],
            reason=reason,
            details=details or {},
            address=origin.address if origin else None,
            request=origin.what[:200] if origin else "",
            origin=origin.id if origin else None,
        )
