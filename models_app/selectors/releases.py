"""Reading releases."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from scoring.models import CurrentRelease, Release
from tenants.models import Tenant


def releases(tenant: Tenant) -> QuerySet[Release]:
    """All releases of a tenant, newest first; `is_current` says which is live."""
    live = CurrentRelease.objects.filter(release=OuterRef("pk"))
    rows = Release.objects.filter(tenant=tenant).select_related("published_by", "republishes")
    return rows.annotate(is_current=Exists(live)).order_by("-number")


def current(tenant: Tenant) -> Release | None:
    """What the tenant is served with now."""
    pointer = CurrentRelease.objects.select_related("release").filter(tenant=tenant).first()
    return pointer.release if pointer else None


def current_of(predictor: str) -> QuerySet[CurrentRelease]:
    """Pointers to current releases that name a predictor, by its key, anywhere; of all tenants in the scope."""
    return CurrentRelease.objects.filter(release__document__contains=f'"{predictor}"').select_related("release")


def live_until(release: Release) -> datetime | None:
    """When the next release took its place; None while it is live."""
    after = Release.objects.filter(tenant=release.tenant_id, number__gt=release.number).order_by("number")
    return after.values_list("published_at", flat=True).first()
