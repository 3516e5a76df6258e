"""Delivering what waits: at least once, ever later, and given up after a day, which its log shows.

An attempt is noted, with the time of the next, before anything is sent. So a worker that dies only costs that time.
"""

import random
import smtplib
import time
from collections.abc import Sequence
from datetime import timedelta

import structlog
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from models_app.notifications import payloads, signature
from models_app.notifications.due import held
from models_app.notifications.events import KINDS, Event
from models_app.notifications.failures import in_words
from models_app.notifications.http import NotDelivered, post
from models_app.notifications.models import Delivery
from models_app.work.dispatch import LATER, send
from tenants.scope import platform_scope

MAX_ATTEMPTS = 7
FIRST_PAUSE, GROWTH = timedelta(minutes=1), 4  # 1, 4, 16, 64, 256, 1,024 minutes: 23 hours in all
AT_ONCE = 100  # notifications in one e-mail
TAKEN_UP = 500  # deliveries that one look hands to workers

log = structlog.get_logger(__name__)


def deliver(delivery_id: int) -> None:
    """Try a delivery that is due; an e-mail takes with it all that is due to the same person."""
    with platform_scope():
        claimed = _claim(delivery_id)
    if not claimed:
        return
    try:
        _send(claimed)
        error = ""
    except NotDelivered as failure:
        error = str(failure)
    except Exception as failure:  # an attempt like any other: it is tried again
        log.exception("a delivery broke off", delivery=delivery_id)
        error = f"{type(failure).__name__}: {failure}"
    with platform_scope():
        for each in claimed:
            _note(each, error)


def deliver_due() -> int:
    """Hand what is due to workers: what was due later, or whose message or worker was lost; how many."""
    with platform_scope():
        due = list(_due().order_by("due_at").values_list("pk", "person_id")[:TAKEN_UP])
    chosen = [pk for pk, person in due if person is None] + list({person: pk for pk, person in due if person}.values())
    for pk in chosen:
        send("deliver", pk, expires=10.0, priority=LATER)
    return len(chosen)


def pause(attempts: int) -> timedelta:
    """Return how long to wait for the next attempt, after so many."""
    return FIRST_PAUSE * GROWTH ** (attempts - 1)


def _due() -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=Delivery.State.WAITING, due_at__lte=timezone.now())


def _claim(delivery_id: int) -> list[Delivery]:
    """What this attempt is of; nothing where another worker is at it."""
    rows = _due().select_related("notification__tenant", "webhook", "person")
    locked = rows.select_for_update(of=("self",), skip_locked=True)
    first = locked.filter(pk=delivery_id).first()
    if first is None:
        return []
    claimed = [first]
    if first.person_id is not None:
        claimed += locked.filter(person=first.person_id).exclude(pk=first.pk).order_by("pk")[: AT_ONCE - 1]
    for each in claimed:
        each.attempts += 1
        each.tried_at = timezone.now()
        again = each.tried_at + pause(each.attempts) * random.uniform(1.0, 1.1)  # not all at once
        each.due_at = held(each, each.notification, again)
        each.save(update_fields=["attempts", "tried_at", "due_at"])
    return claimed


def _send(claimed: Sequence[Delivery]) -> None:
    first = claimed[0]
    if first.attempts > MAX_ATTEMPTS:
        raise NotDelivered(first.error or "workers died at it; see their log")
    if first.webhook is not None:
        _call(first)
    else:
        _mail(claimed)


def _call(delivery: Delivery) -> None:
    webhook, notification = delivery.webhook, delivery.notification
    assert webhook is not None
    if not webhook.is_active:
        raise NotDelivered("the webhook is off")
    body = payloads.body(notification)
    post(webhook.url, body, signature.headers(webhook.seed, f"msg_{notification.uid.hex}", int(time.time()), body))


def _mail(claimed: Sequence[Delivery]) -> None:
    person = claimed[0].person
    assert person is not None
    if settings.ENV["MUSE_EMAIL_URL"] is None:
        raise NotDelivered("e-mail is off (MUSE_EMAIL_URL)")
    if not (person.is_active and (person.wants_email or any(map(_goes_always, claimed)))):
        raise NotDelivered("this person gets no e-mail any more")
    try:
        payloads.email(person, [each.notification for each in claimed]).send()
    except (OSError, smtplib.SMTPException) as error:
        raise NotDelivered(in_words(error, "the mail server")) from None


def _goes_always(delivery: Delivery) -> bool:
    return KINDS[Event(delivery.notification.event)].always


def _note(delivery: Delivery, error: str) -> None:
    """Store the outcome, unless a later attempt has begun meanwhile."""
    mine = Delivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts, state=Delivery.State.WAITING)
    if not error:
        mine.update(state=Delivery.State.DELIVERED, delivered_at=timezone.now(), error="")
        return
    is_last = delivery.attempts >= MAX_ATTEMPTS
    mine.update(error=error, state=Delivery.State.GIVEN_UP if is_last else Delivery.State.WAITING)
    log.warning("not delivered", delivery=delivery.pk, attempt=delivery.attempts, last=is_last, error=error)
