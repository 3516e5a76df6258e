"""Setting up webhooks, trying them, and sending again what did not arrive."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from models_app.inputs.errors import invalid
from models_app.notifications import signature
from models_app.notifications.addresses import Refused, check_url
from models_app.notifications.events import KINDS, SUBSCRIBABLE, Event
from models_app.notifications.models import Delivery, Notification, Webhook
from models_app.notifications.notify import write
from models_app.work.dispatch import send_after_commit
from tenants.audit_terms import AuditAction
from tenants.models import Person, Tenant
from tenants.permissions import require
from tenants.refusals import Conflict
from tenants.roles import Permission
from tenants.services import record

MOST = 20  # webhooks of one tenant: each is called for each event


@transaction.atomic
def create_webhook(
    *, actor: Person | None, tenant: Tenant | None, url: str, events: Iterable[str], keeps_quiet_hours: bool = False
) -> tuple[Webhook, str]:
    """An address to call when one of the events happens: in a tenant, or (None) in all. Its secret is returned once.

    Raises ValidationError naming the field.
    """
    _require_management(actor, tenant)
    if Webhook.objects.filter(tenant=tenant).count() >= MOST:
        raise Conflict(f"there are {MOST} webhooks already; remove one that is not needed")
    quiet = {"keeps_quiet_hours": keeps_quiet_hours}
    webhook = Webhook(tenant=tenant, seed=signature.new_seed(), created_by=actor, **quiet)
    _fill_in(webhook, {"url": url, "events": events})
    webhook.save()
    _record(AuditAction.CREATE_WEBHOOK, webhook, actor, {"url": webhook.url, "events": webhook.events, **quiet})
    return webhook, signature.secret_of(webhook.seed)


@transaction.atomic
def change_webhook(*, actor: Person | None, webhook: Webhook, changes: Mapping[str, Any]) -> Webhook:
    """Change what is given of `url`, `events`, `is_active` and `keeps_quiet_hours`."""
    webhook = _held(actor, webhook)
    _fill_in(webhook, changes)
    webhook.save()
    _record(AuditAction.CHANGE_WEBHOOK, webhook, actor, dict(changes))
    return webhook


@transaction.atomic
def rotate_secret(*, actor: Person | None, webhook: Webhook) -> tuple[Webhook, str]:
    """A new secret in the place of the old, which no longer signs anything. It is returned once."""
    webhook = _held(actor, webhook)
    webhook.seed = signature.new_seed()
    webhook.save(update_fields=["seed"])
    _record(AuditAction.ROTATE_WEBHOOK_SECRET, webhook, actor)
    return webhook, signature.secret_of(webhook.seed)


@transaction.atomic
def remove_webhook(*, actor: Person | None, webhook: Webhook) -> None:
    """Take it out, with the log of its deliveries."""
    webhook = _held(actor, webhook)
    _record(AuditAction.REMOVE_WEBHOOK, webhook, actor, {"url": webhook.url})
    webhook.delete()


@transaction.atomic
def send_test(*, actor: Person | None, webhook: Webhook) -> Delivery:
    """Send a test now, as an event would be."""
    webhook = _held(actor, webhook)
    _check_active(webhook)
    test = Notification(tenant=webhook.tenant, event=Event.TEST, title=f"This {KINDS[Event.TEST].words}")
    delivery = Delivery(tenant=webhook.tenant, webhook=webhook)
    write(test, [delivery])
    _record(AuditAction.TEST_WEBHOOK, webhook, actor)
    return delivery


@transaction.atomic
def redeliver(*, actor: Person | None, delivery: Delivery) -> Delivery:
    """Send it once more, now, with its first id, whatever has become of it; its attempts count from none again."""
    _require_management(actor, delivery.tenant)
    delivery = Delivery.objects.select_for_update(of=("self",)).select_related("tenant", "webhook").get(pk=delivery.pk)
    if delivery.webhook is not None:
        _check_active(delivery.webhook)
    delivery.state, delivery.attempts, delivery.due_at = Delivery.State.WAITING, 0, timezone.now()
    delivery.save(update_fields=["state", "attempts", "due_at"])
    record(actor=actor, act=AuditAction.REDELIVER, subject=delivery, tenant=delivery.tenant)
    send_after_commit("deliver", delivery.pk)
    return delivery


def _fill_in(webhook: Webhook, changes: Mapping[str, Any]) -> None:
    if "url" in changes:
        webhook.url = _checked_url(changes["url"])
    if "events" in changes:
        webhook.events = _checked_events(changes["events"])
    for name in ("is_active", "keeps_quiet_hours"):
        if name in changes:
            setattr(webhook, name, changes[name])


def _checked_url(url: str) -> str:
    if len(url) > 2000:
        raise invalid("url", f"expected at most 2,000 characters, found {len(url):,}")
    try:
        return str(check_url(url.strip()))
    except Refused as error:
        raise invalid("url", str(error)) from None


def _checked_events(events: Iterable[str]) -> list[str]:
    chosen = sorted(set(events))
    if unknown := [each for each in chosen if each not in SUBSCRIBABLE]:
        raise invalid("events", f"expected some of {', '.join(SUBSCRIBABLE)}; found {', '.join(unknown)}")
    if not chosen:
        raise invalid("events", f"expected at least one of {', '.join(SUBSCRIBABLE)}")
    return chosen


def _check_active(webhook: Webhook) -> None:
    if not webhook.is_active:
        raise Conflict("the webhook is off; turn it on first")


def _held(actor: Person | None, webhook: Webhook) -> Webhook:
    _require_management(actor, webhook.tenant)
    return Webhook.objects.select_for_update(of=("self",)).select_related("tenant").get(pk=webhook.pk)


def _require_management(actor: Person | None, tenant: Tenant | None) -> None:
    require(actor, Permission.MANAGE_TENANT if tenant else Permission.MANAGE_PLATFORM, tenant)


def _record(act: AuditAction, webhook: Webhook, actor: Person | None, details: dict[str, Any] | None = None) -> None:
    record(actor=actor, act=act, subject=webhook, tenant=webhook.tenant, details=details)
