"""Where a scoring process learns what to serve: Postgres, and a copy on disk for when Postgres is away."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from django.db.models import Q
from django.utils import timezone

from scoring.engine import document
from scoring.models import CurrentRelease, Release
from scoring.store.artifacts import write_atomically
from tenants.models import ApiKey, Tenant
from tenants.scope import platform_scope

ENDED_LATELY = timedelta(days=30)


class Key(msgspec.Struct, frozen=True):
    """A client's key as scoring needs it.

    `ends_at`: seconds since 1970 of its expiry or revocation, if any. `networks`: none are any. `quota` and
    `day_quota`: events a second and a day, beside its tenant's.
    """

    id: int
    tenant: int
    prefix: str
    secret_hash: str
    scopes: tuple[str, ...]
    ends_at: float | None = None
    networks: tuple[str, ...] = ()
    quota: int | None = None
    day_quota: int | None = None


class TenantRow(msgspec.Struct, frozen=True):
    """A tenant: `release` is the number that it is to be served with, if any."""

    id: int
    slug: str
    quota: int | None = None
    release: int | None = None
    day_quota: int | None = None


class Catalogue(msgspec.Struct, frozen=True):
    """Everything that changes between two looks, but for the documents.

    `ended`: the tenants of keys that have ended lately, by prefix: who still comes with one is counted as theirs.
    """

    keys: list[Key]
    tenants: list[TenantRow]
    ended: dict[str, int] = {}


def read_catalogue() -> Catalogue:
    """All live keys, all tenants and the numbers of their current releases, from Postgres."""
    now = timezone.now()
    since = now - ENDED_LATELY
    lately = (Q(expires_at=None) | Q(expires_at__gt=since)) & (Q(revoked_at=None) | Q(revoked_at__gt=since))
    with platform_scope():
        rows = (
            ApiKey.objects.filter(lately)
            .order_by("id")
            .values_list(
                "id", "tenant_id", "prefix", "secret_hash", "scopes", "networks", "quota_per_second",
                "quota_per_day", "expires_at", "revoked_at",
            )
        )  # fmt: skip
        tenants = Tenant.objects.order_by("id").values_list("id", "slug", "quota_per_second", "quota_per_day")
        numbers = dict(CurrentRelease.objects.values_list("tenant_id", "release__number"))
        keys = [Key(*row[:4], tuple(row[4]), _ends_at(*row[8:]), tuple(row[5]), *row[6:8]) for row in rows]
        ended = {key.prefix for key in keys if key.ends_at is not None and key.ends_at <= now.timestamp()}
        return Catalogue(
            keys=[key for key in keys if key.prefix not in ended],
            tenants=[TenantRow(*row[:3], numbers.get(row[0]), row[3]) for row in tenants],
            ended={key.prefix: key.tenant for key in keys if key.prefix in ended},
        )


def read_document(tenant: int, number: int) -> str:
    """The canonical text of a release, from Postgres. Raises DocumentError where it is not what was published."""
    with platform_scope():
        text, digest = Release.objects.values_list("document", "digest").get(tenant_id=tenant, number=number)
    found = document.digest(text.encode())
    if found != digest:
        raise document.DocumentError(f"the document has the digest {found[:12]}, published was {digest[:12]}")
    return text


def _ends_at(*ends: datetime | None) -> float | None:
    return min((end.timestamp() for end in ends if end is not None), default=None)


class _KeptRelease(msgspec.Struct, frozen=True):
    number: int
    document: str


class DiskCopy:
    """The catalogue and the documents that were last served, in a folder that only this service reads."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._catalogue = directory / "catalogue.json"

    def keep_catalogue(self, catalogue: Catalogue) -> None:
        write_atomically(self._catalogue, msgspec.json.encode(catalogue), mode=0o600)
        known = {self._release(tenant.id) for tenant in catalogue.tenants}
        for path in self._directory.glob("releases/*.json"):
            if path not in known:
                path.unlink(missing_ok=True)

    def keep_release(self, tenant: int, number: int, text: str) -> None:
        write_atomically(self._release(tenant), msgspec.json.encode(_KeptRelease(number, text)), mode=0o600)

    def catalogue(self) -> Catalogue | None:
        """None where nothing, or nothing readable, was kept."""
        with suppress(OSError, msgspec.DecodeError):
            return msgspec.json.decode(self._catalogue.read_bytes(), type=Catalogue)
        return None

    def releases(self, catalogue: Catalogue) -> Mapping[int, tuple[int, str]]:
        """Number and text by tenant, of the tenants in the catalogue."""
        found = {tenant.id: self.release(tenant.id) for tenant in catalogue.tenants}
        return {tenant: kept for tenant, kept in found.items() if kept is not None}

    def release(self, tenant: int) -> tuple[int, str] | None:
        """Number and text of what was served last; None where nothing, or nothing readable, was kept."""
        with suppress(OSError, msgspec.DecodeError):
            kept = msgspec.json.decode(self._release(tenant).read_bytes(), type=_KeptRelease)
            return kept.number, kept.document
        return None

    def _release(self, tenant: int) -> Path:
        return self._directory / "releases" / f"{tenant}.json"
