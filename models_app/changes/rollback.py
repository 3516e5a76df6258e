"""Going back to what was approved and live not long ago: one approver, one click, a reason.

It goes back only: what was undone, by this or on the way to something earlier, comes again by a change request. Else
one approver could serve alone, by rolling back from a rollback, what people have taken back.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from models_app.changes.models import ChangeRequest
from models_app.changes.second_factor import check_second_factor
from models_app.changes.transitions import ROLL_BACK, Standing, move
from models_app.notifications.events import Event
from models_app.releases.notify import tell_of_release
from models_app.releases.publish import checked_reason, lock_current
from scoring import releases
from scoring.models import Release
from scoring.services import publish_document
from tenants.models import Person, Tenant
from tenants.permissions import require
from tenants.refusals import Conflict
from tenants.roles import Permission

WITHIN = timedelta(days=30)


def roll_back(
    *,
    actor: Person | None,
    tenant: Tenant,
    release: Release,
    reason: str,
    based_on: int | None = None,
    failure: str = "",
) -> Release:
    """Serve an earlier release's document again, under a new number; its change request is marked as rolled back.

    `based_on`: the release that the person has seen as current. `failure`: why the platform does it by itself.
    Raises Conflict for a release that was undone, was never approved, or was last live more than 30 days ago: that
    takes a change request.
    """
    require(actor, Permission.APPROVE, tenant)
    check_second_factor(tenant)
    reason = checked_reason(reason)
    with transaction.atomic():
        current = lock_current(tenant, based_on)
        if current is None or release.digest == current.digest:
            raise Conflict(f"the document of release {release.number} is live already")
        _check_not_undone(release, current)
        if actor is not None:
            _check_recent(release)
        rollback = publish_document(
            tenant=tenant, document=release.document, actor=actor, reason=reason, republishes=release
        )
        _mark(current, actor, failure)
        tell_of_release(Event.TAKEN_BACK if failure else Event.ROLLED_BACK, current, actor=actor, text=reason)
    return rollback


def why_not(release: Release, current: Release) -> str:
    """Why it takes a change request to go from what is live back to it; empty where a rollback does."""
    try:
        _check_not_undone(release, current)
        _check_recent(release)
    except Conflict as refusal:
        return str(refusal)
    return ""


def standing(current: Release, since: int = 1) -> list[int]:
    """The numbers of what is live and of what was before it, newest first, without what was undone; from `since` on.

    A rollback stands for the release that it repeats: what was live between the two is skipped.
    """
    rows = Release.objects.filter(tenant=current.tenant_id, number__range=(since, current.number))
    told = rows.values_list("number", "republishes__number", "change_request")
    back = {number: earlier for number, earlier, change in told if earlier and not change}
    found, number = [], current.number
    while number >= since:
        found.append(number)
        number = back.get(number, number - 1)
    return found


def rolled_back(tenant: Tenant) -> QuerySet[ChangeRequest]:
    """Those whose document was undone, and not approved again since."""
    decided = ChangeRequest.objects.filter(tenant=tenant, release__isnull=False)
    later = decided.filter(release__digest=OuterRef("release__digest"), release__number__gt=OuterRef("release__number"))
    return decided.filter(~Exists(later), state=ChangeRequest.State.ROLLED_BACK)


def _check_not_undone(release: Release, current: Release) -> None:
    undone = rolled_back(release.tenant).filter(release__digest=release.digest).exists()
    if undone or release.number not in standing(current, release.number):
        raise Conflict(f"release {release.number} was undone by a rollback; propose it as a change request")


def _check_recent(release: Release) -> None:
    """Approved, by a change request of its own or of the release that it repeats, and live within the last 30 days."""
    approved = ChangeRequest.objects.filter(release__in=[release.pk, release.republishes_id], failure="").exists()
    if not approved:
        raise Conflict(f"release {release.number} was never approved; propose it as a change request")
    ended = releases.live_until(release)
    if ended is not None and ended < timezone.now() - WITHIN:
        raise Conflict(
            f"release {release.number} was last live on {ended:%Y-%m-%d}, more than {WITHIN.days} days ago; "
            "propose it as a change request"
        )


def _mark(current: Release, actor: Person | None, failure: str) -> None:
    rows = ChangeRequest.objects.select_for_update(of=("self",)).select_related("tenant")
    change = rows.filter(release=current, state=ChangeRequest.State.PUBLISHED).first()
    if change is not None:
        move(Standing(change, actor), ROLL_BACK)
        change.failure = failure
        change.save()
