"""What monitors know, for pages and REST."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db.models import Count, F, Q, QuerySet

from models_app.incidents.models import Incident
from models_app.monitors.hours import begin_of, hours_of
from models_app.monitors.models import Monitor
from models_app.statistics.monitors.distribution import HOURS
from models_app.statistics.monitors.look import Hour, Known
from scoring.engine import bins
from tenants.models import Intent, Tenant

_WEEK = timedelta(days=7)


def monitors(tenant: Tenant | None = None) -> "QuerySet[Monitor]":
    """Those of a tenant, or of all in the scope, the most unusual first; with the number of incidents that go on."""
    going_on = Count("intent__incidents", filter=Q(intent__incidents__state__in=Incident.GOING_ON))
    rows = Monitor.objects.select_related("tenant", "intent").defer("known", "watches", "library", "intent__features")
    rows = rows.annotate(incidents=going_on).order_by("-incidents", F("a_year").asc(nulls_last=True), "pk")
    return rows if tenant is None else rows.filter(tenant=tenant)


def latest_of(intent: Intent) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """What the latest look has measured, as monitors/measured.py has it, and what is known of labels (labels.py)."""
    return Monitor.objects.filter(intent=intent).values_list("measured", "labels").first() or (None, {})


@dataclass(frozen=True)
class Spread:
    """Events by bin in the weeks before and since an incident began; the bins in words."""

    bins: Sequence[str]
    past: Sequence[int]
    now: Sequence[int]


def spread_of(incident: Incident, of: str, name: str) -> Spread | None:
    """Of a feature or an attribute of context; None where nothing is known of it."""
    monitor = Monitor.objects.filter(intent=incident.intent).first()
    if monitor is None or not monitor.known:
        return None
    known = msgspec.convert(monitor.known, Known, strict=False)
    past = (known.features if of == "feature" else known.context).get(name)
    if past is None:
        return None
    spreads = (hour.features if of == "feature" else hour.context for hour in since(incident))
    now = bins.together(*(each.get(name, {}) for each in spreads))
    order = sorted({*past.counts, *now}, key=_place)
    return Spread(
        [in_words(each) for each in order],
        [past.counts.get(each, 0) for each in order],
        [now.get(each, 0) for each in order],
    )


def since(incident: Incident) -> Sequence[Hour]:
    """The hours of an incident, of a week at most."""
    end = incident.closed_at or incident.seen_at
    return hours_of(incident.intent, max(incident.since, end - _WEEK), end)


@dataclass(frozen=True)
class Rates:
    """By threshold, the alert rate of the 24 hours that each of the `hours` ends; None without events."""

    hours: Sequence[datetime]
    rates: Mapping[str, Sequence[float | None]]


def rates_of(intent: Intent, begin: datetime, until: datetime) -> Rates:
    """Of the hours in [begin, until)."""
    hours = hours_of(intent, begin - timedelta(days=1), until)
    names = sorted({name for hour in hours for each in hour.served.values() for name in each.alerts})
    ends = [begin_of(hour.hour + 1) for hour in hours[HOURS:]]
    windows = [hours[place - HOURS + 1 : place + 1] for place in range(HOURS, len(hours))]
    return Rates(ends, {name: [_rate(window, name) for window in windows] for name in names})


def in_words(name: str) -> str:
    """A bin as a page has it: a category's value, or the least number that is counted into it."""
    if name == bins.NONE:
        return "missing"
    if name == bins.OTHER:
        return "others"
    return name[1:] if name.startswith("=") else f"{bins.least_number(int(name)):.3g}"


def _place(name: str) -> tuple[int, int, str]:
    """Numbers by size, then categories, then what is missing."""
    if name in (bins.NONE, bins.OTHER):
        return 2, 0, name
    return (1, 0, name) if name.startswith("=") else (0, int(name), "")


def _rate(hours: Sequence[Hour], threshold: str) -> float | None:
    served = [each for hour in hours for each in hour.served.values() if threshold in each.alerts]
    events = sum(each.events for each in served)
    return sum(each.alerts[threshold] for each in served) / events if events else None
