"""Who is told: the people whose role makes it theirs, and the webhooks that ask for it."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q, QuerySet

from models_app.notifications.events import KINDS, Audience, Event
from models_app.notifications.models import Webhook
from tenants.models import Person, Tenant
from tenants.roles import ALLOWED, Permission, Role


def webhooks_for(event: Event, tenant: Tenant | None) -> QuerySet[Webhook]:
    """The tenant's own and the platform's. In the platform's scope."""
    return Webhook.objects.filter(Q(tenant=tenant) | Q(tenant=None), is_active=True, events__contains=[str(event)])


def people_for(
    event: Event, tenant: Tenant | None, *, author: Person | None, without: Iterable[Person], reviewers_may: Permission
) -> list[Person]:
    """Who gets an e-mail, in the platform's scope: nobody where e-mail is off, nor who wants none and need not know."""
    if settings.ENV["MUSE_EMAIL_URL"] is None:
        return []
    people = Person.objects.filter(is_active=True)
    wanting = people if KINDS[event].always else people.filter(wants_email=True)
    chosen = _chosen(KINDS[event].to, wanting, tenant, author, reviewers_may)
    return list(chosen.exclude(pk__in=[each.pk for each in without]).order_by("pk").distinct())


def _chosen(
    to: Audience, people: QuerySet[Person], tenant: Tenant | None, author: Person | None, reviewers_may: Permission
) -> QuerySet[Person]:
    if to is Audience.AUTHOR:
        return people.filter(pk=author.pk) if author else people.none()
    if to is Audience.APPROVERS:
        roles = [role for role, acts in ALLOWED.items() if reviewers_may in acts]
        return people.filter(
            Q(memberships__tenant=tenant) | Q(memberships__tenant__isnull=True), memberships__role__in=roles
        )
    if to is Audience.EVERYBODY:
        admins = Q(memberships__tenant__isnull=True, memberships__role=Role.ADMIN)
        return people.filter(Q(memberships__tenant=tenant) | admins if tenant else admins)
    return people.none()
