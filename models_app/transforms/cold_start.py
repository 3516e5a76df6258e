"""Cold start: a `default` transform for a tenant that has no events yet."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from models_app.catalog.models import PredictorMember, PredictorVersion, ReferenceDistribution
from models_app.catalog.references import mathematical
from models_app.inputs.errors import invalid
from models_app.statistics.cold_start import MemberQuantiles, default_mapping
from models_app.statistics.fit import FittedMapping, fit_mapping
from models_app.statistics.references import Reference
from models_app.statistics.sample_size import Verdict, assess
from models_app.transforms import report
from models_app.transforms.models import Transform
from models_app.transforms.pooling import DAYS, pooled
from scoring.engine.document import Threshold
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
    """Map what is known of the predictor's probabilities to the reference; each declared threshold is a knot.

    That is what it gave for other tenants' events of the same features, where these are enough; else the validation
    scores that were registered with its models. Raises ValidationError for a model without those, and for a reference
    that has no alert rate to reach at a threshold.
    """
    require(actor, Act.FIT, tenant)
    thresholds = report.declared_thresholds(intent)
    fitted, source = _fitted(intent, predictor, reference, thresholds)
    with transaction.atomic():
        transform = Transform.objects.create(
            tenant=tenant,
            intent=intent,
            predictor=predictor,
            reference=reference,
            kind=Transform.Kind.DEFAULT,
            x=list(fitted.x),
            y=list(fitted.y),
            report=report.of_mapping(fitted, thresholds) | {"source": source},
        )
        details = {"intent": intent.name, "predictor": predictor.key, "reference": reference.key}
        record(
            actor=actor,
            act="create default transform",
            subject=f"transform {transform.pk}",
            tenant=tenant,
            details=details,
        )
    return transform


def _fitted(
    intent: Intent, predictor: PredictorVersion, reference: ReferenceDistribution, thresholds: Sequence[Threshold]
) -> tuple[FittedMapping, dict[str, Any]]:
    """The mapping, and what it was made of."""
    target, scores = mathematical(reference), [threshold.score for threshold in thresholds]
    rates = report.checked_alert_rates(target, thresholds)
    pool = pooled(intent, predictor)
    events = len(pool.probabilities)
    if assess(events, rates).verdict != Verdict.REFUSED:
        source = {"kind": "pooled", "tenants": pool.tenants, "events": events, "days": DAYS}
        return fit_mapping(pool.probabilities, target, scores), source
    return _of_validation_scores(predictor, target, scores), {"kind": "validation"}


def _of_validation_scores(predictor: PredictorVersion, reference: Reference, scores: Sequence[float]) -> FittedMapping:
    members = [_quantiles(member) for member in predictor.members.select_related("model")]
    try:
        return default_mapping(members, predictor.aggregation, reference, scores)
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
