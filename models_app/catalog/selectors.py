"""Reading what tenants share: models, predictors, reference distributions."""

from typing import Any, TypeVar

from django.db.models import Model, Prefetch, Q, QuerySet

from models_app.catalog.models import ModelVersion, PredictorMember, PredictorVersion, ReferenceDistribution
from models_app.inputs.errors import invalid
from models_app.inputs.versions import parsed_key

M = TypeVar("M", bound=Model)


def models() -> QuerySet[ModelVersion]:
    """Return model versions, large columns deferred; `has_validation_scores` says whether there are quantiles."""
    rows = ModelVersion.objects.select_related("created_by").defer("parity", "validation_quantiles")
    return rows.annotate(has_validation_scores=Q(validation_quantiles__isnull=False))


def predictors() -> QuerySet[PredictorVersion]:
    """Return predictor versions with their members; large columns of the models deferred."""
    heavy = (f"model__{name}" for name in ("parity", "validation_quantiles", "checks", "reason"))
    members = PredictorMember.objects.select_related("model").defer(*heavy)
    rows = PredictorVersion.objects.select_related("created_by")
    return rows.prefetch_related(Prefetch("members", members))


def references() -> QuerySet[ReferenceDistribution]:
    return ReferenceDistribution.objects.select_related("created_by")


def latest_features(name: str) -> list[dict[str, Any]]:
    """What the newest version of a model takes; nothing where there is none of this name."""
    rows = ModelVersion.objects.filter(name=name).order_by("-version")
    return rows.values_list("features", flat=True).first() or []


def model_by_key(key: str, field: str) -> ModelVersion:
    """Raises ValidationError, as all three do, for a key that is none or is not there."""
    return _by_key(ModelVersion.objects.all(), key, field, "model")


def predictor_by_key(key: str, field: str) -> PredictorVersion:
    return _by_key(predictors(), key, field, "predictor")


def reference_by_key(key: str, field: str) -> ReferenceDistribution:
    return _by_key(references(), key, field, "reference")


def _by_key(rows: QuerySet[M], key: str, field: str, what: str) -> M:
    name, version = parsed_key(key, field)
    row = rows.filter(name=name, version=version).first()
    if row is None:
        raise invalid(field, f"there is no {what} {key}")
    return row
