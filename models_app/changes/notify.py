"""What is told of change requests and their evidence. Services call these, in their transactions."""

import msgspec
from django.urls import reverse

from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from models_app.changes.selectors import latest_evidence, policy_of
from models_app.changes.writers import writers
from models_app.notifications.events import Event
from models_app.notifications.notify import tell
from models_app.statistics.evidence import stored
from models_app.statistics.evidence.decision import Decision, decision_of
from tenants.models import Person
from tenants.roles import Permission, Role


def tell_of_change(event: Event, change: ChangeRequest, *, actor: Person | None, text: str = "") -> None:
    """Tell of an event, by webhook to all who listen, by e-mail to those who do not know of it otherwise."""
    tell(
        event,
        tenant=change.tenant,
        subject=_subject(change),
        page=_page(change),
        text=_text(event, change, text or change.reason),
        data={"change": change.number, "title": change.title, "state": _state(event, change), "digest": change.digest},
        author=change.author,
        without=[actor, *_who_know(event, change)],
        reviewers_may=_reviewers_may(change),
    )


def tell_of_approval(change: ChangeRequest, *, actor: Person | None) -> None:
    """Tell that it is approved and, where the last approval published it too, that it is published."""
    tell_of_change(Event.APPROVED, change, actor=actor)
    if _is_published(change):
        tell_of_change(Event.PUBLISHED, change, actor=actor)


def tell_of_evidence(evidence: Evidence) -> None:
    """Notify of new evidence. The author of a replacement is not told line by line, but by what waits for review.

    So it is with who has set a refresh policy.
    """
    change = evidence.change_request
    is_one_of_many = hasattr(change, "replacement_line") or hasattr(change, "refresh")
    tell(
        Event.EVIDENCE_READY,
        tenant=evidence.tenant,
        subject=_subject(change),
        page=_page(change),
        text=_of_evidence(evidence),
        data={
            "change": change.number,
            "verdict": evidence.verdict,
            "verdict_details": evidence.verdict_details,
            "decision": msgspec.to_builtins(_decision(evidence)),
            "digest": evidence.digest,
        },
        author=None if is_one_of_many else change.author,
    )


def _text(event: Event, change: ChangeRequest, text: str) -> str:
    """Who is asked to review it reads what it would do, not only why it was proposed."""
    evidence = latest_evidence(change) if event is Event.SUBMITTED else None
    if evidence is None or evidence.state != Evidence.State.SUCCEEDED:
        return text
    return f"{text}\n{_of_evidence(evidence)}"


def _of_evidence(evidence: Evidence) -> str:
    """The verdict, then each threshold, the segments that move most, then what is not known: a line each."""
    found = _decision(evidence)
    lines = [*(line.sentence for line in found.lines), *(each.sentence for each in found.segments), *found.unknown]
    return "\n".join([f"{evidence.verdict}: {evidence.sentence}", *(f"- {line}" for line in lines)])


def _decision(evidence: Evidence) -> Decision:
    return decision_of(stored.read(evidence.result).intents if evidence.result else [])


def _who_know(event: Event, change: ChangeRequest) -> list[Person | None]:
    """Who wrote it may not review it; and where approving publishes at once, that it is published tells both."""
    if event is Event.SUBMITTED:
        return list(writers(change))
    return [change.author] if event is Event.APPROVED and _is_published(change) else []


def _state(event: Event, change: ChangeRequest) -> str:
    """The state that the event put it into, also where the next step followed in the same transaction."""
    return ChangeRequest.State.APPROVED if event is Event.APPROVED else change.state


def _is_published(change: ChangeRequest) -> bool:
    return change.state == ChangeRequest.State.PUBLISHED


def _subject(change: ChangeRequest) -> str:
    return f"{change.tenant}: change request {change.number}, “{change.title}”,"


def _page(change: ChangeRequest) -> str:
    return reverse("console:change", kwargs={"tenant": change.tenant.slug, "change": change.number})


def _reviewers_may(change: ChangeRequest) -> Permission:
    """What somebody must be allowed to do whose approval counts, by the tenant's policy."""
    return Permission.MANAGE_TENANT if policy_of(change.tenant).approver_role == Role.ADMIN else Permission.APPROVE
