"""Writing a notification and its deliveries, in the transaction of what it tells."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from models_app.notifications.due import set_due
from models_app.notifications.events import KINDS, Event
from models_app.notifications.models import Delivery, Notification
from models_app.notifications.recipients import people_for, webhooks_for
from models_app.work.dispatch import send_after_commit
from tenants.audit_chain import head_of
from tenants.models import Person, Tenant
from tenants.roles import Permission
from tenants.scope import platform_scope


def tell(
    event: Event,
    *,
    tenant: Tenant | None,
    subject: str,
    page: str,
    text: str = "",
    data: Mapping[str, Any] | None = None,
    author: Person | None = None,
    without: Iterable[Person | None] = (),
    reviewers_may: Permission = Permission.APPROVE,
) -> Notification | None:
    """Tell that something happened to `subject` of the tenant, or (None) of the platform.

    Returns None where nobody is to be told.

    `author`: whose it is. `without`: who need not be told, for they did it. `reviewers_may`: what makes somebody a
    reviewer, where reviewers are told.
    """
    with platform_scope():
        webhooks = webhooks_for(event, tenant)
        doers = [each for each in without if each]
        people = people_for(event, tenant, author=author, without=doers, reviewers_may=reviewers_may)
        rows = [Delivery(tenant_id=each.tenant_id, webhook=each) for each in webhooks]
        rows += [Delivery(tenant=tenant, person=each) for each in people]
        if not rows:
            return None
        title = f"{subject} {KINDS[event].words}"[:300]
        payload = {**(data or {}), "audit": _audit_head(tenant)} if webhooks else dict(data or {})
        told = Notification(tenant=tenant, event=event, title=title, text=text, page=page, data=payload)
        set_due(told, rows, timezone.now())
        return write(told, rows)


def _audit_head(tenant: Tenant | None) -> str:
    """The head of the audit trail as it is now: who keeps what webhooks are sent can tell that it was tampered with."""
    return str(head_of(tenant.pk if tenant else None) or "")


def write(notification: Notification, deliveries: list[Delivery]) -> Notification:
    """Keep it with its deliveries; workers take up those that are due once this has committed."""
    notification.save()
    for each in deliveries:
        each.notification = notification
    Delivery.objects.bulk_create(deliveries)
    for each in deliveries:
        if each.due_at <= timezone.now():
            send_after_commit("deliver", each.pk)
    return notification
