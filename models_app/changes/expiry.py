"""What nobody has decided in time ends by itself."""

from django.db import transaction
from django.utils import timezone

from models_app.changes.models import ChangeRequest
from models_app.changes.notify import tell_of_change
from models_app.changes.transitions import EXPIRE, held, move
from models_app.notifications.events import Event
from tenants.audit_terms import AuditAction
from tenants.scope import platform_scope, tenant_scope
from tenants.services import record


def expire_changes() -> int:
    """End the open change requests whose time is over; how many."""
    with platform_scope():
        due = ChangeRequest.objects.filter(state__in=ChangeRequest.OPEN, expires_at__lte=timezone.now())
        found = list(due)
    for change in found:
        with tenant_scope(change.tenant_id), transaction.atomic():
            _expire(change)
    return len(found)


def _expire(change: ChangeRequest) -> None:
    standing = held(change, None)
    if standing.change.state not in EXPIRE.sources:
        return  # somebody was faster
    move(standing, EXPIRE)
    standing.change.decided_at = timezone.now()
    standing.change.save()
    record(actor=None, act=AuditAction.EXPIRE, subject=standing.change, tenant=standing.change.tenant)
    tell_of_change(Event.EXPIRED, standing.change, actor=None)
