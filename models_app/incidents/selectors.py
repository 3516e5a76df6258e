"""Incidents as pages and REST list them, and as monitors take account of them."""

from datetime import datetime

from django.db.models import Q, QuerySet

from models_app.incidents.models import Incident
from tenants.models import Intent, Tenant


def incidents(tenant: Tenant | None = None) -> "QuerySet[Incident]":
    """Those of a tenant, or of all in the scope; the latest first."""
    rows = Incident.objects.select_related("tenant", "intent", "acknowledged_by", "closed_by")
    return rows if tenant is None else rows.filter(tenant=tenant)


def closed_since(intent: Intent, at: datetime) -> "QuerySet[Incident]":
    """Those of an intent that were closed after this time."""
    return incidents().filter(intent=intent, closed_at__gt=at)


def usual_since(intent: Intent, at: datetime) -> datetime:
    """From when on what comes is as it should be: `at`, or later where somebody has said so of an incident."""
    said = incidents().filter(intent=intent, is_usual=True, since__gt=at).order_by("-since").first()
    return said.since if said else at


def data_faults(intent: Intent, at: datetime) -> "QuerySet[Incident]":
    """Data faults of an intent that went on after this time, and were not what is usual."""
    lasted = Q(closed_at=None) | Q(closed_at__gt=at)
    return incidents().filter(lasted, intent=intent, kind=Incident.Kind.DATA_FAULT, is_usual=False)
