"""Taking back by itself what went live by itself, where the hours after it leave the bounds."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from django.utils import timezone

from models_app.changes.rollback import roll_back
from models_app.changes.standing_approvals.models import StandingApproval
from models_app.changes.standing_approvals.services import revoke_standing_approval
from models_app.monitors.hours import HOUR, hours_of
from models_app.monitors.order import last_hour
from models_app.monitors.targets import targets_of
from models_app.refreshes.models import Refresh
from models_app.releases.publish import lock_current
from models_app.statistics.in_words import percent
from models_app.statistics.monitors.beyond import evidence_beyond
from models_app.statistics.monitors.look import Hour
from scoring.engine import document as documents
from scoring.models import HourProfile
from tenants.scope import platform_scope, tenant_scope

WATCHED = timedelta(hours=24)
FALSELY = 0.001  # the share of refreshes within their bounds that are taken back all the same, at most


def take_back_strayed(*, now: datetime | None = None) -> int:
    """Serve the release before again where a refresh that went live by itself has left its bounds since; how many."""
    until = last_hour(now or timezone.now())
    with platform_scope():
        rows = Refresh.objects.filter(
            outcome=Refresh.Outcome.LIVE, change_request__release__published_at__gt=until - WATCHED - HOUR
        )
        watched = list(rows.values_list("tenant_id", "pk"))
    return sum(_take_back(tenant_id, pk, until) for tenant_id, pk in watched)


def _take_back(tenant_id: int, pk: int, until: datetime) -> bool:
    with tenant_scope(tenant_id):
        related = ("tenant", "policy__intent__tenant", "change_request__release", "change_request__based_on")
        rows = Refresh.objects.select_for_update(of=("self",))
        refresh = rows.select_related(*related, "change_request__standing_approval").get(pk=pk)
        change = refresh.change_request
        assert change is not None
        assert change.release is not None
        assert change.based_on is not None
        current = lock_current(refresh.tenant)
        if current is None or current.pk != change.release.pk:
            return False  # another one is live by now, and this is over
        strayed = _strayed(refresh, until)
        if not strayed:
            return False
        why = f"it left the bounds of its standing approval: {'; '.join(strayed)}"
        roll_back(
            actor=None, tenant=refresh.tenant, release=change.based_on, reason=why, based_on=current.number, failure=why
        )
        _revoke(change.standing_approval, f"release {current.number} was taken back: {why}")
        refresh.outcome, refresh.refused = Refresh.Outcome.TAKEN_BACK, strayed
        refresh.save(update_fields=["outcome", "refused"])
    return True


def _revoke(approval: StandingApproval | None, reason: str) -> None:
    """Nothing more goes live on it until people have looked."""
    if approval is not None and approval.state == StandingApproval.State.OPEN:
        revoke_standing_approval(actor=None, approval=approval, reason=reason)


def _strayed(refresh: Refresh, until: datetime) -> list[str]:
    """Each threshold whose alerts since it went live are beyond what was approved, in words."""
    change, intent = refresh.change_request, refresh.policy.intent
    assert change is not None
    assert change.release is not None
    assert change.standing_approval is not None
    since = change.release.published_at.replace(minute=0, second=0, microsecond=0) + HOUR
    until = min(until, since + WATCHED)
    of = {"tenant": refresh.tenant_id, "intent": intent.name, "hour__gte": since, "hour__lt": until}
    targets = targets_of(intent, since.date(), HourProfile.objects.filter(**of).order_by("hour"))
    routes = documents.decode(change.release.document).intents[intent.name].routes
    own = {route.live.transform for route in routes}
    mine = {place: target for place, target in targets.items() if place[0] in own}
    hours, approval = hours_of(intent, since, until) if mine else [], change.standing_approval
    found = []
    for (transform, name), target in sorted(mine.items()):
        counts = _counts(hours, transform, name)
        if not counts:
            continue
        allowed = approval.allowed(target.rate, 24 * sum(each[1] for each in counts) / len(counts))
        if evidence_beyond(counts, msgspec.structs.replace(target, tolerated=allowed)) >= len(mine) / FALSELY:
            events, alerts = (sum(each[place] for each in counts) for place in (1, 2))
            found.append(
                f"the alert rate at “{name}” was {percent(alerts / events)} of {events:,} events, with a target of "
                f"{percent(target.rate)} and {percent(allowed)} of it approved"
            )
    return found


def _counts(hours: Sequence[Hour], transform: int, threshold: str) -> list[tuple[int, int, int]]:
    """Of each hour in which the transform answered: its number, its events, its alerts."""
    served = [(each.hour, each.served[transform]) for each in hours if transform in each.served]
    return [(hour, each.events, each.alerts[threshold]) for hour, each in served if threshold in each.alerts]
