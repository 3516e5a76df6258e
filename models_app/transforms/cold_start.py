"""Cold start: a `default` transform for a tenant that has no events yet."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.db import transaction

from models_app.catalog.models import PredictorMember, PredictorVersion, ReferenceDistribution
from models_app.catalog.references import mathematical
from models_app.inputs.errors import invalid
from models_app.statistics import agreement
from models_app.statistics.between_tenants import spread_between
from models_app.statistics.cold_start import MemberQuantiles, default_mapping
from models_app.statistics.fit import FittedMapping, fit_mapping
from models_app.statistics.fitting_sample import FittingSample, Of, fitting_sample, of_knots
from models_app.statistics.references import Reference
from models_app.statistics.sample import SortedSample
from models_app.statistics.sample_size import RATE_WITHOUT_THRESHOLDS, Verdict, assess
from models_app.transforms import report
from models_app.transforms.models import Transform
from models_app.transforms.pooling import DAYS, Pool, pooled
from models_app.transforms.routes import Chosen, chosen, events_of
from scoring.engine.document import Threshold
from tenants.audit_terms import AuditAction
from tenants.models import Intent, Person, Tenant
from tenants.permissions import require
from tenants.roles import Permission
from tenants.services import record


def create_default_transform(
    *,
    actor: Person | None,
    tenant: Tenant,
    intent: Intent,
    predictor: PredictorVersion,
    reference: ReferenceDistribution,
    routes: Sequence[str] = (),
) -> Transform:
    """Map what is known of the predictor's probabilities to the reference; each declared threshold is a knot.

    That is what it gave for other tenants' events of the same features, where these are enough; else the validation
    scores that were registered with its models. `routes`: whose events it is for, as for a fit. Where an alert rate is
    assumed, its report has a range in its place. Raises ValidationError for a model without those, for a reference that
    has no alert rate to reach at a threshold, and as routes.py does.
    """
    require(actor, Permission.FIT, tenant)
    thresholds = report.declared_thresholds(intent)
    taken = chosen(tenant, intent, predictor, routes)
    cold_start = _cold_start(intent, predictor, reference, thresholds, taken)
    with transaction.atomic():
        transform = Transform.objects.create(
            tenant=tenant,
            intent=intent,
            predictor=predictor,
            reference=reference,
            kind=Transform.Kind.DEFAULT,
            x=list(cold_start.fitted.x),
            y=list(cold_start.fitted.y),
            report=report.of_cold_start(cold_start.fitted, thresholds, cold_start.source, cold_start.stands_on)
            | report.of_fitting_sample(cold_start.sample)
            | cold_start.details,
        )
        details = {"intent": intent.name, "predictor": predictor.key, "reference": reference.key}
        record(
            actor=actor,
            act=AuditAction.CREATE_DEFAULT_TRANSFORM,
            subject=transform,
            tenant=tenant,
            details=details,
        )
    return transform


@dataclass(frozen=True)
class _ColdStart:
    """A default transform before it is stored: its mapping, its source and sample, and what its rates assume."""

    fitted: FittedMapping
    sample: FittingSample | None
    source: dict[str, Any]
    stands_on: str
    details: dict[str, Any]


def _cold_start(
    intent: Intent,
    predictor: PredictorVersion,
    reference: ReferenceDistribution,
    thresholds: Sequence[Threshold],
    taken: Chosen,
) -> _ColdStart:
    """Fit on other tenants' events where there are enough, else on the models' validation scores."""
    target, scores = mathematical(reference), [threshold.score for threshold in thresholds]
    rates = report.checked_alert_rates(target, thresholds)
    pool = pooled(intent, predictor, events_of(intent.tenant_id, intent.name, taken))
    if assess(len(pool.probabilities), rates).verdict != Verdict.REFUSED:
        return _of_pool(pool, target, scores, taken)
    fitted = _of_validation_scores(predictor, target, scores)
    models = predictor.members.count()
    # Quantiles are all that is known of validation scores, so the knots tell as much.
    sample = of_knots(fitted.x, fitted.y, target, fitted.n, Of.VALIDATION, kept=True)
    return _ColdStart(fitted, sample, {"kind": "validation"}, agreement.sentence(models, predictor.aggregation), {})


def _of_pool(pool: Pool, reference: Reference, scores: Sequence[float], taken: Chosen) -> _ColdStart:
    """Fit on pooled events; each rate's range is what every tenant would have had by a map of the others."""
    ordered = SortedSample(pool.probabilities)
    fitted = fit_mapping(ordered, reference, scores)
    sample = fitting_sample(ordered, [fitted.reaches(score) for score in scores], of=Of.OTHERS)
    rates = [each.target for each in fitted.thresholds]
    spreads = spread_between(pool.samples, rates)
    ranged = [
        replace(each, low=spread.low, high=spread.high) for each, spread in zip(fitted.thresholds, spreads, strict=True)
    ]
    source: dict[str, Any] = {"kind": "pooled", "tenants": len(pool.samples), "events": fitted.n, "days": DAYS}
    source |= {"routes": list(taken.routes), "release": taken.release} if taken.routes else {}
    (rarest,) = spread_between(pool.samples, [min(rates, default=RATE_WITHOUT_THRESHOLDS)])
    sentence = " ".join(filter(None, [rarest.sentence, pool.bounded]))
    details = {"spread": [asdict(spread) for spread in spreads]}
    return _ColdStart(replace(fitted, thresholds=tuple(ranged)), sample, source, sentence, details)


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
