"""Whom the organisation's provider means: a person is linked with one of its subjects, and the audit trail has it."""

from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from tenants.audit_terms import AuditAction
from tenants.caller import current
from tenants.models import Person
from tenants.permissions import require
from tenants.refusals import Conflict
from tenants.roles import Permission
from tenants.services import record


@transaction.atomic
def link(*, person: Person, issuer: str, subject: str) -> None:
    """Have a subject of an issuer mean a person, from now on. Raises Conflict where another one does.

    An address is given to somebody else one day, a subject is not: so who has the address, but is another subject,
    is not let in as whoever had it before.
    """
    Person.objects.select_for_update().get(pk=person.pk)
    held = set(SocialAccount.objects.filter(user=person, provider=issuer).values_list("uid", flat=True))
    if held - {subject}:
        raise Conflict(f"{person.email} is linked with another subject of {issuer}")
    SocialAccount.objects.get_or_create(user=person, provider=issuer, uid=subject)


def is_linked(person: Person) -> bool:
    """Whether the provider means somebody; in a list read with their `socialaccount_set`, without a query for each."""
    return bool(person.socialaccount_set.all())  # type: ignore[attr-defined]  # allauth has no types


@transaction.atomic
def unlink(*, person: Person, actor: Person | None) -> None:
    """Forget whom the provider means by a person, so that their address decides once more: by a platform admin."""
    require(actor, Permission.MANAGE_PLATFORM)
    links = list(SocialAccount.objects.filter(user=person))
    if not links:
        raise Conflict(f"{person.email} is not linked with single sign-on")
    for each in links:
        each.delete()


@receiver(post_save, sender=SocialAccount)
def linked(sender: Any, instance: SocialAccount, created: bool, **_: Any) -> None:
    """Note a new link. It is the person's own act: they have just shown who they are."""
    if created:
        _note(instance, AuditAction.LINK_SIGN_ON, instance.user)


@receiver(post_delete, sender=SocialAccount)
def unlinked(sender: Any, instance: SocialAccount, **_: Any) -> None:
    """Note that a link is gone."""
    _note(instance, AuditAction.UNLINK_SIGN_ON, current().person)


def _note(instance: SocialAccount, act: AuditAction, actor: Person | None) -> None:
    details = {"issuer": instance.provider, "subject": instance.uid}
    record(actor=actor, act=act, subject=instance.user, details=details)
