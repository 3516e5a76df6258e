"""Who logs in to the demonstration. The first people of an installation cannot come over its API; the rest does."""

import base64
import hashlib
import hmac
from dataclasses import dataclass

from django.conf import settings

from tenants.models import Person, PersonalToken
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import add_member, create_person, create_personal_token, revoke_personal_token

_TOKEN = "demonstration"


@dataclass(frozen=True)
class Login:
    """Somebody who can log in; `password` None where they have changed it."""

    email: str
    password: str | None
    part: str


ADMIN, ANALYST, APPROVER = "admin@example.com", "analyst@example.com", "approver@example.com"
_CAST = (
    (ADMIN, "Ada Admin", Role.ADMIN, "admin of the platform"),
    (ANALYST, "Ana Analyst", Role.ANALYST, "analyst of the platform"),
    (APPROVER, "Otto Approver", Role.APPROVER, "approver of the platform"),
)


def people() -> list[Login]:
    """Everybody, made where they are not there yet. The database must run."""
    return [_person(*each) for each in _CAST]


def token_of(email: str) -> str:
    """A new personal token of somebody in the cast; those of earlier runs end."""
    person = Person.objects.get(email=email)
    for token in PersonalToken.objects.filter(person=person, name=_TOKEN, revoked_at=None):
        revoke_personal_token(token=token, actor=None)
    _, text = create_personal_token(person=person, name=_TOKEN, actor=None)
    return text


def _person(email: str, name: str, role: Role, part: str) -> Login:
    password = _password(email)
    person = Person.objects.filter(email=email).first()
    if person is None:
        with platform_scope():
            person = create_person(email=email, password=password, name=name, actor=None)
            add_member(person=person, tenant=None, role=role, actor=None)
    return Login(email, password if person.check_password(password) else None, part)


def _password(email: str) -> str:
    """Random to everybody else, and the same at each start: made from the installation's own secret."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"demonstration {email}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest)[:16].decode().lower()
