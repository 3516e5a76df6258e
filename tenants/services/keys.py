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
from tenants.networks import network
from tenants.permissions import require
from tenants.roles import Permission
from tenants.scope import platform_scope
from tenants.selectors import audit_of
from tenants.services.audit import record
from tenants.services.checks import check_future

QUOTAS = ("quota_per_second", "quota_per_day")  # null: no limit of its own
REFUSAL_NOTED_EVERY = timedelta(hours=1)  # in the audit trail, of one key


@transaction.atomic
def create_api_key(
    *,
    tenant: Tenant,
    name: str,
    scopes: Iterable[str],
    expires_at: datetime | None = None,
    networks: Iterable[str] = (),
    quota_per_second: int | None = None,
    quota_per_day: int | None = None,
    actor: Person | None,
) -> tuple[ApiKey, str]:
    """A key for a client's programs; `networks`: where it may be used, none are anywhere; no quota is no limit.

    Its text is returned here and never again. Raises ValidationError, naming the field.
    """
    require(actor, Permission.MANAGE_TENANT, tenant)
    check_future("expires_at", expires_at)
    quotas = {"quota_per_second": quota_per_second, "quota_per_day": quota_per_day}
    rights = {"scopes": sorted(set(scopes)), "networks": _networks(networks), **quotas}
    key, text = _make(ApiKey(tenant=tenant, name=name, **rights, expires_at=expires_at))
    details = {"name": name, **rights, "expires_at": expires_at}
    record(actor=actor, act=AuditAction.CREATE_KEY, subject=key, tenant=tenant, details=details)
    announce_on_commit(keys=True)
    return key, text


@transaction.atomic
def restrict_api_key(*, key: ApiKey, networks: Iterable[str], actor: Person | None) -> ApiKey:
    """Say from where a key may be used: these networks, or (none) anywhere. It holds within two seconds."""
    require(actor, Permission.MANAGE_TENANT, key.tenant)
    key = _locked(key)
    wanted, before = _networks(networks), key.networks
    if wanted != before:
        key.networks = wanted
        key.full_clean()
        key.save(update_fields=["networks"])
        details = {"before": before, "networks": wanted}
        record(actor=actor, act=AuditAction.RESTRICT_KEY, subject=key, tenant=key.tenant, details=details)
        announce_on_commit(keys=True)
    return key


@transaction.atomic
def limit_api_key(*, key: ApiKey, actor: Person | None, **quotas: int | None) -> ApiKey:
    """Say how many events may be scored with a key, by those of QUOTAS that change. It holds within two seconds."""
    require(actor, Permission.MANAGE_TENANT, key.tenant)
    if unknown := set(quotas) - set(QUOTAS):
        raise ValidationError({name: f"is no quota; {', '.join(QUOTAS)} are" for name in unknown})
    key = _locked(key)
    after = {name: quota for name, quota in quotas.items() if quota != getattr(key, name)}
    if after:
        before = {name: getattr(key, name) for name in after}
        for name, quota in after.items():
            setattr(key, name, quota)
        key.full_clean()
        key.save(update_fields=list(after))
        details = {"before": before, "after": after}
        record(actor=actor, act=AuditAction.RESTRICT_KEY, subject=key, tenant=key.tenant, details=details)
        announce_on_commit(keys=True)
    return key


def note_refused(key_id: int, at: datetime, address: str | None) -> None:
    """Note that a key was used from outside of its networks; the audit trail says so at most once an hour."""
    with platform_scope(), transaction.atomic():
        key = ApiKey.objects.select_for_update(of=("self",)).select_related("tenant").filter(pk=key_id).first()
        if key is None:
            return
        if not _is_noted(key, at):
            details = {"address": address, "networks": key.networks}
            record(actor=None, act=AuditAction.REFUSE_KEY, subject=key, tenant=key.tenant, details=details)
        key.refused_at, key.refused_from = at, address
        key.save(update_fields=["refused_at", "refused_from"])


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
    rights = {name: getattr(key, name) for name in ("scopes", "networks", *QUOTAS)}
    replacement = ApiKey(tenant=key.tenant, name=key.name, **rights, expires_at=key.expires_at, replaces=key)
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


def _is_noted(key: ApiKey, at: datetime) -> bool:
    """Whether the audit trail says already, of the hour before, that the key was used elsewhere."""
    said = audit_of(key).filter(act=AuditAction.REFUSE_KEY, at__gt=at - REFUSAL_NOTED_EVERY)
    return key.refused_at is not None and said.exists()


def _networks(texts: Iterable[str]) -> list[str]:
    """As they are kept: each once, in order. Raises ValidationError naming the first that is none."""
    try:
        found = {network(text) for text in texts if text.strip()}
    except ValueError as error:
        raise ValidationError({"networks": str(error)}) from None
    return [str(each) for each in sorted(found, key=lambda each: (each.version, each))]


def _locked(key: ApiKey) -> ApiKey:
    return ApiKey.objects.select_for_update(of=("self",)).select_related("tenant").get(pk=key.pk)
