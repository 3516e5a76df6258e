"""What each threshold of an intent is held against: its target, what the tenant tolerates, how its days are spread."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from models_app.catalog.references import mathematical
from models_app.changes.selectors import policy_of
from models_app.statistics.monitors.alert_rate import Target, spread_of
from models_app.statistics.monitors.look import PAST_DAYS
from models_app.transforms.models import Transform
from scoring.models import DayStatistics, HourProfile
from tenants.models import Intent

Targets = Mapping[tuple[int, str], Target]


def targets_of(intent: Intent, today: date, served: Iterable[HourProfile]) -> Targets:
    """By transform and threshold, of the hours that they are to be held against."""
    at = {row.transform: row.thresholds for row in served}
    transforms = Transform.objects.filter(pk__in=at).select_related("reference")
    policy, spreads = policy_of(intent.tenant), _spreads(intent, today)
    found = {}
    for transform in transforms:
        reference = mathematical(transform.reference)
        for threshold, score in at[transform.pk].items():
            rate = float(reference.alert_rate(score))
            if rate > 0.0:
                tolerated = policy.tolerance_of(intent.name, threshold)
                found[transform.pk, threshold] = Target(rate, tolerated, spreads(threshold))
    return found


def rates_at(intent: Intent) -> Mapping[str, float]:
    """The target of each threshold, by the transform that answered in the latest hour."""
    row = HourProfile.objects.filter(tenant=intent.tenant_id, intent=intent.name).order_by("-hour", "-events").first()
    if row is None:
        return {}
    transform = Transform.objects.filter(pk=row.transform).select_related("reference").first()
    if transform is None:
        return {}
    reference = mathematical(transform.reference)
    rates = {name: float(reference.alert_rate(score)) for name, score in row.thresholds.items()}
    return {name: rate for name, rate in rates.items() if rate > 0.0}


class _Spreads:
    """By threshold, how the alert rates of the last weeks' whole days are spread."""

    def __init__(self, rows: Iterable[DayStatistics]) -> None:
        self._events: Counter[date] = Counter()
        self._alerts: dict[str, Counter[date]] = {}
        for row in rows:
            self._events[row.day] += row.events
            for threshold, alerts in row.alerts.items():
                self._alerts.setdefault(threshold, Counter())[row.day] += alerts

    def __call__(self, threshold: str) -> float:
        days = sorted(self._events)
        alerts = self._alerts.get(threshold, Counter())
        return spread_of([self._events[day] for day in days], [alerts[day] for day in days])


def _spreads(intent: Intent, today: date) -> _Spreads:
    since = today - timedelta(days=PAST_DAYS)
    rows = DayStatistics.objects.filter(tenant=intent.tenant_id, intent=intent.name, day__gte=since, day__lt=today)
    return _Spreads(rows)
