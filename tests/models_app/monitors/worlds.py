"""An intent's hours as the event consumer would have counted them, simulated."""

from datetime import UTC, datetime, timedelta

from models_app.catalog.references import mathematical
from models_app.monitors.hours import begin_of, number_of
from models_app.statistics.monitors.distribution import HOURS
from scoring.models import DayStatistics, HourProfile
from tenants.models import Intent
from tenants.scope import tenant_scope
from tests.factories import World
from tests.models_app.statistics.monitors.worlds import RATES, TRANSFORM, Change, hour_of, nothing

UNTIL = datetime(2026, 11, 29, tzinfo=UTC)


def intent_of(world: World) -> Intent:
    """The world's intent, whose thresholds are at the target rates of the simulated hours."""
    return Intent.objects.select_related("tenant").get(tenant=world.tenant, name=world.intent.name)


def scores(world: World) -> dict[str, float]:
    reference = mathematical(world.transform.reference)
    return {name: float(reference.score_at(rate)) for name, rate in RATES.items()}


def count(world: World, first: datetime, hours: int, change: Change = nothing, seed: int = 1) -> None:
    """So many hours from the first on."""
    own = {"tenant": world.tenant, "intent": world.intent.name}
    at, rows = scores(world), []
    for number in range(number_of(first), number_of(first) + hours):
        hour = hour_of(number, seed, change)
        served = hour.served.get(TRANSFORM)
        if served is not None:
            rows.append(
                HourProfile(
                    **own, hour=begin_of(number), transform=world.transform.pk, events=served.events,
                    alerts=served.alerts, thresholds=at, probability=served.probability, features=hour.features,
                    context=hour.context,
                )
            )  # fmt: skip
    with tenant_scope(world.tenant.pk):
        HourProfile.objects.bulk_create(rows)


def count_days(world: World, until: datetime, days: int) -> None:
    """So many days before, by when their events occurred, without a scatter of their own."""
    own = {"tenant": world.tenant, "intent": world.intent.name, "transform": world.transform.pk}
    alerts = {name: round(60 * HOURS * rate) for name, rate in RATES.items()}
    rows = [
        DayStatistics(**own, day=(until - timedelta(days=back)).date(), events=60 * HOURS, alerts=alerts)
        for back in range(1, days + 1)
    ]
    with tenant_scope(world.tenant.pk):
        DayStatistics.objects.bulk_create(rows)
