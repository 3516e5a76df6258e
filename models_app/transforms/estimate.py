"""What a fit would have to go on, before it is asked for."""

from typing import Any

from django.utils import timezone

from models_app.catalog.models import PredictorVersion, ReferenceDistribution
from models_app.catalog.references import mathematical
from models_app.inputs.errors import invalid
from models_app.statistics.halvings import effective_events
from models_app.statistics.sample_size import Assessment, assess
from models_app.transforms import report
from models_app.transforms.models import Sample
from models_app.transforms.routes import events_of, with_routes
from models_app.transforms.source import SampleSource, Source, WindowSource, halvings, read_source, window
from scoring.lake import reading
from scoring.lake.by_day import count_events_by_day
from scoring.lake.routed import Routed
from tenants.models import Intent, Tenant


def estimate(
    *, tenant: Tenant, intent: Intent, predictor: PredictorVersion, reference: ReferenceDistribution, source: Any
) -> Assessment:
    """How many events the source has, and how well they know the smallest declared alert rate.

    A replay may turn out to have fewer, where features were not kept. Raises ValidationError as a fit's request does.
    """
    checked = with_routes(read_source(source, now=timezone.now()), tenant, intent, predictor)
    rates = report.checked_alert_rates(mathematical(reference), report.declared_thresholds(intent))
    events, effective = _events(checked, tenant, intent, predictor)
    return assess(events, rates, effective=effective)


def events_in(
    source: WindowSource, intent: Intent, given_by: str | None, routed: Routed | None = None
) -> tuple[int, int]:
    """How many events a window has, and what they are worth where recent ones weigh more; else as many.

    `given_by`, `routed`: as for `reading.count_events`.
    """
    covered, halved = window(source), halvings(source)
    asked = (intent.tenant_id, intent.name, covered.start, covered.end, given_by, routed)
    if halved is None:
        return (reading.count_events(*asked),) * 2
    by_day = count_events_by_day(*asked)
    return sum(by_day), effective_events(halved, by_day)


def _events(source: Source, tenant: Tenant, intent: Intent, predictor: PredictorVersion) -> tuple[int, int]:
    if isinstance(source, SampleSource):
        sample = Sample.objects.filter(tenant=tenant, pk=source.sample).first()
        if sample is None:
            raise invalid("source.sample", f"there is no sample {source.sample}; upload it first")
        return sample.rows, sample.rows
    given_by = predictor.key if source.kind == "recorded" else None
    return events_in(source, intent, given_by, events_of(tenant.pk, intent.name, source))
