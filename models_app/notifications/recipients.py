"""Who is told: the people whose role makes it theirs, and the webhooks that ask for it."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q, QuerySet

from models_app.models import Webhook
from models_app.notifications.events import KINDS, Audience, Event
from models_app.selectors.changes import policy_of
from tenants.models import Person, Tenant
from tenants.roles import ALLOWED, Act, Role


def webhooks_for(event: Event, tenant: Tenant) -> QuerySet[Webhook]:
    """The tenant's own and the platform's. In the platform's scope."""
    return Webhook.objects.filter(Q(tenant=tenant) | Q(tenant=None), is_active=True, events__contains=[str(event)])


def people_for(event: Event, tenant: Tenant, *, author: Person | None, without: Iterable[Person]) -> list[Person]:
    """Who gets an e-mail: nobody where e-mail is off, nobody who does not want any. In the platform's scope."""
    if settings.ENV["MUSE_EMAIL_URL"] is None:
        return []
    people = Person.objects.filter(is_active=True, wants_email=True)
    chosen = _chosen(KINDS[event].to, people, tenant, author)
    return list(chosen.exclude(pk__in=[each.pk for each in without]).order_by("pk").distinct())


def _chosen(to: Audience, people: QuerySet[Person], tenant: Tenant, author: Person | None) -> QuerySet[Person]:
    if to is Audience.AUTHOR:
        return people.filter(pk=author.pk) if author else people.none()
    if to is Audience.APPROVERS:
        act = Act.MANAGE_TENANT if policy_of(tenant).approver_role == Role.ADMIN else Act.APPROVE
        roles = [role for role, acts in ALLOWED.items() if act in acts]
        return people.filter(
            Q(memberships__tenant=tenant) | Q(memberships__tenant__isnull=True), memberships__role__in=roles
        )
    if to is Audience.EVERYBODY:
        admins = Q(memberships__tenant__isnull=True, memberships__role=Role.ADMIN)
        return people.filter(Q(memberships__tenant=tenant) | admins)
    return people.none()
