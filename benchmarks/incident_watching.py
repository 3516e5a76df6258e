"""Looks at a tenant of the benchmark of incidents, hour by hour, as the hourly task has them (models_app/monitors)."""

from benchmarks.incident_tenants import Mapped, Tenant, made_of
from benchmarks.incident_worlds import Stream
from models_app.statistics.monitors import deciding, look
from models_app.statistics.monitors.deciding import Finding
from models_app.statistics.monitors.distribution import HOURS as A_DAY
from models_app.statistics.monitors.look import Hour, Signal
from models_app.statistics.monitors.telling_apart import Told

FALSE_ALARMS = 1.0  # a year, the setting's default
_TOLD_BY = 7 * A_DAY  # hours by which risk and scale are told apart, at most


class Watching:
    """From an hour on; `changed` are events that came in the place of those of their hours."""

    def __init__(self, tenant: Tenant, begin: int, changed: Stream | None = None) -> None:
        self._tenant, self._changed = tenant, changed
        self._watches = look.Watches(alike=tenant.copies_before(tenant.day_of(begin)))
        self._hours: dict[int, Hour] = {}
        self._mapped: dict[int, Mapped] = {}

    def after(self, hour: int) -> Finding | None:
        """What the look after this hour finds."""
        tenant, day = self._tenant, self._tenant.day_of(hour)
        known = tenant.known_on(day)
        seen = [self._hour(each) for each in range(hour - A_DAY + 1, hour + 1)]
        tops = {tenant.served_on(hour): self._mapped_at(hour).top}
        targets, library = tenant.targets_on(hour), tenant.library_on(day)
        self._watches = look.watched(self._watches, seen[-1:], targets, known, tops, library)
        signals = [*look.signals(self._watches, seen, known), *tenant.of_labels(hour)]
        signals.sort(key=lambda each: each.a_year)
        return deciding.found(signals, FALSE_ALARMS, lambda signal: self._told(signal, hour))

    def anew(self) -> None:
        """As it is once an incident is over."""
        self._watches = self._watches.anew()

    def _told(self, signal: Signal, last: int) -> Told:
        since = range(max(signal.since, last + 1 - _TOLD_BY), last + 1)
        known = self._tenant.known_on(self._tenant.day_of(last))
        return look.told_apart([self._hour(each) for each in since], signal.since, known)

    def _hour(self, hour: int) -> Hour:
        changed = self._changed
        if changed is None or not changed.hour[0] <= hour <= changed.hour[-1]:
            return self._tenant.hour_of(hour)
        if hour not in self._hours:
            events, day = changed.in_hours(hour, hour + 1), self._tenant.day_of(hour)
            self._hours[hour] = made_of(events, hour, day, self._mapped_at(hour), self._tenant.setting)
        return self._hours[hour]

    def _mapped_at(self, hour: int) -> Mapped:
        """The mapping of the hour's day, which a refresh has fitted on what had come by then."""
        day = self._tenant.served_on(hour)
        first = None if self._changed is None else self._tenant.day_of(int(self._changed.hour[0]))
        if first is None or day <= first:
            return self._tenant.mapped_on(day)
        if day not in self._mapped:
            self._mapped[day] = self._tenant.mapped_on(day, self._changed)
        return self._mapped[day]
