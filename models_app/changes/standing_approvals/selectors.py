"""Reading standing approvals, and telling which of them hold."""

from collections.abc import Iterable

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from models_app.changes.approvers import Deciders
from models_app.changes.approvers import approvers as approvers_of
from models_app.changes.models import ReviewPolicy
from models_app.changes.standing_approvals.models import BoundsApproval, StandingApproval
from tenants.models import Intent, Tenant

State = StandingApproval.State


def standing_approvals(tenant: Tenant) -> "QuerySet[StandingApproval]":
    """A tenant's, newest first, each with its approvals."""
    given = Prefetch("approvals", BoundsApproval.objects.select_related("person"))
    people = ("author", "edited_by", "ended_by")
    rows = StandingApproval.objects.filter(tenant=tenant).prefetch_related(given)
    return rows.select_related("tenant__review_policy", "intent", "predictor", "reference", *people).defer(
        "intent__features"
    )


def open_for(intent: Intent) -> "QuerySet[StandingApproval]":
    """Those of an intent that are neither revoked nor over; whether they are approved is another matter."""
    rows = StandingApproval.objects.filter(intent=intent, state=State.OPEN, until__gt=timezone.now())
    return rows.order_by("-number")


def approvals_of(approval: StandingApproval, approvers: Deciders) -> list[BoundsApproval]:
    """Those that count: of what it says now, by people who did not write it and may still approve."""
    return [each for each in _given(approval) if not approvers.why_not(each.person)]


def lapsed(approval: StandingApproval, approvers: Deciders) -> list[str]:
    """Which approvals of what it says now count no more, and why."""
    return [f"by {each.person}, {why}" for each in _given(approval) if (why := approvers.why_not(each.person))]


def _given(approval: StandingApproval) -> list[BoundsApproval]:
    writers = (approval.author_id, approval.edited_by_id)
    digest = approval.digest
    return [each for each in approval.approvals.all() if each.digest == digest and each.person_id not in writers]


def why_it_does_not_hold(approval: StandingApproval, policy: ReviewPolicy, approvers: Deciders | None = None) -> str:
    """In words; empty where it holds now. `approvers`: those of the tenant, where they are known."""
    name = f"standing approval {approval.number}"
    if approval.state != State.OPEN:
        return f"{name} is revoked: {approval.ended_because}"
    if approval.until <= timezone.now():
        return f"{name} was over at {approval.until:%Y-%m-%d %H:%M} UTC"
    approvers = approvers or approvers_of(approval.tenant, policy)
    given = len(approvals_of(approval, approvers))
    if given < policy.approvals_needed:
        gone = lapsed(approval, approvers)
        without = f"; without what was given {'; '.join(gone)}" if gone else ""
        return f"{name} has {given} of the {policy.approvals_needed} approvals that what it says now needs{without}"
    return ""


def approvers_for(rows: Iterable[StandingApproval]) -> Deciders | None:
    """Who may approve now for the tenant whose standing approvals these are; None where there is no row."""
    tenant = next((row.tenant for row in rows), None)
    return approvers_of(tenant, _policy(tenant)) if tenant else None


def state_of(approval: StandingApproval, approvers: Deciders | None = None) -> str:
    """Of one as `standing_approvals` has it, in words: revoked, over, proposed, in force."""
    if approval.state != State.OPEN:
        return "revoked"
    if approval.until <= timezone.now():
        return "over"
    return "proposed" if why_it_does_not_hold(approval, _policy(approval.tenant), approvers) else "in force"


def _policy(tenant: Tenant) -> ReviewPolicy:
    return getattr(tenant, "review_policy", None) or ReviewPolicy(tenant=tenant)
