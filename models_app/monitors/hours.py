"""An intent's hours as monitors look at them, from what the event consumer has counted."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby

from models_app.statistics.monitors.look import Hour, Served
from models_app.transforms.models import Transform
from scoring.engine import bins
from scoring.models import HourProfile
from tenants.models import Intent

HOUR = timedelta(hours=1)


def number_of(at: datetime) -> int:
    """The hour that begins at this time, counted from 1970."""
    return int(at.timestamp()) // 3600


def begin_of(hour: int) -> datetime:
    """When an hour begins that is counted from 1970."""
    return datetime.fromtimestamp(hour * 3600, UTC)


def hours_of(intent: Intent, since: datetime, until: datetime) -> list[Hour]:
    """All hours that begin in [since, until), in order; those without events, too."""
    rows = HourProfile.objects.filter(
        tenant=intent.tenant_id, intent=intent.name, hour__gte=since, hour__lt=until
    ).order_by("hour")
    predictors = dict(Transform.objects.filter(intent=intent).values_list("pk", "predictor"))
    by_hour = groupby(rows, key=lambda row: row.hour)
    found = {number_of(at): _hour(number_of(at), list(own), predictors) for at, own in by_hour}
    return [found.get(hour) or Hour(hour) for hour in range(number_of(since), number_of(until))]


def _hour(number: int, rows: Sequence[HourProfile], predictors: Mapping[int, int]) -> Hour:
    return Hour(
        number,
        {
            row.transform: Served(row.events, row.alerts, row.probability, predictors.get(row.transform, 0), row.beyond)
            for row in rows
        },
        bins.all_together(*(row.features for row in rows)),
        bins.all_together(*(row.context for row in rows)),
        tuple(tuple(each) for row in rows for each in row.signatures),
    )
