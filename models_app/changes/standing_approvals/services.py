"""The life of a standing approval: proposed by one person, approved by others, revoked by anybody who may propose."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from models_app.catalog.models import PredictorVersion, ReferenceDistribution
from models_app.changes.approvers import approvers
from models_app.changes.hands import check_hands
from models_app.changes.second_factor import check_second_factor
from models_app.changes.selectors import policy_of
from models_app.changes.standing_approvals.models import BoundsApproval, StandingApproval
from models_app.changes.standing_approvals.notify import tell_of_standing_approval
from models_app.changes.standing_approvals.selectors import approvals_of, why_it_does_not_hold
from models_app.changes.writers import has_written, writers
from models_app.inputs.errors import invalid
from models_app.notifications.events import Event
from tenants.audit_terms import AuditAction
from tenants.models import Intent, Person, Tenant
from tenants.permissions import require
from tenants.refusals import Conflict
from tenants.roles import Permission, Role
from tenants.services import record

State = StandingApproval.State
BOUNDS = ("rate_tolerance", "alerts_a_day", "mapping_tolerance", "until")
LONGEST = timedelta(days=366)


def propose_standing_approval(
    *,
    actor: Person,
    intent: Intent,
    predictor: PredictorVersion,
    reference: ReferenceDistribution,
    reason: str,
    rate_tolerance: float,
    mapping_tolerance: float,
    until: datetime,
    alerts_a_day: float = 0.0,
) -> StandingApproval:
    """Ask for bounds; they hold once others have approved them. Raises ValidationError naming the field."""
    require(actor, Permission.PROPOSE, intent.tenant)
    with transaction.atomic():
        _lock(intent.tenant)
        last = StandingApproval.objects.filter(tenant=intent.tenant).aggregate(last=Max("number"))["last"]
        approval = StandingApproval(
            tenant=intent.tenant, number=(last or 0) + 1, intent=intent, predictor=predictor, reference=reference,
            rate_tolerance=rate_tolerance, alerts_a_day=alerts_a_day, mapping_tolerance=mapping_tolerance, until=until,
            reason=_reason(reason), author=actor, edited_by=actor,
        )  # fmt: skip
        _check(approval)
        approval.save()
        _record(approval, actor, AuditAction.PROPOSE_STANDING_APPROVAL, approval.reason)
        tell_of_standing_approval(Event.STANDING_PROPOSED, approval, actor=actor, text=approval.reason)
    return approval


def edit_standing_approval(
    *, actor: Person, approval: StandingApproval, changes: Mapping[str, Any], reason: str
) -> StandingApproval:
    """Change its bounds: whatever was approved was another revision, and counts no longer."""
    with transaction.atomic():
        approval = _held(approval, actor, Permission.PROPOSE)
        for name in BOUNDS:
            setattr(approval, name, changes.get(name, getattr(approval, name)))
        approval.reason, approval.edited_by = _reason(reason), actor
        approval.revision += 1
        _check(approval)
        approval.save()
        _record(approval, actor, AuditAction.EDIT_STANDING_APPROVAL, approval.reason)
        tell_of_standing_approval(Event.STANDING_PROPOSED, approval, actor=actor, text=approval.reason)
    return approval


def approve_standing_approval(
    *, actor: Person, approval: StandingApproval, digest: str, text: str = ""
) -> StandingApproval:
    """Approve the bounds that were seen, by their digest; 409 where they are others by now."""
    with transaction.atomic():
        approval = _held(approval, actor, Permission.APPROVE)
        check_another(approval, actor)
        if digest != approval.digest:
            raise Conflict("the standing approval was edited since you looked at it; look again")
        if approval.until <= timezone.now():
            raise Conflict(f"it was over at {approval.until:%Y-%m-%d %H:%M} UTC; edit it first")
        _, is_new = BoundsApproval.objects.get_or_create(
            tenant=approval.tenant, standing_approval=approval, person=actor, digest=digest,
            defaults={"text": text.strip()},
        )  # fmt: skip
        if not is_new:
            raise Conflict("you have approved this already")
        _record(approval, actor, AuditAction.APPROVE_STANDING_APPROVAL, text.strip())
        if not why_it_does_not_hold(approval, policy_of(approval.tenant)):
            tell_of_standing_approval(Event.STANDING_HOLDS, approval, actor=actor, text=text or approval.reason)
    return approval


def revoke_standing_approval(*, actor: Person | None, approval: StandingApproval, reason: str = "") -> StandingApproval:
    """End it at once, for good: nothing goes live on it any more. Stopping waits for nobody."""
    with transaction.atomic():
        approval = _held(approval, actor, Permission.PROPOSE)
        approval.state, approval.ended_by, approval.ended_at = State.REVOKED, actor, timezone.now()
        approval.ended_because = reason.strip() or "no reason was given"
        approval.save()
        _record(approval, actor, AuditAction.REVOKE_STANDING_APPROVAL, approval.ended_because)
        tell_of_standing_approval(Event.STANDING_ENDED, approval, actor=actor, text=approval.ended_because)
    return approval


def check_another(approval: StandingApproval, actor: Person) -> None:
    """Four eyes, and what else the review policy asks of who approves. Raises PermissionDenied."""
    policy = policy_of(approval.tenant)
    if has_written(actor, approval):
        raise PermissionDenied("Nobody approves a standing approval of their own. Ask somebody else who may approve.")
    check_hands(actor, lambda: [*writers(approval), *(each.person for each in approval.approvals.all())])
    if policy.approver_role == Role.ADMIN:
        require(actor, Permission.MANAGE_TENANT, approval.tenant)
    check_second_factor(approval.tenant, policy)


def _lock(tenant: Tenant) -> None:
    """What is published and what is revoked come one after the other."""
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)


def _held(approval: StandingApproval, actor: Person | None, permission: Permission) -> StandingApproval:
    """As it is now, until the transaction ends, if this person may and it is open."""
    _lock(approval.tenant)
    related = ("tenant", "intent", "predictor", "reference", "author")
    rows = StandingApproval.objects.select_for_update(of=("self",)).select_related(*related)
    approval = rows.get(pk=approval.pk)
    require(actor, permission, approval.tenant)
    if approval.state != State.OPEN:
        raise Conflict(f"{approval} is revoked already")
    return approval


def _reason(reason: str) -> str:
    if not reason.strip():
        raise invalid("reason", "expected a sentence that says why, found none")
    return reason.strip()


def _check(approval: StandingApproval) -> None:
    approval.full_clean()
    now = timezone.now()
    if not now < approval.until <= now + LONGEST:
        raise invalid("until", f"expected a time within the next {LONGEST.days} days")


def _record(approval: StandingApproval, actor: Person | None, act: AuditAction, reason: str) -> None:
    details = {
        "intent": approval.intent.name,
        "predictor": approval.predictor.key,
        "reference": approval.reference.key,
        "rate_tolerance": approval.rate_tolerance,
        "alerts_a_day": approval.alerts_a_day,
        "mapping_tolerance": approval.mapping_tolerance,
        "until": approval.until.isoformat(),
        "digest": approval.digest,
        "approvals": len(approvals_of(approval, approvers(approval.tenant, policy_of(approval.tenant)))),
    }
    record(actor=actor, act=act, subject=approval, tenant=approval.tenant, reason=reason, details=details)
