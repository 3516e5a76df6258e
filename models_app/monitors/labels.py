"""An intent's labels as monitors look at them: whether they come as they use to, and what mature ones say."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from models_app.changes.evidence.judgement import judgement_of
from models_app.intents.to_document import thresholds_of
from models_app.monitors.hours import begin_of, number_of
from models_app.monitors.targets import Targets
from models_app.statistics.evidence.labels import UNLABELLED, counted
from models_app.statistics.monitors import label_feed
from models_app.statistics.monitors.distribution import HOURS
from models_app.statistics.monitors.label_feed import Feed, Unusual
from models_app.statistics.monitors.look import Hour, Signal, of_labels
from models_app.statistics.monitors.matured import Matured, matured_of
from models_app.statistics.monitors.telling_apart import Told, by_precision
from scoring.lake import delta, reading
from scoring.lake.label_feed import LabelFeed
from scoring.lake.label_feed import label_feed as feed_of
from scoring.lake.sampling import Sample
from scoring.models import DayStatistics
from tenants.models import Intent

_DAYS = timedelta(days=28)  # whose events' labels are read
_MOST = 200_000  # of them; of more a sample is read
_LEAST = 20  # alerts with a label, by which risk and scale are told apart
_COLUMNS = ("event_id", "occurred_at", "probability", "score")
_EPOCH = date(1970, 1, 1)


class Labels(msgspec.Struct, frozen=True):
    """What is known of an intent's labels: the `feed`, the `last` one's time, and what `matured` says on a `day`."""

    feed: Feed = Feed()
    last: str | None = None
    day: int = 0
    matured: Matured | None = None


def looked_at(intent: Intent, before: Labels, until: datetime) -> tuple[Labels, list[Signal]]:
    """After an hour, what is known of labels, and what of it is unusual. While the lake is away, nothing new is."""
    try:
        feed = feed_of(intent.tenant_id, intent.name)
        if feed is None:
            return before, []
        after = _after(intent, before, feed, until)
    except delta.Failure:
        return before, []
    today = number_of(until) // HOURS
    days = {(day - _EPOCH).days: count for day, count in feed.days.items()}
    found: Sequence[tuple[Unusual | None, bool]] = (
        (label_feed.silence(after.feed, number_of(until)), True),
        (label_feed.last_day(days, today), False),
    )
    return after, of_labels(found)


def mature(intent: Intent, start: datetime, end: datetime, until: datetime) -> Matured | None:
    """What the labels of events in [start, end) say that were old enough at `until`; None where none were."""
    judged = judgement_of(intent.tenant_id, intent.name).labels
    end = min(end, until - timedelta(days=judged.maturity_days))
    place = intent.tenant_id, intent.name
    if start >= end or reading.version(*place) is None:
        return None
    events = reading.feature_table(*place, start, end, _COLUMNS, sample=_sample(intent, start, end))
    if not len(events):
        return None
    labels, after_days = _labels(intent, events, start)
    found = counted(labels, np.full(len(events), np.inf), judged)
    scores, probabilities = (_numbers(events, name) for name in ("score", "probability"))
    thresholds = {each.name: each.score for each in thresholds_of(intent)}
    return matured_of(scores, probabilities, found, after_days, thresholds)


def told_by_precision(
    intent: Intent, labels: Labels, told: Told, hours: Sequence[Hour], until: datetime, targets: Targets
) -> Told:
    """Scale or risk once the labels are looked at that these hours' alerts have already, at the rarest threshold."""
    if labels.matured is None or not hours:
        return told
    try:
        now = mature(intent, begin_of(hours[0].hour), until, until)
    except delta.Failure:
        return told
    usual, came = labels.matured.precision, now.precision if now else {}
    known = [name for name in came if name in usual and min(came[name].events, usual[name].events) >= _LEAST]
    if not known:
        return told
    rarest = min(known, key=lambda name: usual[name].events)
    before, after = ((each.positive, each.events) for each in (usual[rarest], came[rarest]))
    return by_precision(told, before, after, _times(hours, rarest, targets))


def _times(hours: Sequence[Hour], threshold: str, targets: Targets) -> float:
    """How many times as many alerts as due."""
    served = [each for hour in hours for each in hour.served.items() if (each[0], threshold) in targets]
    due = sum(each.events * targets[transform, threshold].rate for transform, each in served)
    return sum(each.alerts.get(threshold, 0) for _, each in served) / due if due else 0.0


def _after(intent: Intent, before: Labels, feed: LabelFeed, until: datetime) -> Labels:
    """What mature labels say is read once a day."""
    after = msgspec.structs.replace(before, feed=before.feed.after(number_of(feed.last)), last=feed.last.isoformat())
    today = number_of(until) // HOURS
    if today == before.day:
        return after
    end = begin_of(today * HOURS)
    maturity = timedelta(days=intent.label_maturity_days)
    return msgspec.structs.replace(after, day=today, matured=mature(intent, end - maturity - _DAYS, end, end))


def _sample(intent: Intent, start: datetime, end: datetime) -> Sample | None:
    """As many of the events as are read; None of fewer, which all are."""
    place = {"tenant": intent.tenant_id, "intent": intent.name}
    rows = DayStatistics.objects.filter(**place, day__gte=start.date(), day__lte=end.date())
    events = sum(rows.values_list("events", flat=True))
    return Sample("labels", _MOST / events) if events > _MOST else None


def _labels(intent: Intent, events: pa.Table, start: datetime) -> tuple[np.ndarray, np.ndarray]:
    """The label of each event since `start`, and the days until it was reported."""
    reports = reading.label_reports(intent.tenant_id, intent.name, start)
    ids = reports.column("event_id").combine_chunks()
    place = pc.index_in(events.column("event_id").cast(ids.type), value_set=ids)
    label = pc.fill_null(reports.column("label").take(place), UNLABELLED).to_numpy().astype(np.int8)
    reported, occurred = (
        column.cast(pa.int64()).to_numpy(zero_copy_only=False).astype(np.float64)
        for column in (reports.column("reported_at").take(place), events.column("occurred_at"))
    )
    return label, (reported - occurred) / 86_400e6


def _numbers(events: pa.Table, name: str) -> np.ndarray:
    return events.column(name).cast(pa.float64()).to_numpy()
