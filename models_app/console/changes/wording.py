"""A change request in words: what it does, what is missing, and what happens next."""

from collections.abc import Iterable, Mapping

from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest, ReviewPolicy
from models_app.console.changes.base import BaseChangePage
from models_app.console.changes.decision import decision
from models_app.console.ui.panels import Panel, Words
from models_app.intents import judgement
from tenants.audit_terms import AuditAction
from tenants.models import AuditEntry

State = ChangeRequest.State
_ENDED: Mapping[str, str] = {
    State.REJECTED: "It was rejected and cannot be reopened.",
    State.WITHDRAWN: "It was withdrawn and cannot be reopened.",
    State.EXPIRED: "It expired. Make a new change request if it is still wanted.",
}


def goes_live(page: BaseChangePage) -> Iterable[Panel]:
    """What an approval, or publishing, makes of what is served."""
    yield Words(page.difference, intro=_when_live(page), empty="No configuration changes.")
    if page.found is not None:
        yield from decision(page.found)


def _when_live(page: BaseChangePage) -> str:
    release = f"release {(page.live.number if page.live else 0) + 1} of {page.tenant.name}"
    if page.change.state == State.APPROVED and not page.left:
        return f"These changes go live at once, as {release}:"
    left = page.left - 1
    if left > 0:
        return f"After yours it still needs {several_approvals(left)}. Then these changes go live:"
    if page.policy.publish_when_approved:
        return f"With your approval these changes go live at once, as {release}:"
    return f"With your approval it is approved; these changes go live when somebody publishes it, as {release}:"


def several_approvals(count: int) -> str:
    return "one more approval" if count == 1 else f"{count} more approvals"


def policy_in_words(policy: ReviewPolicy) -> str:
    """As `2 approvals, of admins; then it goes live by itself`."""
    count = "1 approval" if policy.approvals_needed == 1 else f"{policy.approvals_needed} approvals"
    then = "it goes live by itself" if policy.publish_when_approved else "somebody publishes it"
    who = "approvers" if policy.approver_role == "approver" else "admins"
    own = ", or what single thresholds have of their own" if policy.tolerances else ""
    return f"{count}, of {who}; then {then}. Alert rates may move by ±{100 * policy.tolerance:g} %{own}."


def policy_change(entry: AuditEntry) -> str:
    """As `2026-11-29 10:04 UTC, by dana@example.com: tolerance 0.25 (policy change 3 of alex@example.com: …)`."""
    of_intent = entry.act == AuditAction.CHANGE_INTENT
    found = entry.details["after"] if of_intent else entry.details
    values = ", ".join(
        f"{name.replace('_', ' ')} {(judgement.in_words(name, value) if of_intent else value) or 'none'}"
        for name, value in found.items()
        if not of_intent or name in judgement.SETTINGS
    )
    if entry.act == AuditAction.REMOVE_MEMBER:
        values = f"{values} taken away"
    if entry.tenant_id is None:
        values = f"{values} for the whole platform"
    where = "" if entry.act == AuditAction.SET_REVIEW_POLICY else f"{entry.subject}, "
    why = f" ({entry.reason})" if entry.reason else ""
    return f"{entry.at:%Y-%m-%d %H:%M} UTC, by {entry.person or 'the platform'}: {where}{values}{why}"


def next_step(page: BaseChangePage) -> str:
    """What happens next, in a sentence."""
    change = page.change
    if change.state in _ENDED:
        return _ENDED[change.state]
    if change.release is not None:
        return _of_published(page)
    if not page.is_up_to_date:
        return _of_evidence(page.evidence)
    if change.state == State.DRAFT:
        good = page.evidence is not None and page.evidence.is_good
        why = "" if good else "; a justification is required because the verdict is neither “pass” nor “repairs”"
        asks = "Submit it for review" if change.author_id == page.person.pk else "Its author submits it for review"
        return f"{asks}{why}."
    if change.state == State.APPROVED and not page.left:
        return "An approver publishes it."
    then = "it goes live at once" if page.policy.publish_when_approved else "somebody publishes it"
    who = "an approver" if page.policy.approver_role == "approver" else "an admin"
    return f"It needs {several_approvals(page.left)}, by {who} who did not write it; then {then}."


def _of_published(page: BaseChangePage) -> str:
    number = page.change.release.number if page.change.release else 0
    if page.change.state == State.ROLLED_BACK:
        return f"Release {number} was rolled back; release {page.live.number if page.live else 0} is live now."
    if page.live is not None and page.live.number == number:
        return f"It is live, as release {number}. To undo it, roll back to the previous release."
    return f"It was live as release {number}; release {page.live.number if page.live else 0} is live now."


def _of_evidence(evidence: Evidence | None) -> str:
    if evidence is not None and evidence.state in Evidence.ACTIVE:
        return "Evidence is being computed; you may leave this page meanwhile."
    if evidence is not None and evidence.state == Evidence.State.SUCCEEDED:
        return "The proposal or the live release has changed since the evidence. Rebase it."
    return "It needs evidence. Recompute it."
