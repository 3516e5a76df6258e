"""Having evidence computed for a change request; models_app.evidence does the work."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from models_app.changes.selectors import policy_of, valid_approvals
from models_app.changes.transitions import REASSESS, REASSESS_REVIEWED, State, held, move
from models_app.transforms.source import Window, read_window
from models_app.work.workers import give_out_after_commit
from scoring import releases
from tenants.audit_terms import AuditAction
from tenants.models import Person
from tenants.services import record


def request_evidence(
    *, actor: Person | None, change: ChangeRequest, as_of: datetime | None = None, days: float | None = None
) -> Evidence:
    """Have it computed again, on the events of [as_of − days, as_of): by default up to now, as long as the policy says.

    Approvals were given on the evidence before: they no longer count. Who picks the events counts as an editor, for
    what it says hangs on them, and does not approve by it. Raises ValidationError naming the field.
    """
    window = _window(change, as_of, days)
    with transaction.atomic():
        standing = held(change, actor)
        move(standing, REASSESS if standing.change.state == State.DRAFT else REASSESS_REVIEWED)
        if (as_of, days) != (None, None):
            standing.change.edited_by = actor or standing.change.edited_by
        standing.change.save()
        void_approvals(standing.change, "new evidence was asked for")
        return order_evidence(standing.change, actor, window)


def order_evidence(
    change: ChangeRequest,
    actor: Person | None,
    window: Window | None = None,
    labels_as_of: datetime | None = None,
) -> Evidence:
    """A row for a worker to take up, in the caller's transaction; evidence under way for this change is cancelled.

    `labels_as_of` as Evidence has it.
    """
    window = window or _window(change)
    under_way = Evidence.objects.filter(change_request=change, state__in=Evidence.ACTIVE)
    under_way.update(state=Evidence.State.CANCELLED, finished_at=timezone.now())
    live = releases.current(change.tenant)
    evidence = Evidence.objects.create(
        tenant=change.tenant,
        change_request=change,
        document_digest=change.digest,
        live_digest=live.digest if live else "",
        start=window.start,
        end=window.end,
        labels_as_of=labels_as_of,
        created_by=actor,
    )
    details = {"evidence": evidence.pk, "start": window.start.isoformat(), "end": window.end.isoformat()}
    record(actor=actor, act=AuditAction.ASK_FOR_EVIDENCE, subject=change, tenant=change.tenant, details=details)
    give_out_after_commit(evidence)
    return evidence


def _window(change: ChangeRequest, as_of: datetime | None = None, days: float | None = None) -> Window:
    return read_window(policy_of(change.tenant).evidence_days if days is None else days, as_of or timezone.now())


def void_approvals(change: ChangeRequest, because: str) -> bool:
    """No approval that was given counts any more; each stays on record with the reason. Whether there was any."""
    approvals = valid_approvals(change)
    given = [review.person.email for review in approvals]
    approvals.update(voided_at=timezone.now(), voided_because=because)
    if given:
        record(actor=None, act=AuditAction.VOID_APPROVALS, subject=change, tenant=change.tenant, details={"of": given})
    return bool(given)
