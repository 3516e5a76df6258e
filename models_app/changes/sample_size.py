"""How many events a tenant's changes need to pass, by the tolerances of its own review policy."""

from dataclasses import dataclass

from models_app.catalog.models import ReferenceDistribution
from models_app.catalog.references import mathematical
from models_app.changes.selectors import policy_of
from models_app.statistics.evidence.gates import tolerance_of
from models_app.statistics.sample_size import passing_events
from models_app.transforms import report
from tenants.models import Intent, Tenant


@dataclass(frozen=True)
class Passing:
    """The threshold that needs most, its target and tolerance (as a share of it), and the `events` that it needs."""

    threshold: str
    target: float
    tolerance: float
    events: int


def events_to_pass(
    tenant: Tenant, intent: Intent, reference: ReferenceDistribution, events_a_day: float
) -> Passing | None:
    """With which each gate of the intent passes with a power of 90 %, where events are independent and nothing drifts.

    None where the intent declares no threshold. Raises ValidationError where the reference has no alert rate at one.
    """
    policy, declared = policy_of(tenant), report.declared_thresholds(intent)
    rates = report.checked_alert_rates(mathematical(reference), declared)
    needs = []
    for each, rate in zip(declared, rates, strict=True):
        share = policy.tolerance_of(intent.name, each.name)
        tolerance = tolerance_of(share, policy.alerts_a_day, events_a_day, rate)
        needs.append(Passing(each.name, rate, tolerance, passing_events(rate, tolerance) or 0))
    return max(needs, key=lambda need: need.events, default=None)
