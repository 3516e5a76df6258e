"""Reading standing approvals, and telling which of them hold."""

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

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


def approvals_of(approval: StandingApproval) -> list[BoundsApproval]:
    """Those that count: of what it says now, by people who did not write it."""
    writers = (approval.author_id, approval.edited_by_id)
    digest = approval.digest
    return [each for each in approval.approvals.all() if each.digest == digest and each.person_id not in writers]


def why_it_does_not_hold(approval: StandingApproval, policy: ReviewPolicy) -> str:
    """In words; empty where it holds now."""
    name = f"standing approval {approval.number}"
    if approval.state != State.OPEN:
        return f"{name} is revoked: {approval.ended_because}"
    if approval.until <= timezone.now():
        return f"{name} was over at {approval.until:%Y-%m-%d %H:%M} UTC"
    given = len(approvals_of(approval))
    if given < policy.approvals_needed:
        return f"{name} has {given} of the {policy.approvals_needed} approvals that what it says now needs"
    return ""


def state_of(approval: StandingApproval) -> str:
    """Of one as `standing_approvals` has it, in words: revoked, over, proposed, in force."""
    if approval.state != State.OPEN:
        return "revoked"
    if approval.until <= timezone.now():
        return "over"
    policy = getattr(approval.tenant, "review_policy", None) or ReviewPolicy(tenant=approval.tenant)
    return "proposed" if why_it_does_not_hold(approval, policy) else "in force"
