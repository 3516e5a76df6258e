"""What a fit would have to go on, before it is asked for."""

from typing import Any

from django.utils import timezone

from models_app.catalog.models import PredictorVersion, ReferenceDistribution
from models_app.catalog.references import mathematical
from models_app.inputs.errors import invalid
from models_app.statistics.sample_size import Assessment, assess
from models_app.transforms import report
from models_app.transforms.models import Sample
from models_app.transforms.routes import events_of, with_routes
from models_app.transforms.source import SampleSource, Source, read_source, window
from scoring.lake import reading
from tenants.models import Intent, Tenant


def estimate(
    *, tenant: Tenant, intent: Intent, predictor: PredictorVersion, reference: ReferenceDistribution, source: Any
) -> Assessment:
    """How many events the source has, and how well they know the smallest declared alert rate.

    A replay may turn out to have fewer, where features were not kept. Raises ValidationError as a fit's request does.
    """
    checked = with_routes(read_source(source, now=timezone.now()), tenant, intent, predictor)
    rates = report.checked_alert_rates(mathematical(reference), report.declared_thresholds(intent))
    return assess(_events(checked, tenant, intent, predictor), rates)


def _events(source: Source, tenant: Tenant, intent: Intent, predictor: PredictorVersion) -> int:
    if isinstance(source, SampleSource):
        sample = Sample.objects.filter(tenant=tenant, pk=source.sample).first()
        if sample is None:
            raise invalid("source.sample", f"there is no sample {source.sample}; upload it first")
        return sample.rows
    covered = window(source)
    given_by = predictor.key if source.kind == "recorded" else None
    routed = events_of(tenant.pk, intent.name, source)
    return reading.count_events(tenant.pk, intent.name, covered.start, covered.end, given_by, routed)
