"""Serving a change request on the ground of a standing approval, where it is all within its bounds."""

from django.db import transaction
from django.utils import timezone

from models_app.changes.models import ChangeRequest
from models_app.changes.notify import tell_of_change
from models_app.changes.standing_approvals.models import StandingApproval
from models_app.changes.track_record.foretell import keep_foretold
from models_app.changes.transitions import PUBLISH_STANDING, held, move
from models_app.notifications.events import Event
from scoring.services import publish_document
from tenants.audit_terms import AuditAction
from tenants.services import record


def publish_under(*, approval: StandingApproval, change: ChangeRequest) -> ChangeRequest:
    """Serve it, and name the standing approval; by the platform itself.

    Whether it may is decided here, with the tenant, the change request and the standing approval held: what was revoked
    or edited before this transaction holds no longer, and what comes after it waits. Raises Conflict that says all that
    speaks against it.
    """
    with transaction.atomic():
        standing = held(change, None)
        rows = StandingApproval.objects.select_for_update(of=("self",))
        standing.under = rows.select_related("tenant", "intent", "predictor", "reference").get(pk=approval.pk)
        move(standing, PUBLISH_STANDING)
        change, evidence, number = standing.change, standing.evidence, standing.under.number
        change.decided_at, change.standing_approval = timezone.now(), standing.under
        change.release = publish_document(
            tenant=change.tenant,
            document=change.document,
            actor=None,
            reason=f"change request {change.number}, by standing approval {number}: {change.reason}",
        )
        change.save()
        keep_foretold(change.release, evidence)
        details = {
            "change": change.number,
            "release": change.release.number,
            "digest": change.digest,
            "bounds": standing.under.digest,
            "evidence": evidence.digest if evidence else "",
        }
        act = AuditAction.PUBLISH_BY_STANDING_APPROVAL
        record(actor=None, act=act, subject=standing.under, tenant=change.tenant, details=details)
        tell_of_change(Event.PUBLISHED, change, actor=None, text=f"By standing approval {number}: {change.reason}")
    return change
