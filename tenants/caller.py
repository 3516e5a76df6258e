"""Who sends a request to the console: a person (by session or token), a client's key, or nobody that is known."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from tenants import asked, networks, secrets, sessions
from tenants.address import client_address
from tenants.models import ApiKey, Person, PersonalToken
from tenants.origin import Origin, writing
from tenants.permissions import roles_of
from tenants.scope import platform_scope, tenant_scope

USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Caller:
    """`refused`: why the credentials that came with the request are not valid. `address`: where it came from.

    `elsewhere`: the key that it came with, where that may not be used from this address.
    `second_factor`: whether the person has shown one in this session; a token never has.
    """

    person: Person | None = None
    token: PersonalToken | None = None
    key: ApiKey | None = None
    refused: str = ""
    elsewhere: ApiKey | None = None
    second_factor: bool = False
    address: str | None = None

    def scope(self) -> AbstractContextManager[None]:
        """The tenants that the caller may see: a key's own, a person's, all for a platform role, none for nobody."""
        if self.key:
            return tenant_scope(self.key.tenant_id)
        if self.person is None:
            return tenant_scope()
        roles = roles_of(self.person)
        return platform_scope() if None in roles else tenant_scope(*(pk for pk in roles if pk is not None))


_current: ContextVar[Caller] = ContextVar("caller")


def current() -> Caller:
    """The caller of the request that is being answered; nobody outside of requests."""
    return _current.get(Caller())


@contextmanager
def calling(caller: Caller, request: str = "") -> Iterator[None]:
    """Answer a request of this caller; history keeps who they are, from where, and what (`request`) they sent."""
    token = _current.set(caller)
    origin = Origin(request, caller.person.pk if caller.person else None, caller.address, **_named())
    try:
        with writing(origin):
            yield
    finally:
        _current.reset(token)


def _named() -> dict[str, Any]:
    """What the log calls the request. An id that its client has said tells nothing apart, so it is not the origin's."""
    request = asked.current.get()
    return {"id": request.made, "request_id": request.said} if isinstance(request, asked.Request) else {}


def identify(request: HttpRequest) -> Caller:
    """Find out who sends the request. An `Authorization` header counts before a session."""
    address = client_address(request)
    header = request.headers.get("Authorization")
    if header is not None:
        return replace(_bearer(header, address), address=address)
    user = request.user
    if isinstance(user, Person) and user.is_active and sessions.lasts(request):
        return Caller(person=user, address=address, second_factor=sessions.has_second_factor(request))
    return Caller(address=address)


def _bearer(header: str, address: str | None) -> Caller:
    scheme, _, text = header.partition(" ")
    parts = secrets.split(text.strip()) if scheme.lower() == "bearer" else None
    if parts is None:
        return Caller(refused="Expected `Authorization: Bearer` and a key (muse_…) or a personal token (musep_…).")
    with platform_scope():
        found = _key(parts) if parts.kind == secrets.KEY else _token(parts)
    if found and found.key and found.key.networks and not networks.holds(found.key.networks, address):
        return Caller(elsewhere=found.key)
    return found or Caller(refused="This key or token is unknown, expired or revoked. Ask an admin for a new one.")


def _key(parts: secrets.Parts) -> Caller | None:
    key = ApiKey.objects.filter(prefix=parts.prefix).first()
    return Caller(key=key) if key and _opens(key, parts.secret) else None


def _token(parts: secrets.Parts) -> Caller | None:
    token = PersonalToken.objects.select_related("person").filter(prefix=parts.prefix).first()
    if token is None or not token.person.is_active or not _opens(token, parts.secret):
        return None
    roles_of(token.person)
    return Caller(person=token.person, token=token)


def _opens(row: ApiKey | PersonalToken, secret: str) -> bool:
    """Whether the secret is this key's and the key is alive; notes its use, not more often than once a minute."""
    now = timezone.now()
    if not secrets.matches(secret, row.secret_hash) or not alive(row, now):
        return False
    if row.last_used_at is None or now - row.last_used_at > USE_NOTED_EVERY:
        row.last_used_at = now
        row.save(update_fields=["last_used_at"])
    return True


def alive(row: ApiKey | PersonalToken, now: datetime) -> bool:
    """Whether a key or token is neither expired nor revoked at this time."""
    ends = (row.expires_at, row.revoked_at)
    return all(end is None or end > now for end in ends)
