"""Clients' API keys. Scoring processes hold the live ones in memory and are told of each change."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from tenants import secrets
from tenants.audit_terms import AuditAction
from tenants.caller import alive
from tenants.messages import announce_on_commit
from tenants.models import ApiKey, Person, Tenant
from tenants.permissions import require
from tenants.roles import Permission
from tenants.services.audit import record
from tenants.services.checks import check_future


@transaction.atomic
def create_api_key(
    *, tenant: Tenant, name: str, scopes: Iterable[str], expires_at: datetime | None = None, actor: Person | None
) -> tuple[ApiKey, str]:
    """A key for a client's programs. Its text is returned here and never again."""
    require(actor, Permission.MANAGE_TENANT, tenant)
    check_future("expires_at", expires_at)
    key, text = _make(ApiKey(tenant=tenant, name=name, scopes=sorted(set(scopes)), expires_at=expires_at))
    details = {"name": name, "scopes": key.scopes, "expires_at": expires_at}
    record(actor=actor, act=AuditAction.CREATE_KEY, subject=key, tenant=tenant, details=details)
    announce_on_commit(keys=True)
    return key, text


@transaction.atomic
def rotate_api_key(*, key: ApiKey, overlap: timedelta, actor: Person | None) -> tuple[ApiKey, str]:
    """Replace a key by a new one with the same rights; both work until the overlap is over.

    Raises ValidationError where the key is already dead, revoked or replaced.
    """
    require(actor, Permission.MANAGE_TENANT, key.tenant)
    key = _locked(key)
    now = timezone.now()
    if key.revoked_at or not alive(key, now):
        raise ValidationError(f"{key.audit_name} is expired, revoked or already replaced. Create a new key instead.")
    replacement = ApiKey(tenant=key.tenant, name=key.name, scopes=key.scopes, expires_at=key.expires_at, replaces=key)
    new, text = _make(replacement)
    key.revoked_at = now + overlap
    key.save(update_fields=["revoked_at"])
    details = {"replaced_by": new.audit_name, "works_until": key.revoked_at}
    record(actor=actor, act=AuditAction.ROTATE_KEY, subject=key, tenant=key.tenant, details=details)
    announce_on_commit(keys=True)
    return new, text


@transaction.atomic
def revoke_api_key(*, key: ApiKey, actor: Person | None, reason: str = "") -> ApiKey:
    """End a key now. It is dead in every scoring process within two seconds. Revoking a dead key changes nothing."""
    require(actor, Permission.MANAGE_TENANT, key.tenant)
    key = _locked(key)
    now = timezone.now()
    if key.revoked_at is None or key.revoked_at > now:
        key.revoked_at = now
        key.save(update_fields=["revoked_at"])
        record(actor=actor, act=AuditAction.REVOKE_KEY, subject=key, tenant=key.tenant, reason=reason)
        announce_on_commit(keys=True)
    return key


def _make(key: ApiKey) -> tuple[ApiKey, str]:
    credential = secrets.make(secrets.KEY)
    key.prefix, key.secret_hash = credential.prefix, credential.secret_hash
    key.full_clean()
    key.save()
    return key, credential.text


def _locked(key: ApiKey) -> ApiKey:
    return ApiKey.objects.select_for_update(of=("self",)).select_related("tenant").get(pk=key.pk)
