"""Nobody moves the goalposts alone: what decides which change requests pass is changed by two people.

Loosening and tightening are treated alike: which of the two a change is depends on what is proposed just then. Until
something is proposed or served for a tenant nothing goes by its policy, and its admins set it at once.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from models_app.changes.approvers import managers
from models_app.changes.hands import check_hands
from models_app.changes.policy_changes.models import PolicyChange
from models_app.changes.policy_changes.notify import tell_of_policy_change
from models_app.changes.policy_changes.subjects import Subject, Values, gives, is_begun, managing, moves_goalposts
from models_app.changes.second_factor import check_second_factor
from models_app.inputs.errors import invalid
from models_app.intents import judgement
from models_app.intents.services import tried
from models_app.notifications.events import Event
from tenants.audit_terms import AuditAction
from tenants.models import Intent, Person, Tenant
from tenants.permissions import require
from tenants.refusals import Conflict
from tenants.roles import Permission
from tenants.services import record

State = PolicyChange.State


def check_at_once(subject: Subject, values: Values) -> None:
    """Raise Conflict where writing these values takes a second person, naming the way; in the writer's transaction."""
    _lock(subject.tenant)
    check_second_factor(subject.tenant)
    if needs_another(subject, values):
        raise Conflict(
            "A second person must agree to this, for it decides which change requests pass: "
            "ask for it as a policy change, with a reason."
        )


def check_segments(intent: Intent, changes: Mapping[str, Any]) -> None:
    """Raise Conflict where other changes of an intent would take segments from its evidence along; in the transaction.

    Who alone takes a feature away would else take away the segment in which alerts move.
    """
    _lock(intent.tenant)
    lost = judgement.segments_lost(intent, tried(intent, changes))
    if lost and is_begun(intent.tenant):
        raise Conflict(
            f"Evidence would no longer look at segments by {', '.join(lost)}. A second person must agree to that: "
            "ask for other segments as a policy change, then change this."
        )


def ask(*, actor: Person, subject: Subject, values: Values, reason: str) -> PolicyChange:
    """Ask for the values to be changed; another person decides.

    Raises ValidationError naming the field where they would be refused anyhow, Conflict where nothing would change.
    """
    if not reason.strip():
        raise invalid("reason", "expected a sentence that says why, found none")
    with transaction.atomic():
        _lock(subject.tenant)
        before, after = subject.tried(values, actor)
        if not after:
            raise Conflict("it is so already: nothing would change")
        change = PolicyChange.objects.create(
            tenant=subject.tenant, number=_next_number(subject.tenant), kind=subject.kind, subject=subject.name,
            before=before, after=after, reason=reason.strip(), author=actor,
        )  # fmt: skip
        _record(change, actor, AuditAction.PROPOSE_POLICY_CHANGE, change.reason)
        tell_of_policy_change(Event.POLICY_PROPOSED, change, actor=actor, text=change.reason)
    return change


def needs_another(subject: Subject, values: Values) -> bool:
    """Whether writing these values takes a second person: they decide otherwise, and something goes by them."""
    return moves_goalposts(subject, values) and is_begun(subject.tenant)


def approve(*, actor: Person, change: PolicyChange, text: str = "", break_glass: bool = False) -> PolicyChange:
    """Agree to it: it holds from now on, for open change requests too.

    `break_glass`: without a second person, by a platform admin, where the installation allows it; everybody is told.
    Raises Conflict where the values are no longer those that it was written against.
    """
    with transaction.atomic():
        change = _held(change, actor)
        of(change).check_proven(change.after)
        if break_glass:
            _check_break_glass(actor, change)
        else:
            _check_is_another(actor, change)
        _check_unmoved(change)
        _decide(change, actor, State.APPROVED, text, AuditAction.APPROVE_POLICY_CHANGE)
        of(change).write(change.after, actor, f"policy change {change.number} of {change.author}: {change.reason}")
        tell_of_policy_change(Event.POLICY_CHANGED, change, actor=actor, text=_told(change, break_glass))
    return change


def reject(*, actor: Person, change: PolicyChange, text: str) -> PolicyChange:
    """Say no, and why."""
    if not text.strip():
        raise invalid("text", "expected a sentence that says why, found none")
    with transaction.atomic():
        change = _held(change, actor)
        _decide(change, actor, State.REJECTED, text, AuditAction.REJECT_POLICY_CHANGE)
        tell_of_policy_change(Event.POLICY_REJECTED, change, actor=actor, text=change.answer)
    return change


def withdraw(*, actor: Person, change: PolicyChange, text: str = "") -> PolicyChange:
    """Take it back; by its author."""
    with transaction.atomic():
        change = _held(change, actor)
        if actor.pk != change.author_id:
            raise PermissionDenied("Only its author may do this; you may reject it.")
        _decide(change, actor, State.WITHDRAWN, text, AuditAction.WITHDRAW_POLICY_CHANGE)
    return change


def of(change: PolicyChange) -> Subject:
    """What it is of."""
    return Subject(change.tenant, change.kind, change.subject)


def _lock(tenant: Tenant | None) -> None:
    if tenant is not None:
        Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)


def _held(change: PolicyChange, actor: Person) -> PolicyChange:
    """As it is now, until the transaction ends, if this person may decide over it and it is open."""
    _lock(change.tenant)
    rows = PolicyChange.objects.select_for_update(of=("self",)).select_related("tenant", "author")
    change = rows.get(pk=change.pk)
    require(actor, managing(change.tenant), change.tenant)
    if change.state != State.OPEN:
        raise Conflict(f"{change} is {change.state}; to decide over it, it must be open")
    return change


def _next_number(tenant: Tenant | None) -> int:
    last = PolicyChange.objects.filter(tenant=tenant).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _check_is_another(actor: Person, change: PolicyChange) -> None:
    if gives(change) and actor.email == change.subject:
        raise PermissionDenied("Nobody agrees to a role of their own. Ask another admin.")
    if actor.pk == change.author_id:
        raise PermissionDenied(
            "Nobody agrees to a policy change of their own. Ask another admin, of the tenant or not."
        )
    check_hands(actor, lambda: [change.author])
    if why := managers(change.tenant).why_not(change.author):
        raise PermissionDenied(f"It was asked for by {change.author}, {why}. Reject it, and ask for it anew.")


def _check_break_glass(actor: Person, change: PolicyChange) -> None:
    require(actor, Permission.PUBLISH, change.tenant)
    if not settings.ENV["MUSE_BREAK_GLASS"]:
        raise PermissionDenied(
            "Nothing is changed without a second person. Doing so (“break glass”) is off; "
            "who runs the installation turns it on with MUSE_BREAK_GLASS=1."
        )
    record(
        actor=actor, act=AuditAction.BREAK_GLASS, subject=change, tenant=change.tenant, reason=change.reason,
    )  # fmt: skip


def _check_unmoved(change: PolicyChange) -> None:
    now = of(change).now()
    moved = [field for field, value in change.before.items() if now[field] != value]
    if moved:
        raise Conflict(f"{', '.join(moved)} was changed since this was written; reject it, and ask for it anew")


def _decide(change: PolicyChange, actor: Person, state: str, text: str, act: AuditAction) -> None:
    change.state, change.decided_by, change.decided_at, change.answer = state, actor, timezone.now(), text.strip()
    change.save(update_fields=["state", "decided_by", "decided_at", "answer"])
    _record(change, actor, act, change.answer)


def _record(change: PolicyChange, actor: Person, act: AuditAction, reason: str) -> None:
    details = {"kind": change.kind, "subject": change.subject, "before": change.before, "after": change.after}
    record(actor=actor, act=act, subject=change, tenant=change.tenant, reason=reason, details=details)


def _told(change: PolicyChange, break_glass: bool) -> str:
    return f"Without a second person (break glass): {change.reason}" if break_glass else change.reason
