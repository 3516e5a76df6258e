"""Passwords that only their owners know: each is set by a link that goes to the person's own address.

A link holds for a day and for one password, and is kept nowhere: a worker makes it as it sends it.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from models_app.work.dispatch import send_after_commit
from tenants.audit_terms import AuditAction
from tenants.models import Person
from tenants.permissions import require
from tenants.refusals import Conflict
from tenants.roles import Permission
from tenants.scope import platform_scope
from tenants.selectors import audit_of
from tenants.services import passwords_go_by_link, record

_PAUSE = timedelta(minutes=5)  # between two links that somebody asks for without being known

_TEXT = """{name}, somebody – you, or an admin – asked for a link by which you set your password for MUSE:

{link}

It holds for a day, and for one password. If you did not expect it, ignore it: nothing changes."""


def send_password_link(*, person: Person, actor: Person | None) -> None:
    """Send somebody a link: by a platform admin, as an invitation or instead of a new password.

    Raises Conflict where the installation sends no e-mail, or the person is locked.
    """
    require(actor, Permission.MANAGE_PLATFORM)
    if not passwords_go_by_link():
        raise Conflict("links are sent where MUSE_EMAIL_URL and MUSE_CONSOLE_URL are set")
    if not person.is_active:
        raise Conflict(f"{person.email} is locked; unlock them first")
    _send(person, actor)


def password_forgotten(email: str) -> None:
    """Send a link to whose address this is, if they have a password; not more often than every five minutes.

    Nothing tells the asker whether it is anybody's.
    """
    person = Person.objects.filter(email=email.lower(), is_active=True).first()
    if person is None or not person.has_usable_password() or not passwords_go_by_link():
        return
    with platform_scope():
        recent = audit_of(person).filter(act=AuditAction.SEND_PASSWORD_LINK, at__gt=timezone.now() - _PAUSE)
        is_too_soon = recent.exists()
    if not is_too_soon:
        _send(person, None)


def deliver_link(person_id: int) -> None:
    """Make the link and send it; a worker's task. Whoever was locked meanwhile gets none."""
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    if person is not None:
        text = _TEXT.format(name=person.name or person.email, link=link_of(person))
        EmailMessage(subject="[MUSE] Set your password", body=text, to=[person.email]).send()


def link_of(person: Person) -> str:
    """The address at which the person sets a password; it holds until one is set, they log in, or a day is over."""
    place = {
        "uidb64": urlsafe_base64_encode(force_bytes(person.pk)),
        "token": default_token_generator.make_token(person),
    }
    return settings.ENV["MUSE_CONSOLE_URL"].rstrip("/") + reverse("set_password", kwargs=place)


@transaction.atomic
def _send(person: Person, actor: Person | None) -> None:
    record(actor=actor, act=AuditAction.SEND_PASSWORD_LINK, subject=person)
    send_after_commit("send_password_link", person.pk)
