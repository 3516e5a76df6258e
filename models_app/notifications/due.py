"""When a notification is sent: at once, together with others that come soon, or after quiet hours.

It is a row's `due_at`, so what is held or gathered outlives any worker.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Min

from models_app.notifications.events import KINDS, Audience, Event
from models_app.notifications.models import Delivery, Notification
from tenants import quiet_hours
from tenants.models import Person

# E-mails wait so long for others to the same person, and go as one: a replacement may ask for a hundred reviews.
GATHERING = timedelta(seconds=30)
_URGENT_INCIDENTS = {"risk"}


def is_urgent(notification: Notification) -> bool:
    """Whether it passes through quiet hours: what scoring fails at, an emergency publish, and a possible attack."""
    event = Event(notification.event)
    return KINDS[event].is_urgent or (
        event is Event.INCIDENT_OPENED and notification.data.get("kind") in _URGENT_INCIDENTS
    )


def set_due(notification: Notification, deliveries: Sequence[Delivery], now: datetime) -> None:
    """Say of each when it is sent, before it is kept."""
    gathered = _gathered(notification, deliveries, now)
    for each in deliveries:
        due = gathered.get(each.person_id, now) if each.person_id else now
        each.due_at = held(each, notification, due)


def held(delivery: Delivery, notification: Notification, at: datetime) -> datetime:
    """At this time, or after the quiet hours that it is in: the person's own, or else the tenant's.

    Webhooks have the tenant's, where they ask for it.
    """
    quiet = quiet_hours.read(_of(delivery, notification))
    return at if quiet is None or is_urgent(notification) else quiet.held_until(at)


def _of(delivery: Delivery, notification: Notification) -> str:
    of_tenant = notification.tenant.quiet_hours if notification.tenant else ""
    if delivery.person is not None:
        return delivery.person.quiet_hours or of_tenant
    keeps = delivery.webhook is not None and delivery.webhook.keeps_quiet_hours
    return of_tenant if keeps else ""


def _gathered(notification: Notification, deliveries: Sequence[Delivery], now: datetime) -> dict[int, datetime]:
    """By person, when an e-mail goes with others: incidents of a tenant with the first that waits, others soon."""
    people = [each.person for each in deliveries if each.person is not None]
    if is_urgent(notification):
        return {}
    if notification.event == Event.INCIDENT_OPENED:
        window = timedelta(seconds=settings.ENV["MUSE_INCIDENT_GROUPING_SECONDS"])
        waiting = _waiting(notification, people, now)
        return {each.pk: min(waiting.get(each.pk, now + window), now + window) for each in people}
    pause = timedelta() if KINDS[Event(notification.event)].to is Audience.EVERYBODY else GATHERING
    return {each.pk: now + pause for each in people}


def _waiting(notification: Notification, people: Sequence[Person], now: datetime) -> dict[int, datetime]:
    """By person, when the first e-mail of another incident of this tenant goes that was not tried yet."""
    rows = Delivery.objects.filter(
        tenant=notification.tenant,
        person__in=people,
        state=Delivery.State.WAITING,
        attempts=0,
        due_at__gt=now,
        notification__event=Event.INCIDENT_OPENED,
    )
    return dict(rows.order_by().values_list("person").annotate(first=Min("due_at")))
