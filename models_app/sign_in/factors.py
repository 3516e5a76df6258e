"""People's second factors: each one added or removed stands in the audit trail, and who lost theirs gets a link."""

from datetime import timedelta
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import authenticate
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.urls import reverse

from models_app.inputs.errors import invalid
from models_app.work.dispatch import send_after_commit
from tenants.audit_terms import AuditAction
from tenants.caller import current
from tenants.models import Person
from tenants.permissions import require
from tenants.refusals import Conflict
from tenants.roles import Permission
from tenants.services import passwords_go_by_link, record

Type = Authenticator.Type
PROOFS = (Type.TOTP, Type.WEBAUTHN)  # recovery codes stand in for one of these
LINK_HOLDS = timedelta(days=1)

_SALT = "models_app.sign_in.factors"
_LINK = """{name}, {admin} lets you take off your second factor for MUSE, so that you can set up another:

{link}

It holds for a day; you need your password beside it. If you have not asked for this, tell another admin."""


def has_factor(person: Person) -> bool:
    """Whether somebody has an authenticator app or a passkey."""
    return Authenticator.objects.filter(user=person, type__in=PROOFS).exists()


def holds_factor(person: Person) -> bool:
    """As `has_factor`, of somebody in a list that was read with their `authenticator_set`: no query for each row."""
    held: QuerySet[Authenticator] = person.authenticator_set.all()  # type: ignore[attr-defined]  # allauth has no types
    return any(each.type in PROOFS for each in held)


def send_recovery_link(*, person: Person, actor: Person | None) -> None:
    """Let somebody who lost their second factor take it off: by a platform admin, never for themselves.

    Where links are sent, it is the person who does so, by a link to their own address and with their password; else
    it is taken off here. Raises Conflict where there is nothing to take off.
    """
    require(actor, Permission.MANAGE_PLATFORM)
    if actor is not None and actor.pk == person.pk:
        raise PermissionDenied("Nobody recovers their own second factor. Ask another admin of the platform.")
    if not has_factor(person):
        raise Conflict(f"{person.email} has no second factor")
    with transaction.atomic():
        record(actor=actor, act=AuditAction.RECOVER_SECOND_FACTOR, subject=person)
        if passwords_go_by_link():
            send_after_commit("send_recovery_link", person.pk, actor.pk if actor else 0)
        else:
            Authenticator.objects.filter(user=person).delete()


def deliver_recovery_link(person_id: int, admin_id: int) -> None:
    """Make the link and send it; a worker's task. Admin 0 is an operator on the machine."""
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    if person is not None:
        admin = Person.objects.filter(pk=admin_id).first() or "who runs the installation"
        link = settings.ENV["MUSE_CONSOLE_URL"].rstrip("/") + reverse("recover", kwargs={"token": token_of(person)})
        text = _LINK.format(name=person.name or person.email, admin=admin, link=link)
        EmailMessage(subject="[MUSE] Take off your second factor", body=text, to=[person.email]).send()


def token_of(person: Person) -> str:
    """What a recovery link holds: whose factors, and which; once these are gone it holds no more."""
    return signing.dumps({"person": person.pk, "factors": _ids(person)}, salt=_SALT)


def whose(token: str) -> Person | None:
    """Whose second factor the link takes off; None where it does not hold any more."""
    try:
        found: dict[str, Any] = signing.loads(token, salt=_SALT, max_age=LINK_HOLDS)
    except signing.BadSignature:
        return None
    person = Person.objects.filter(pk=found["person"], is_active=True).first()
    return person if person and found["factors"] and _ids(person) == found["factors"] else None


@transaction.atomic
def recover(*, token: str, password: str, request: HttpRequest) -> None:
    """Take off the second factor of whose link this is, by their password. Raises ValidationError, Conflict."""
    person = whose(token)
    if person is None:
        raise Conflict("This link does not hold any more: it was used, or is older than a day.")
    if authenticate(request, username=person.email, password=password) != person:
        raise invalid("password", "This is not your password.")
    Authenticator.objects.filter(user=person).delete()


def _ids(person: Person) -> list[int]:
    return list(Authenticator.objects.filter(user=person).order_by("pk").values_list("pk", flat=True))


@receiver(post_save, sender=Authenticator)
def added(sender: Any, instance: Authenticator, created: bool, **_: Any) -> None:
    """Note a new factor. Who has just shown that they hold it, has shown it for this session."""
    if not created:
        return
    _note(instance, AuditAction.ADD_SECOND_FACTOR)
    request = context.request
    if instance.type in PROOFS and request is not None and request.user == instance.user:
        record_authentication(request, instance.user, "mfa", type=instance.type, id=instance.pk)


@receiver(post_delete, sender=Authenticator)
def removed(sender: Any, instance: Authenticator, **_: Any) -> None:
    """Note that a factor is gone."""
    _note(instance, AuditAction.REMOVE_SECOND_FACTOR)


def _note(instance: Authenticator, act: AuditAction) -> None:
    passkey = {"passkey": instance.pk} if instance.type == Type.WEBAUTHN else {}
    record(actor=current().person, act=act, subject=instance.user, details={"kind": str(instance.type), **passkey})
