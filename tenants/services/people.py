"""People, the roles that they hold, and their personal tokens."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from tenants import secrets
from tenants.audit_terms import AuditAction
from tenants.models import Membership, Person, PersonalToken, Tenant
from tenants.permissions import forget_roles, may, require
from tenants.roles import Permission, Role
from tenants.scope import platform_scope
from tenants.services.audit import record
from tenants.services.checks import check_future


@transaction.atomic
def create_person(*, email: str, password: str | None, name: str = "", actor: Person | None) -> Person:
    """Somebody who can log in; without a password, only by token. Raises ValidationError, naming the field."""
    require(actor, Permission.MANAGE_PLATFORM)
    if password is not None:
        _check_is_theirs(None, actor)
    person = Person(email=Person.objects.normalize_email(email).lower(), name=name)
    _check_password(password, person)
    person.set_password(password)
    person.full_clean()
    person.save()
    record(actor=actor, act=AuditAction.CREATE_PERSON, subject=person, details={"name": name})
    return person


@transaction.atomic
def change_person(*, person: Person, changes: Mapping[str, Any], actor: Person | None) -> Person:
    """Change a person's `name`, or shut them out and let them in again (`is_active`)."""
    require(actor, Permission.MANAGE_PLATFORM)
    if unknown := set(changes) - {"name", "is_active"}:
        raise ValidationError(dict.fromkeys(unknown, "cannot be changed; name and is_active can"))
    if not changes:
        return person
    if changes.get("is_active") is False:
        _keep_an_admin(person)
    for field, value in changes.items():
        setattr(person, field, value)
    person.full_clean()
    person.save(update_fields=list(changes))
    record(actor=actor, act=AuditAction.CHANGE_PERSON, subject=person, details=dict(changes))
    return person


@transaction.atomic
def set_wants_email(*, person: Person, wants_email: bool, actor: Person | None) -> Person:
    """Whether somebody gets e-mails of what concerns them: by the person, or by a platform admin."""
    _require_self_or_admin(person, actor)
    person.wants_email = wants_email
    person.save(update_fields=["wants_email"])
    record(actor=actor, act=AuditAction.SET_EMAIL, subject=person, details={"wants_email": wants_email})
    return person


@transaction.atomic
def set_quiet_hours(*, person: Person, quiet_hours: str, actor: Person | None) -> Person:
    """When somebody gets no e-mail of what is not urgent: by the person, or by a platform admin. Empty: no own hours.

    Raises ValidationError naming the field.
    """
    _require_self_or_admin(person, actor)
    person.quiet_hours = quiet_hours.strip()
    person.clean_fields(exclude={field.name for field in Person._meta.fields} - {"quiet_hours"})
    person.save(update_fields=["quiet_hours"])
    record(actor=actor, act=AuditAction.SET_EMAIL, subject=person, details={"quiet_hours": person.quiet_hours})
    return person


@transaction.atomic
def set_password(*, person: Person, password: str, actor: Person | None, by_link: bool = False) -> None:
    """Give a person a new password: by the person, or by a platform admin where no link can be sent.

    `by_link`: by who has opened the link that was sent to the person's address, so that it is theirs alone.
    """
    _require_self_or_admin(person, actor)
    _check_is_theirs(person, actor)
    _check_password(password, person)
    person.set_password(password)
    person.save(update_fields=["password"])
    record(actor=actor, act=AuditAction.SET_PASSWORD, subject=person, details={"by_link": True} if by_link else {})


@transaction.atomic
def add_member(
    *, person: Person, tenant: Tenant | None, role: str, actor: Person | None, reason: str = ""
) -> Membership:
    """Give a person a role: for a tenant, or (None) for the whole platform. It replaces the one held there.

    Callers see to it that a second person has agreed, where that is needed (models_app.changes.policy_changes).
    """
    _require_management(tenant, actor)
    if role not in Role.values:
        raise ValidationError({"role": f"expected one of {', '.join(Role.values)}, found {role!r}"})
    if tenant is None and role != Role.ADMIN:
        _keep_an_admin(person)
    with platform_scope():  # rows of no tenant are seen there only
        membership, _ = Membership.objects.update_or_create(person=person, tenant=tenant, defaults={"role": role})
    forget_roles(person)
    act, details = AuditAction.ADD_MEMBER, {"role": role}
    record(actor=actor, act=act, subject=person, tenant=tenant, reason=reason, details=details)
    return membership


@transaction.atomic
def remove_member(*, membership: Membership, actor: Person | None, reason: str = "") -> None:
    """Take a person the role that they hold in a tenant, or for the platform.

    Callers see to it that a second person has agreed, where that is needed (models_app.changes.policy_changes).
    """
    person, tenant, role = membership.person, membership.tenant, membership.role
    _require_management(tenant, actor)
    if tenant is None:
        _keep_an_admin(person)
    membership.delete()
    forget_roles(person)
    act, details = AuditAction.REMOVE_MEMBER, {"role": role}
    record(actor=actor, act=act, subject=person, tenant=tenant, reason=reason, details=details)


@transaction.atomic
def create_personal_token(
    *, person: Person, name: str, expires_at: datetime | None = None, actor: Person | None
) -> tuple[PersonalToken, str]:
    """A token with which a program does what the person may do. Its text is returned here and never again."""
    if actor is not None and actor != person:
        raise PermissionDenied("A personal token is made by the person whose it is.")
    check_future("expires_at", expires_at)
    credential = secrets.make(secrets.TOKEN)
    token = PersonalToken(
        person=person, name=name, prefix=credential.prefix, secret_hash=credential.secret_hash, expires_at=expires_at
    )
    token.full_clean()
    token.save()
    details = {"name": name, "prefix": credential.prefix, "expires_at": expires_at}
    record(actor=actor, act=AuditAction.CREATE_TOKEN, subject=person, details=details)
    return token, credential.text


@transaction.atomic
def revoke_personal_token(*, token: PersonalToken, actor: Person | None) -> PersonalToken:
    """End a token now: by the person, or by a platform admin."""
    _require_self_or_admin(token.person, actor)
    now = timezone.now()
    if token.revoked_at is None or token.revoked_at > now:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        details = {"name": token.name, "prefix": token.prefix}
        record(actor=actor, act=AuditAction.REVOKE_TOKEN, subject=token.person, details=details)
    return token


def passwords_go_by_link() -> bool:
    """Whether the installation can send people links by which they set their passwords themselves."""
    return bool(settings.ENV["MUSE_EMAIL_URL"] and settings.ENV["MUSE_CONSOLE_URL"])


def _check_is_theirs(person: Person | None, actor: Person | None) -> None:
    """Who knows another's password can act as them, and approve what they have proposed themselves."""
    if actor is not None and actor != person and passwords_go_by_link():
        raise PermissionDenied("Passwords are set by whose they are. Send them a link.")


def _require_management(tenant: Tenant | None, actor: Person | None) -> None:
    require(actor, Permission.MANAGE_TENANT if tenant else Permission.MANAGE_PLATFORM, tenant)


def _require_self_or_admin(person: Person, actor: Person | None) -> None:
    if actor is not None and actor != person and not may(actor, Permission.MANAGE_PLATFORM):
        raise PermissionDenied(f"Only {person.email} and admins of the platform may do this.")


def _check_password(password: str | None, person: Person) -> None:
    if password is not None:
        try:
            validate_password(password, person)
        except ValidationError as error:
            raise ValidationError({"password": error.messages}) from None


def _keep_an_admin(person: Person) -> None:
    """Refuse to take the platform its last admin: nobody could give the role back."""
    with platform_scope():
        admins = Membership.objects.select_for_update().filter(tenant=None, role=Role.ADMIN, person__is_active=True)
        ids = {membership.person_id for membership in admins}
    if ids == {person.pk}:
        raise ValidationError(f"{person.email} is the platform's last admin. Make somebody else one first.")
