"""From a draft to what is served: what people say of a change request, and what its last approval makes of it.

An approval is of one document and one evidence, which its giver has seen.
"""

from django.db import transaction
from django.utils import timezone

from models_app.changes.models import ChangeRequest, Review
from models_app.changes.notify import tell_of_approval, tell_of_change
from models_app.changes.selectors import valid_approvals
from models_app.changes.track_record.foretell import keep_foretold
from models_app.changes.transitions import (
    ENDORSE,
    PASS,
    PUBLISH,
    REJECT,
    SUBMIT,
    WITHDRAW,
    Standing,
    check,
    held,
    move,
)
from models_app.inputs.errors import invalid
from models_app.notifications.events import Event
from scoring.services import publish_document
from tenants.audit_terms import AuditAction
from tenants.models import Person
from tenants.permissions import require
from tenants.refusals import Conflict
from tenants.roles import Permission
from tenants.services import record


def submit(*, actor: Person | None, change: ChangeRequest, gate_reason: str | None = None) -> ChangeRequest:
    """Ask for review. A verdict other than “pass” needs a reason, here or in the draft."""
    with transaction.atomic():
        standing = held(change, actor)
        if gate_reason is not None and gate_reason.strip() != standing.change.gate_reason:
            standing.change.gate_reason = gate_reason.strip()
            standing.change.edited_by = actor or standing.change.edited_by  # who writes why does not approve it
        move(standing, SUBMIT)
        standing.change.submitted_at = timezone.now()
        standing.change.save()
        _record(standing, AuditAction.SUBMIT, standing.change.gate_reason)
        tell_of_change(Event.SUBMITTED, standing.change, actor=actor)
    return standing.change


def withdraw(*, actor: Person | None, change: ChangeRequest, reason: str = "") -> ChangeRequest:
    """Take it back, for good."""
    with transaction.atomic():
        standing = held(change, actor)
        move(standing, WITHDRAW)
        standing.change.decided_at = timezone.now()
        standing.change.save()
        _record(standing, AuditAction.WITHDRAW, reason)
    return standing.change


def approve(
    *,
    actor: Person,
    change: ChangeRequest,
    document_digest: str,
    evidence_digest: str,
    text: str = "",
    risk_answer: str = "",
) -> ChangeRequest:
    """Approve what was seen: this document, by this evidence; 409 where either is another by now.

    `text`: a comment, which says why where the verdict is neither “pass” nor “repairs”; `risk_answer`: why it is right
    all the same, where the evidence says that risk rose. Raises ValidationError naming what is missing then.

    The last approval that the policy needs approves the change request, and publishes it where the policy says so: all
    in one transaction, so of two at once one publishes, and the other is told.
    """
    with transaction.atomic():
        standing = held(change, actor)
        check(standing, ENDORSE)
        _check_seen(standing, document_digest, evidence_digest)
        _check_reasoned(standing, text)
        _check_answered(standing, risk_answer)
        if valid_approvals(standing.change).filter(person=actor).exists():
            raise Conflict("you have approved this already")
        _review(standing, actor, Review.Decision.APPROVE, text, risk_answer)
        _record(standing, AuditAction.APPROVE, text, risk_answer=risk_answer.strip())
        if standing.approvals >= standing.policy.approvals_needed:
            _pass(standing)
    return standing.change


def publish_change(*, actor: Person | None, change: ChangeRequest) -> ChangeRequest:
    """Serve an approved change request: for tenants whose policy does not publish with the last approval."""
    with transaction.atomic():
        standing = held(change, actor)
        _publish(standing)
        tell_of_change(Event.PUBLISHED, standing.change, actor=actor)
    return standing.change


def reject(*, actor: Person, change: ChangeRequest, text: str) -> ChangeRequest:
    """Say no, and why."""
    if not text.strip():
        raise invalid("text", "expected a sentence that says why, found none")
    with transaction.atomic():
        standing = held(change, actor)
        move(standing, REJECT)
        standing.change.decided_at = timezone.now()
        standing.change.save()
        _review(standing, actor, Review.Decision.REJECT, text)
        _record(standing, AuditAction.REJECT, text)
        tell_of_change(Event.REJECTED, standing.change, actor=actor, text=text)
    return standing.change


def comment(*, actor: Person, change: ChangeRequest, text: str) -> Review:
    """Say something; in any state."""
    require(actor, Permission.VIEW, change.tenant)
    if not text.strip():
        raise invalid("text", "expected a comment, found none")
    with transaction.atomic():
        return _review(Standing(change, actor), actor, Review.Decision.COMMENT, text)


def _pass(standing: Standing) -> None:
    move(standing.as_platform(), PASS)
    standing.change.decided_at = timezone.now()
    standing.change.save()
    if standing.policy.publish_when_approved:
        _publish(standing)
    tell_of_approval(standing.change, actor=standing.actor)


def _publish(standing: Standing) -> None:
    """Serve the text that was approved, letter by letter, and keep what its evidence foretold."""
    move(standing, PUBLISH)
    change, evidence = standing.change, standing.evidence  # which speaks of what is live before
    change.release = publish_document(
        tenant=change.tenant,
        document=change.document,
        actor=standing.actor,
        reason=f"change request {change.number}: {change.reason}",
        republishes=change.republishes,
    )
    change.save()
    keep_foretold(change.release, evidence)


def _check_seen(standing: Standing, document_digest: str, evidence_digest: str) -> None:
    evidence = standing.evidence
    if document_digest != standing.change.digest:
        raise Conflict("the change request was edited since you looked at it; look again")
    if evidence is None or evidence_digest != evidence.digest:
        raise Conflict("there is newer evidence than what you looked at; look again")


def _check_reasoned(standing: Standing, text: str) -> None:
    """Who approves what does not pass says why, as who proposed it did: two people answer for it, not one."""
    evidence = standing.evidence
    if evidence is not None and not evidence.is_good and not text.strip():
        why = f"the verdict is “{evidence.verdict}”: expected a sentence that says why to approve it all the same"
        raise invalid("text", why)


def _check_answered(standing: Standing, risk_answer: str) -> None:
    """Where risk rose, a refit makes of it what is normal; somebody says in writing why that is right."""
    evidence = standing.evidence
    if evidence is not None and evidence.risk_rose and not risk_answer.strip():
        raise invalid("risk_answer", "risk rose: expected a sentence that says why to approve it all the same")


def _review(standing: Standing, person: Person, decision: str, text: str, risk_answer: str = "") -> Review:
    change, evidence = standing.change, standing.evidence
    return Review.objects.create(
        tenant=change.tenant,
        change_request=change,
        person=person,
        decision=decision,
        text=text.strip(),
        risk_answer=risk_answer.strip(),
        document_digest=change.digest,
        evidence_digest=evidence.digest if evidence else "",
    )


def _record(standing: Standing, act: AuditAction, reason: str, **details: str) -> None:
    change, evidence = standing.change, standing.evidence
    bound = {"digest": change.digest, "evidence": evidence.digest if evidence else ""}
    all_details = bound | {name: text for name, text in details.items() if text}
    record(actor=standing.actor, act=act, subject=change, tenant=change.tenant, reason=reason, details=all_details)
