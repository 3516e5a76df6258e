"""Having evidence computed by work that needs it."""

import time

from models_app.changes import selectors
from models_app.changes.evidence.models import Evidence
from models_app.changes.evidence.run import compute_evidence
from models_app.changes.models import ChangeRequest
from models_app.work.lease import Attempt, CannotBeDone

PAUSE_SECONDS = 0.25


def evidence_for(work: Attempt, change: ChangeRequest) -> Evidence:
    """The change request's evidence, once it is there; made here unless another worker is at it.

    Raises CannotBeDone, Stopped.
    """
    while True:
        with work.scope():
            latest = selectors.latest_evidence(change)
        assert latest is not None  # a change request is made with it
        if latest.state == Evidence.State.SUCCEEDED:
            return latest
        if latest.state not in Evidence.ACTIVE:
            raise CannotBeDone(f"the evidence for change request {change.number} {latest.state}: {latest.error}")
        compute_evidence(work.tenant_id, latest.pk)
        work.say("", 0.6)
        _wait_for_another(work, latest)


def _wait_for_another(work: Attempt, evidence: Evidence) -> None:
    """Wait for the other worker that is at it, where this one could not take it up."""
    with work.scope():
        evidence.refresh_from_db(fields=["state"])
    if evidence.state in Evidence.ACTIVE:
        time.sleep(PAUSE_SECONDS)
