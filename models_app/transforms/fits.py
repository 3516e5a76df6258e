"""Asking for fits, and cancelling them; `run.py` does the work."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from models_app.catalog.models import PredictorVersion, ReferenceDistribution
from models_app.catalog.references import mathematical
from models_app.inputs.errors import invalid
from models_app.statistics.sample_size import Verdict, assess
from models_app.transforms import report
from models_app.transforms.models import Fit, Sample
from models_app.transforms.routes import with_routes
from models_app.transforms.source import SampleSource, Source, read_source
from models_app.work.workers import give_out_after_commit
from tenants.audit_terms import AuditAction
from tenants.models import Intent, Person, Tenant
from tenants.permissions import require
from tenants.refusals import Conflict
from tenants.roles import Permission
from tenants.services import record


def request_fit(
    *,
    actor: Person | None,
    tenant: Tenant,
    intent: Intent,
    predictor: PredictorVersion,
    reference: ReferenceDistribution,
    source: Any,
) -> Fit:
    """Have a transform fitted; a worker takes it up once this has committed.

    `source`: {"kind": "recorded" | "replay", "days", "half_life_days"?, "as_of"?, "routes"?, "release"?} or {"kind":
    "sample", "sample": id}; see source.py for what they say, and routes.py for whose events are taken. What can be
    known to fail is refused here: an unknown sample, one too small, a replay of features that the intent does not keep,
    no routes of several on which the predictor answers, a reference that has no alert rate to reach at a threshold.
    """
    require(actor, Permission.FIT, tenant)
    checked = with_routes(read_source(source, now=timezone.now()), tenant, intent, predictor)
    _check_source(checked, tenant, intent, predictor, reference)
    with transaction.atomic():
        fit = Fit.objects.create(
            tenant=tenant,
            intent=intent,
            predictor=predictor,
            reference=reference,
            source=msgspec.to_builtins(checked),
            created_by=actor,
        )
        details = {
            "intent": intent.name,
            "predictor": predictor.key,
            "reference": reference.key,
            "source": fit.source,
        }
        record(actor=actor, act=AuditAction.REQUEST_FIT, subject=fit, tenant=tenant, details=details)
        give_out_after_commit(fit)
    return fit


def cancel_fit(*, actor: Person | None, tenant: Tenant, fit: Fit, reason: str = "") -> Fit:
    """Stop a fit that is queued or running; its worker notices at its next step. One that has ended stays: 409."""
    require(actor, Permission.FIT, tenant)
    with transaction.atomic():
        fit = Fit.objects.select_for_update().get(pk=fit.pk)
        if fit.state not in Fit.ACTIVE:
            raise Conflict(f"fit {fit.pk} has ended already: it {fit.state}")
        fit.state, fit.finished_at = Fit.State.CANCELLED, timezone.now()
        fit.save(update_fields=["state", "finished_at"])
        fit.parts.all().delete()
        record(actor=actor, act=AuditAction.CANCEL_FIT, subject=fit, tenant=tenant, reason=reason)
    return fit


def _check_source(
    source: Source, tenant: Tenant, intent: Intent, predictor: PredictorVersion, reference: ReferenceDistribution
) -> None:
    rates = report.checked_alert_rates(mathematical(reference), report.declared_thresholds(intent))
    if isinstance(source, SampleSource):
        _check_sample(source, tenant, rates)
    elif source.kind == "replay":
        _check_kept(intent, predictor)


def _check_sample(source: SampleSource, tenant: Tenant, rates: Sequence[float]) -> None:
    sample = Sample.objects.filter(tenant=tenant, pk=source.sample).first()
    if sample is None:
        raise invalid("source.sample", f"there is no sample {source.sample}; upload it first")
    if sample.rows > settings.ENV["MUSE_FIT_EXACT_LIMIT"]:
        limit = settings.ENV["MUSE_FIT_EXACT_LIMIT"]
        raise invalid(
            "source.sample",
            f"{sample.rows:,} events are more than the {limit:,} that are sorted (MUSE_FIT_EXACT_LIMIT)",
        )
    assessment = assess(sample.rows, rates)
    if assessment.verdict == Verdict.REFUSED:
        raise invalid("source.sample", assessment.sentence)


def _check_kept(intent: Intent, predictor: PredictorVersion) -> None:
    """A replay needs the features that the predictor's models take, in the event log."""
    if intent.keep_features == Intent.Keep.ALL:
        return
    kept = set(intent.kept_features) if intent.keep_features == Intent.Keep.LISTED else set()
    needed = {each["name"] for member in predictor.members.all() for each in member.model.features}
    missing = sorted(needed - kept)
    if missing:
        raise invalid(
            "source.kind",
            f"a replay needs features that the intent does not keep: {', '.join(missing[:10])}; "
            "use recorded probabilities of a shadow, or keep them from now on",
        )
