"""Cold start: a `default` transform for a tenant that has no events yet."""

from django.db import transaction

from models_app.models import PredictorMember, PredictorVersion, ReferenceDistribution, Transform
from models_app.services import reports
from models_app.services.errors import invalid
from models_app.services.references import mathematical
from models_app.statistics.cold_start import MemberQuantiles, default_mapping
from models_app.statistics.fit import FittedMapping
from tenants.models import Intent, Person, Tenant
from tenants.permissions import require
from tenants.roles import Act
from tenants.services import record


def create_default_transform(
    *,
    actor: Person | None,
    tenant: Tenant,
    intent: Intent,
    predictor: PredictorVersion,
    reference: ReferenceDistribution,
) -> Transform:
    """Map the validation scores that were registered with the predictor's models to the reference.

    Each declared threshold of the intent is a knot. Raises ValidationError for a model without validation scores.
    """
    require(actor, Act.FIT, tenant)
    fitted = _fitted(intent, predictor, reference)
    thresholds = reports.declared_thresholds(intent)
    with transaction.atomic():
        transform = Transform.objects.create(
            tenant=tenant,
            intent=intent,
            predictor=predictor,
            reference=reference,
            kind=Transform.Kind.DEFAULT,
            x=list(fitted.x),
            y=list(fitted.y),
            report=reports.of_mapping(fitted, thresholds) | {"source": {"kind": "validation"}},
        )
        details = {"intent": intent.name, "predictor": predictor.key, "reference": reference.key}
        record(actor=actor, act="create default transform", subject=transform.pk, tenant=tenant, details=details)
    return transform


def _fitted(intent: Intent, predictor: PredictorVersion, reference: ReferenceDistribution) -> FittedMapping:
    members = [_quantiles(member) for member in predictor.members.select_related("model")]
    scores = [threshold.score for threshold in reports.declared_thresholds(intent)]
    try:
        return default_mapping(members, predictor.aggregation, mathematical(reference), scores)
    except ValueError as error:
        raise invalid("predictor", f"no default transform can be made of its validation scores: {error}") from None


def _quantiles(member: PredictorMember) -> MemberQuantiles:
    if not member.model.validation_quantiles:
        raise invalid(
            "predictor",
            f"model {member.model.key} was registered without validation scores, which a default transform is made of; "
            "register it again with them, or fit on a sample of probabilities",
        )
    return MemberQuantiles(member.model.validation_quantiles, member.beta, member.weight)
