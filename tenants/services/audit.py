"""The audit trail: who did what, when and why. Every service that changes something writes here, in its transaction."""

from contextlib import nullcontext
from typing import Any

from django.db.models import Model

from tenants.audit_terms import AuditAction, SubjectType
from tenants.history import kind_of
from tenants.models import AuditEntry, Person, Tenant
from tenants.origin import current
from tenants.scope import platform_scope


def record(
    *,
    actor: Person | None,
    act: AuditAction,
    subject: Model,
    tenant: Tenant | None = None,
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> AuditEntry:
    """Add an entry. `actor` None is the platform itself; `tenant` None concerns no single tenant.

    `subject` is the row that it was done to, of a kind that SubjectType has: kept by type and primary key, and as it is
    called now (`audit_name`, else as text). Raises ValueError for what is not of the trail's terms.

    The address is that of the request which is being answered, or which has asked for the task, if there is one.
    """
    origin = current()
    # Entries of no tenant are the platform's, and a person of one tenant causes some too (a token of their own).
    with nullcontext() if tenant else platform_scope():
        return AuditEntry.objects.create(
            person=actor,
            tenant=tenant,
            act=AuditAction(act),
            subject=str(getattr(subject, "audit_name", subject))[:200],
            subject_type=SubjectType(kind_of(subject)),
            subject_id=subject.pk,
            reason=reason,
            details=details or {},
            address=origin.address if origin else None,
            request=origin.what[:200] if origin else "",
            origin=origin.id if origin else None,
        )
