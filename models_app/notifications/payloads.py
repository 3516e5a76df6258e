"""What is sent: the body of a webhook call, and an e-mail."""

import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage

from models_app.notifications.events import KINDS, Event
from models_app.notifications.models import Notification
from tenants.models import Person


def body(notification: Notification) -> bytes:
    """Standard Webhooks' payload: type, timestamp, data."""
    data: dict[str, Any] = {
        "tenant": notification.tenant.slug if notification.tenant else None,
        "title": notification.title,
        "text": notification.text,
        "url": link(notification),
        **notification.data,
    }
    content = {"type": notification.event, "timestamp": notification.created_at.isoformat(), "data": data}
    return json.dumps(content, separators=(",", ":")).encode()


def email(person: Person, notifications: Sequence[Notification]) -> EmailMessage:
    """One e-mail for all that waits for this person."""
    first, count = notifications[0], len(notifications)
    title = first.title if count == 1 else f"{first.title} (and {count - 1} more)"
    text = "\n\n".join([*(_paragraph(each) for each in notifications), _foot(notifications)])
    return EmailMessage(subject=f"[MUSE] {' '.join(title.split())}", body=text, to=[person.email])


def link(notification: Notification) -> str:
    """Return the link to the console's page; only its path where the console's address is not known."""
    return f"{settings.ENV['MUSE_CONSOLE_URL'].rstrip('/')}{notification.page}"


def _foot(notifications: Sequence[Notification]) -> str:
    if any(KINDS[Event(each.event)].always for each in notifications):
        return "You get this because you log in to MUSE, whether or not you want its other e-mails."
    return "You get this for your roles in MUSE. “My account” in the console turns e-mail off."


def _paragraph(notification: Notification) -> str:
    return "\n".join(part for part in (f"{notification.title}.", notification.text, link(notification)) if part)
