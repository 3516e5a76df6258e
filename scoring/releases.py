"""Reading releases."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from scoring.engine import document as documents
from scoring.engine.document import ReleaseDocument
from scoring.models import CurrentRelease, Release
from tenants.models import Tenant


def releases(tenant: Tenant) -> QuerySet[Release]:
    """All releases of a tenant, newest first; `is_current` says which is live."""
    live = CurrentRelease.objects.filter(release=OuterRef("pk"))
    rows = Release.objects.filter(tenant=tenant).select_related("published_by", "republishes")
    return rows.annotate(is_current=Exists(live)).order_by("-number")


def listed(tenant: Tenant) -> QuerySet[Release]:
    """Return releases for lists: each with its change request, without documents."""
    rows = releases(tenant).select_related("change_request")
    large = ("document", "routes")
    return rows.defer("document", "republishes__document", *(f"change_request__{name}" for name in large))


def newest(tenant: Tenant, most: int) -> list[Release]:
    """Return the newest releases with their documents; the live one is the first."""
    rows = releases(tenant).select_related("change_request")
    large = ("republishes__document", "change_request__document", "change_request__routes")
    return list(rows.defer(*large)[:most])


def documents_of(tenant: Tenant, numbers: Iterable[int]) -> dict[int, ReleaseDocument]:
    """Return the documents of these releases by their numbers."""
    rows = Release.objects.filter(tenant=tenant, number__in=set(numbers)).order_by()
    return {number: documents.decode(text) for number, text in rows.values_list("number", "document")}


def current(tenant: Tenant) -> Release | None:
    """What the tenant is served with now."""
    pointer = CurrentRelease.objects.select_related("release").filter(tenant=tenant).first()
    return pointer.release if pointer else None


def current_of(predictor: str) -> QuerySet[CurrentRelease]:
    """Pointers to current releases that name a predictor, by its key, anywhere; of all tenants in the scope."""
    return CurrentRelease.objects.filter(release__document__contains=f'"{predictor}"').select_related("release")


def live_until(release: Release) -> datetime | None:
    """Return when the next release took this one's place; None while it is live."""
    after = Release.objects.filter(tenant=release.tenant_id, number__gt=release.number).order_by("number")
    return after.values_list("published_at", flat=True).first()
