"""One attempt at a look, from an intent's hours to what they say, and to an incident where they say that much."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.conf import settings

from models_app.incidents import services as incidents
from models_app.incidents.models import Incident
from models_app.incidents.selectors import closed_since, data_faults, usual_since
from models_app.monitors import library
from models_app.monitors.hours import HOUR, begin_of, hours_of, number_of
from models_app.monitors.labels import Labels, looked_at, told_by_precision
from models_app.monitors.measured import measured_of, tops_of
from models_app.monitors.models import Look, Monitor
from models_app.monitors.targets import Targets, targets_of
from models_app.statistics.monitors import deciding, look
from models_app.statistics.monitors.copies import Library
from models_app.statistics.monitors.distribution import HOURS
from models_app.statistics.monitors.label_feed import Feed
from models_app.statistics.monitors.look import LABEL_FEED, Hour, Known, Signal, Watches
from models_app.statistics.monitors.telling_apart import Told
from models_app.work.lease import SUCCEEDED, Attempt
from scoring.models import HourProfile
from tenants.models import Intent
from tenants.scope import tenant_scope

DAY = timedelta(days=1)
CAUGHT_UP = timedelta(days=2)  # of hours that nobody looked at; what is before is left out
_TOLD_BY = timedelta(days=7)  # of hours by which risk and scale are told apart, at most
_KEPT = 12  # signals, the most unusual ones


@dataclass(frozen=True)
class LookWork(Attempt):
    """One attempt at a look. The audit trail has incidents, and no word of looks: there are too many."""

    model = Look
    related = ("tenant", "intent")

    def tell(self, row: Any, state: str, details: dict[str, Any]) -> None:
        pass

    def succeed(self) -> None:
        """Look, and keep what was seen, in one transaction: a look counts once, or not at all. Raises Stopped."""
        with tenant_scope(self.tenant_id):
            row = self.locked()
            self.end(row, SUCCEEDED, _look(row.intent, row.until), {})


def run_look(tenant_id: int, look_id: int) -> None:
    """Take a look that waits, or whose worker died; another that is at it is left alone."""
    work = LookWork.take_up(tenant_id, look_id)
    if work is not None:
        work.run(LookWork.succeed)


def _look(intent: Intent, until: datetime) -> str:
    """What was seen, in words."""
    monitor = _held(intent, until)
    if monitor.looked_at >= until:
        return "a later hour was looked at already"
    since = max(monitor.looked_at, until - CAUGHT_UP)
    day = hours_of(intent, until - DAY, until)
    fresh = day if since <= until - DAY else day[number_of(since) - number_of(until) :]
    closed = list(closed_since(intent, monitor.looked_at))
    known = _known(monitor, closed, until)
    served = HourProfile.objects.filter(tenant=intent.tenant_id, intent=intent.name, hour__gte=since, hour__lt=until)
    rows = list(served.order_by("hour").only("transform", "thresholds"))
    targets = targets_of(intent, until.date(), rows)
    labels, of_labels = looked_at(intent, _labels(monitor, closed), until)
    known_fraud = _library(monitor, labels)
    watches = look.watched(_watches(monitor, closed), fresh, targets, known, tops_of(rows), known_fraud)
    signals = sorted([*look.signals(watches, day, known), *of_labels], key=lambda each: each.a_year)
    _decide(intent, until, signals, lambda signal: _told(signal, intent, until, known, labels, targets))
    measured = measured_of(day, watches.above)
    _keep(monitor, until, signals, known=known, watches=watches, labels=labels, measured=measured)
    return f"looked at {len(fresh)} hours"


def _keep(monitor: Monitor, until: datetime, signals: Sequence[Signal], **seen: Any) -> None:
    for name, each in seen.items():
        setattr(monitor, name, msgspec.to_builtins(each, str_keys=True))
    monitor.looked_at, monitor.signals = until, msgspec.to_builtins(signals[:_KEPT])
    monitor.a_year = signals[0].a_year if signals else None
    monitor.save(update_fields=["looked_at", "signals", "a_year", *seen])


def _held(intent: Intent, until: datetime) -> Monitor:
    """The intent's monitor, until the transaction ends; a new one begins with the last hour."""
    fresh = Monitor(tenant_id=intent.tenant_id, intent=intent, looked_at=until - HOUR)
    Monitor.objects.bulk_create([fresh], ignore_conflicts=True)
    return Monitor.objects.select_for_update(of=("self",)).select_related("intent__tenant").get(intent=intent)


def _watches(monitor: Monitor, closed: Sequence[Incident]) -> Watches:
    """What thresholds' watches said last; they begin anew once an incident that they have shown is over."""
    watches = msgspec.convert(monitor.watches, Watches, strict=False)
    is_over = any(each.kind in (Incident.Kind.SCALE, Incident.Kind.RISK) for each in closed)
    return watches.anew() if is_over else watches


def _library(monitor: Monitor, labels: Labels) -> Library:
    """Known fraud, once a day with that of the labels since; at first with what labels of four weeks tell."""
    known, before = library.read(monitor.library), int(monitor.labels.get("day", 0))
    if labels.day > before:
        since = begin_of(max(before, labels.day - look.PAST_DAYS) * HOURS)
        known = library.grown(known, monitor.intent, since, begin_of(labels.day * HOURS))
        monitor.library = library.stored(known)
        monitor.save(update_fields=["library"])
    return known


def _labels(monitor: Monitor, closed: Sequence[Incident]) -> Labels:
    """What is known of labels; how they come is learnt anew once somebody has said that it is usual."""
    before = msgspec.convert(monitor.labels, Labels)
    said = any(each.is_usual and each.subject == LABEL_FEED for each in closed)
    return msgspec.structs.replace(before, feed=Feed()) if said else before


def _known(monitor: Monitor, closed: Sequence[Incident], until: datetime) -> Known:
    """What the weeks before tell, made anew each day, and where somebody has said that something is usual."""
    today = number_of(until - HOUR) // HOURS
    if monitor.known and not any(each.is_usual for each in closed):
        known = msgspec.convert(monitor.known, Known, strict=False)
        if known.day == today:
            return known
    return look.known_of(_past(monitor.intent, begin_of(today * HOURS)), today)


def _past(intent: Intent, end: datetime) -> list[Hour]:
    """The hours of the weeks before, from the first day on in which there were events; features without data faults."""
    begin = usual_since(intent, end - look.PAST_DAYS * DAY)
    hours = hours_of(intent, begin_of(number_of(begin) // HOURS * HOURS), end)
    first = next((place for place, hour in enumerate(hours) if hour.events), len(hours))
    faulty = {
        hour
        for fault in data_faults(intent, begin)
        for hour in range(number_of(fault.since), number_of(fault.closed_at or end))
    }
    return [
        msgspec.structs.replace(hour, features={}) if hour.hour in faulty else hour
        for hour in hours[first - first % HOURS :]
    ]


def _told(signal: Signal, intent: Intent, until: datetime, known: Known, labels: Labels, targets: Targets) -> Told:
    """Scale or risk, by what has come since the signal began."""
    hours = hours_of(intent, max(begin_of(signal.since), until - _TOLD_BY), until)
    told = look.told_apart(hours, signal.since, known)
    return told_by_precision(intent, labels, told, hours, until, targets)


def _decide(intent: Intent, until: datetime, signals: Sequence[Signal], tell: Callable[[Signal], Told]) -> None:
    finding = deciding.found(signals, settings.ENV["MUSE_FALSE_ALARMS_A_YEAR"], tell)
    if finding is not None:
        incidents.report(intent=intent, finding=finding, at=until)
    incidents.close_quiet(intent=intent, at=until)
