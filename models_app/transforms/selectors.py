"""Reading a tenant's transforms, samples and fits."""

from collections.abc import Iterable
from typing import Any

from django.db.models import FloatField, IntegerField, QuerySet
from django.db.models.fields.json import KT, KeyTextTransform
from django.db.models.functions import Cast

from models_app.inputs.errors import invalid
from models_app.transforms.models import Fit, Sample, Transform
from tenants.models import Intent, Tenant


def transforms(tenant: Tenant) -> QuerySet[Transform]:
    """`verdict` and `relative_error`: what the fit said of the number of events; None at cold start."""
    rows = Transform.objects.filter(tenant=tenant).select_related("intent", "predictor", "reference", "fit")
    error = Cast(KT("report__sample_size__relative_error"), FloatField())
    return rows.annotate(verdict=KT("report__verdict"), relative_error=error)


def sources(tenant: Tenant, transforms: Iterable[int]) -> dict[int, dict[str, Any] | None]:
    """Return by transform's id what its report says it was made of."""
    rows = Transform.objects.filter(tenant=tenant, pk__in=set(transforms)).order_by()
    return dict(rows.values_list("pk", "report__source"))


def samples(tenant: Tenant) -> QuerySet[Sample]:
    return Sample.objects.filter(tenant=tenant).select_related("created_by")


def fits(tenant: Tenant) -> QuerySet[Fit]:
    """`events`: how many the transform was made of; None where there is none."""
    rows = Fit.objects.filter(tenant=tenant).select_related("intent", "predictor", "reference", "created_by")
    return rows.annotate(events=Cast(KeyTextTransform("n", "transform__report"), IntegerField()))


def intent_by_name(tenant: Tenant, name: str, field: str = "intent") -> Intent:
    """Raises ValidationError for one that the tenant has not."""
    intent = Intent.objects.filter(tenant=tenant, name=name).first()
    if intent is None:
        raise invalid(field, f"there is no intent {name!r}")
    return intent
