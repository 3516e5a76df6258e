"""What Postgres says of background work, alert rates, incidents and quotas, for Prometheus.

Tenants and intents are told by their numbers. Each process of the console says the same, and each of its machines:
whoever adds them up asks for the greatest.
"""

from collections.abc import Mapping
from datetime import timedelta
from itertools import product
from typing import Any

from django.db import connection
from django.db.models import Count
from django.utils import timezone
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from models_app.incidents.models import Incident
from models_app.monitoring import quotas
from models_app.monitoring.latest_rates import latest_rates
from models_app.monitors.models import Look
from models_app.transforms.models import Fit
from tenants.scope import platform_scope

_RATE = ("tenant", "intent", "threshold")
GAUGES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "muse_fits": (("state",), "Fits of the last day, by state, over all tenants."),
    "muse_looks": (("state",), "Looks at intents of the last day, by state, over all tenants."),
    "muse_alert_rate": (_RATE, "The share of events that alerted, of the 24 hours that the latest look ends."),
    "muse_alert_rate_target": (_RATE, "What that share is to be."),
    "muse_alert_rate_events": (_RATE, "How many events it is the share of."),
    "muse_incidents": (("kind", "state"), "Incidents that go on, over all tenants."),
    "muse_incident_since_timestamp_seconds": (
        ("tenant", "intent", "kind", "state"), "Since when an incident goes on.",
    ),
    "muse_quota_used": (
        ("tenant", "key", "period"), "The share that was used of a quota: in the last hour's busiest minute, or today.",
    ),
}  # fmt: skip

Gauges = Mapping[str, Gauge]


def page() -> bytes:
    """In Prometheus' text format; nothing while Postgres does not answer."""
    registry = CollectorRegistry()
    gauges = {name: Gauge(name, words, labels, registry=registry) for name, (labels, words) in GAUGES.items()}
    try:
        with platform_scope():
            _work(gauges)
            _alert_rates(gauges)
            _incidents(gauges)
            _quotas(gauges)
    except Exception:  # whatever is wrong with it, the rest of the page is there
        connection.close()
        return b""
    return generate_latest(registry)


def _work(gauges: Gauges) -> None:
    since = timezone.now() - timedelta(days=1)
    kinds: Mapping[str, tuple[Any, Any]] = {
        "muse_fits": (Fit, Fit.objects.filter(created_at__gte=since)),
        "muse_looks": (Look, Look.objects.filter(until__gte=since)),
    }
    for name, (model, rows) in kinds.items():
        counted = dict(rows.order_by().values_list("state").annotate(Count("pk")))
        for state in model.State.values:
            gauges[name].labels(state).set(counted.get(state, 0))


def _alert_rates(gauges: Gauges) -> None:
    for each in latest_rates():
        place = each.tenant, each.intent, each.threshold
        gauges["muse_alert_rate_events"].labels(*place).set(each.events)
        if each.rate is not None:
            gauges["muse_alert_rate"].labels(*place).set(each.rate)
        if each.target is not None:
            gauges["muse_alert_rate_target"].labels(*place).set(each.target)


def _incidents(gauges: Gauges) -> None:
    """By kind, also those of which there are none; and each of them by itself, for as long as it goes on."""
    for place in product(Incident.Kind.values, map(str, Incident.GOING_ON)):
        gauges["muse_incidents"].labels(*place).set(0)
    going_on = Incident.objects.filter(state__in=Incident.GOING_ON).order_by()
    for tenant, intent, kind, state, since in going_on.values_list("tenant", "intent", "kind", "state", "since"):
        gauges["muse_incidents"].labels(kind, state).inc()
        own = gauges["muse_incident_since_timestamp_seconds"].labels(tenant, intent, kind, state)
        own.set(since.timestamp())


def _quotas(gauges: Gauges) -> None:
    """No key is named where the quota is the tenant's."""
    gauge = gauges["muse_quota_used"]
    for tenant, share in quotas.used().order_by().values_list("pk", "share"):
        gauge.labels(tenant, "", "second").set(share)
    for tenant, share in quotas.used_today().values_list("tenant", "share"):
        gauge.labels(tenant, "", "day").set(share)
    for tenant, key, share in quotas.used_today_by_keys().values_list("tenant", "key", "share"):
        gauge.labels(tenant, key, "day").set(share)
