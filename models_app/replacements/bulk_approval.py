"""Approving all of a replacement that passes, each change request as it was seen."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from models_app.changes import reviewing
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from models_app.changes.selectors import risk_rose, verdict_of
from models_app.replacements import selectors
from models_app.replacements.at_once import at_once
from models_app.replacements.models import Replacement, ReplacementLine
from tenants.audit_terms import AuditAction
from tenants.models import Person
from tenants.permissions import require
from tenants.refusals import Conflict, Refusal, in_words
from tenants.roles import Permission
from tenants.services import record

UNCLEAR = "it passes, but among so many tenants this may be chance"


@dataclass(frozen=True)
class Seen:
    """A line's change request as its approver has seen it."""

    tenant: str
    document_digest: str
    evidence_digest: str


@dataclass(frozen=True)
class Approved:
    """What became of one approval: the change request's state and release, or why it was refused."""

    tenant: str
    state: str = ""
    release: int | None = None
    refusal: Refusal | ValidationError | PermissionDenied | None = None

    @property
    def detail(self) -> str:
        return in_words(self.refusal) if self.refusal else ""


def approve_passing(*, actor: Person, replacement: Replacement, seen: Sequence[Seen], text: str = "") -> list[Approved]:
    """Approve each line that passes, as it was seen; what has changed since, or is not to be approved so, stays.

    So does what passes too unclearly among so many: approved in bulk is what keeps the false discoveries few.
    Each approval is one of `changes.approve`, with all that it checks; a refused one does not keep the others back.
    """
    require(actor, Permission.APPROVE)
    with transaction.atomic():
        lines = {line.tenant.slug: line for line in selectors.lines(replacement)}
        unclear = at_once(selectors.judged(replacement)).unclear
        ordered = sorted(seen, key=lambda each: each.tenant)  # so that two who do this at once take turns
        done = [_approve(actor, lines.get(each.tenant), each, text, unclear) for each in ordered]
        given = sum(each.refusal is None for each in done)
        details = {"approved": given, "refused": len(done) - given}
        record(actor=actor, act=AuditAction.APPROVE_PROPOSAL, subject=replacement, reason=text, details=details)
    return done


def _approve(actor: Person, line: ReplacementLine | None, seen: Seen, text: str, unclear: Collection[str]) -> Approved:
    try:
        change = _passing(line, seen, unclear)
        bound = {"document_digest": seen.document_digest, "evidence_digest": seen.evidence_digest}
        change = reviewing.approve(actor=actor, change=change, text=text, **bound)
        return Approved(seen.tenant, change.state, change.release.number if change.release else None)
    except (Refusal, ValidationError, PermissionDenied) as refusal:
        return Approved(seen.tenant, refusal=refusal)


def _passing(line: ReplacementLine | None, seen: Seen, unclear: Collection[str]) -> ChangeRequest:
    if line is None or line.change_request is None:
        raise Conflict(f"this replacement has no change request for {seen.tenant}")
    verdict = verdict_of(line.change_request)
    if verdict not in Evidence.GOOD:
        raise Conflict(f"the verdict is “{verdict}”: what does not pass is approved by itself, not in bulk")
    if risk_rose(line.change_request):
        raise Conflict("risk rose: who approves it answers for that in writing, so it is not approved in bulk")
    if seen.tenant in unclear:
        raise Conflict(f"{UNCLEAR}, so it is approved by itself, not in bulk")
    return line.change_request
