"""Reading a tenant's transforms, samples and fits."""

from django.db.models import QuerySet
from django.db.models.fields.json import KT

from models_app.models import Fit, Sample, Transform
from models_app.services.errors import invalid
from tenants.models import Intent, Tenant


def transforms(tenant: Tenant) -> QuerySet[Transform]:
    """`verdict`: what the fit said of the number of events; None at cold start."""
    rows = Transform.objects.filter(tenant=tenant).select_related("intent", "predictor", "reference", "fit")
    return rows.annotate(verdict=KT("report__verdict"))


def samples(tenant: Tenant) -> QuerySet[Sample]:
    return Sample.objects.filter(tenant=tenant).select_related("created_by")


def fits(tenant: Tenant) -> QuerySet[Fit]:
    return Fit.objects.filter(tenant=tenant).select_related("intent", "predictor", "reference", "created_by")


def intent_by_name(tenant: Tenant, name: str, field: str = "intent") -> Intent:
    """Raises ValidationError for one that the tenant has not."""
    intent = Intent.objects.filter(tenant=tenant, name=name).first()
    if intent is None:
        raise invalid(field, f"there is no intent {name!r}")
    return intent
