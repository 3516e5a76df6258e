"""Incidents as pages and REST list them, and as monitors take account of them."""

from datetime import datetime

from django.db.models import Q, QuerySet

from models_app.incidents.models import Incident
from models_app.statistics.monitors.look import LABEL_FEED
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
    rows = incidents().filter(intent=intent, is_usual=True, since__gt=at).exclude(subject=LABEL_FEED)
    said = rows.order_by("-since").first()
    return said.since if said else at


def data_faults(intent: Intent, at: datetime) -> "QuerySet[Incident]":
    """Faults of an intent's features that went on after this time, and were not what is usual."""
    lasted = Q(closed_at=None) | Q(closed_at__gt=at)
    rows = incidents().filter(lasted, intent=intent, kind=Incident.Kind.DATA_FAULT, is_usual=False)
    return rows.exclude(subject=LABEL_FEED)
