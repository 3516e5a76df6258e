"""A tenant of the benchmark of incidents: its events, and what its monitors know of each day while nothing happens.

Hours are counted here as the event consumer counts them; all that judges them is the product's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.incident_worlds import Floats, Setting, Stream
from models_app.statistics.days import merged
from models_app.statistics.fit import fit_mapping
from models_app.statistics.halvings import halvings
from models_app.statistics.monitors import copies, label_feed, look, unfitted
from models_app.statistics.monitors.alert_rate import Target, spread_of
from models_app.statistics.monitors.distribution import HOURS as A_DAY
from models_app.statistics.monitors.look import Hour, Known, Served, Signal
from models_app.statistics.references import BetaReference
from scoring.engine import bins
from scoring.engine.signatures import OF_AN_HOUR
from scoring.lake.signatures import signatures_of

TRAINED, SERVED_FROM, FIT_DAYS = (30, 91), 119, 28
TOLERATED = 0.1
RATES = {"at-10%": 0.1, "at-5%": 0.05, "at-1%": 0.01, "at-0.5%": 0.005, "at-0.1%": 0.001}
LABELS_LATE, LABELS_KEPT = 7, 180  # days after which it is known that an event was fraud, and for which that is kept
REFERENCE = BetaReference(2.0, 8.0)
SCORES = {name: float(REFERENCE.score_at(rate)) for name, rate in RATES.items()}


@dataclass(frozen=True)
class Mapped:
    """A day's mapping: the probabilities that thresholds are at, that of its highest knot, what is due above that."""

    edges: Floats
    highest: float
    top: unfitted.Top


@dataclass
class Tenant:
    """A tenant's events as they came; `half_life`: of an event's weight in a refresh, in days."""

    stream: Stream
    setting: Setting
    first: int  # hour that begins the first day of the file
    half_life: float
    mapped: dict[int, Mapped] = field(default_factory=dict)
    hours: dict[int, Hour] = field(default_factory=dict)
    known: dict[int, Known] = field(default_factory=dict)
    spreads: dict[int, Mapping[str, float]] = field(default_factory=dict)
    libraries: dict[int, copies.Library] = field(default_factory=dict)
    usual: dict[int, copies.Watch] = field(default_factory=dict)

    def mapped_on(self, day: int, changed: Stream | None = None) -> Mapped:
        """By a refresh as this day begins, of the weeks before, with what has come."""
        if changed is None and day in self.mapped:
            return self.mapped[day]
        days = range(day - FIT_DAYS, day)
        values = [self.between(each, each + 1, changed).probability for each in days]
        halved = halvings([float(day - 1 - each) for each in days], self.half_life)
        fitted = fit_mapping(merged([np.sort(each) for each in values], halved), REFERENCE, list(SCORES.values()))
        rate = float(REFERENCE.alert_rate(fitted.y[-2]))
        top = unfitted.Top(rate, max(1.0, rate * fitted.n))
        found = Mapped(np.array([fitted.reaches(score) for score in SCORES.values()]), fitted.x[-2], top)
        if changed is None:
            self.mapped[day] = found
        return found

    def between(self, first: int, end: int, changed: Stream | None = None) -> Stream:
        """The events of these days; `changed` stands in the place of those of its hours."""
        begin, stop = (self.first + A_DAY * each for each in (first, end))
        own = self.stream.in_hours(begin, stop)
        if changed is None or not len(changed.hour):
            return own
        kept = own.only(np.flatnonzero((own.hour < changed.hour[0]) | (own.hour > changed.hour[-1])))
        return kept.beside(changed.in_hours(begin, stop))

    def day_of(self, hour: int) -> int:
        return (hour - self.first) // A_DAY

    def served_on(self, hour: int) -> int:
        """The day whose mapping answers in this hour; that of the first where there was none yet."""
        return max(self.day_of(hour), SERVED_FROM)

    def hour_of(self, hour: int) -> Hour:
        """As it was while nothing happened."""
        if hour not in self.hours:
            day = self.served_on(hour)
            events = self.stream.in_hours(hour, hour + 1)
            self.hours[hour] = made_of(events, hour, day, self.mapped_on(day), self.setting)
        return self.hours[hour]

    def known_on(self, day: int) -> Known:
        if day not in self.known:
            begin = self.first + A_DAY * (day - look.PAST_DAYS)
            hours = [self.hour_of(begin + each) for each in range(A_DAY * look.PAST_DAYS)]
            self.known[day] = look.known_of(hours, (self.first + A_DAY * day) // A_DAY)
        return self.known[day]

    def library_on(self, day: int) -> copies.Library:
        """The tenant's own frauds, as far as labels have told them by this day."""
        if day not in self.libraries:
            events = self.between(day - LABELS_KEPT, day - LABELS_LATE)
            known = events.only(np.flatnonzero(events.label))
            self.libraries[day] = _signatures(known.x, self.setting)[-copies.MOST :]
        return self.libraries[day]

    def copies_before(self, day: int) -> copies.Watch:
        """How many alerts are near known fraud while nothing happens, by the weeks before."""
        if day not in self.usual:
            watch = copies.Watch()
            for hour in range(self.first + A_DAY * (day - look.PAST_DAYS), self.first + A_DAY * day):
                watch = watch.after(hour, self.hour_of(hour).signatures, self.library_on(self.day_of(hour))).anew()
            self.usual[day] = watch
        return self.usual[day]

    def targets_on(self, hour: int) -> Mapping[tuple[int, str], Target]:
        """By the scatter of the days before, of the mapping that answers."""
        day = self.day_of(hour)
        if day not in self.spreads:
            days = [[self.hour_of(self.first + A_DAY * each + hour) for hour in range(A_DAY)]
                    for each in range(day - look.PAST_DAYS, day)]  # fmt: skip
            events = [sum(hour.events for hour in each) for each in days]
            self.spreads[day] = {name: spread_of(events, [_alerts(each, name) for each in days]) for name in RATES}
        served = self.served_on(hour)
        return {(served, name): Target(rate, TOLERATED, self.spreads[day][name]) for name, rate in RATES.items()}

    def of_labels(self, hour: int) -> list[Signal]:
        """What is unusual of labels after this hour: each fraud's comes as late as the others'."""
        until = hour + 1
        came = self._labelled[: np.searchsorted(self._labelled, until)]
        recent = np.unique(came[np.searchsorted(came, until - label_feed.DAYS * A_DAY) :])
        feed = label_feed.Feed(tuple(recent.tolist()))
        days, counts = np.unique(came // A_DAY, return_counts=True)
        by_day = dict(zip(days.tolist(), counts.tolist(), strict=True))
        found = ((label_feed.silence(feed, until), True), (label_feed.last_day(by_day, until // A_DAY), False))
        return look.of_labels(found)

    @cached_property
    def _labelled(self) -> NDArray[np.int64]:
        return self.stream.hour[self.stream.label] + LABELS_LATE * A_DAY


def made_of(events: Stream, hour: int, transform: int, mapped: Mapped, setting: Setting) -> Hour:
    """An hour as the event consumer counts it, which counts nothing where there are no events."""
    if not len(events.hour):
        return Hour(hour)
    edges, probability = mapped.edges, events.probability
    alerts = {name: int(np.sum(probability >= edge)) for name, edge in zip(RATES, edges, strict=True)}
    beyond = int(np.sum(probability > mapped.highest))
    served = Served(len(events.hour), alerts, _spread(bins.of_probabilities(probability)), beyond=beyond)
    features = {name: _numbers(events.x[:, place]) for place, name in enumerate(setting.names)}
    alerting = _signatures(events.x[probability >= edges.min()], setting).tolist()
    channel = {"channel": _spread(events.channel.astype(str), "=")}
    return Hour(hour, {transform: served}, features, channel, tuple(map(tuple, sorted(alerting)[:OF_AN_HOUR])))


def _signatures(x: Floats, setting: Setting) -> copies.Library:
    return signatures_of({name: pa.array(x[:, place]) for place, name in enumerate(setting.names)}, len(x))


def _numbers(values: Floats) -> dict[str, int]:
    missing = int(np.isnan(values).sum())
    return _spread(bins.of_numbers(values[~np.isnan(values)])) | ({bins.NONE: missing} if missing else {})


def _spread(values: Any, before: str = "") -> dict[str, int]:
    found, counts = np.unique(values, return_counts=True)
    return {f"{before}{each}": int(count) for each, count in zip(found.tolist(), counts.tolist(), strict=True)}


def _alerts(hours: Sequence[Hour], name: str) -> int:
    return sum(served.alerts[name] for hour in hours for served in hour.served.values())
