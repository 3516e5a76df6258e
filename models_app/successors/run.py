"""One attempt at a trial: what labels tell, and where the shadow has won, a change request that waits for people.

Nothing is ever published from here, nor by a standing approval: those are of transforms alone.
"""

import msgspec
from django.utils import timezone

from models_app.changes import drafting, reviewing
from models_app.changes.evidence.models import Evidence
from models_app.changes.evidence.waiting import evidence_for
from models_app.changes.models import ChangeRequest
from models_app.releases.publish import lock_current
from models_app.replacements.lease import refusals_as_failures
from models_app.statistics.trials import Found
from models_app.successors.fits import fitted
from models_app.successors.judging import found_of
from models_app.successors.lease import TrialWork
from models_app.successors.models import Trial
from models_app.successors.routes import pairs, succeeded, tried_on
from models_app.successors.words import reason_of
from models_app.work.lease import CannotBeDone
from scoring import releases
from scoring.engine import document as documents
from scoring.engine.document import ReleaseDocument
from scoring.models import Release
from tenants.scope import tenant_scope

Outcome = Trial.Outcome


def run_trial(tenant_id: int, trial_id: int) -> None:
    """Judge a trial that waits, or whose worker died; another that is at it is left alone."""
    work = TrialWork.take_up(tenant_id, trial_id)
    if work is not None:
        work.run(_run)


def _run(work: TrialWork) -> None:
    with tenant_scope(work.tenant_id):
        related = ("tenant", "live", "shadow", "policy__intent", "policy__set_by", "change_request__tenant")
        trial = Trial.objects.select_related(*related).get(pk=work.row_id)
    change = trial.change_request or _drafted(work, trial)
    if change is not None:
        _conclude(work, trial, change, evidence_for(work, change))


def _drafted(work: TrialWork, trial: Trial) -> ChangeRequest | None:
    """A change request that lets the shadow answer; None where it has not won, and all is done."""
    live, document = _served(work, trial)
    found = found_of(work, trial, document)
    work.keep_found(found)
    if found.against:
        outcome = Outcome.NOT_BETTER if found.is_known else Outcome.TOO_FEW
        work.succeed(outcome, f"{trial.shadow.key} has not beaten {trial.live.key}", found.against)
        return None
    pair, intent = (trial.live.key, trial.shadow.key), trial.policy.intent.name
    transforms = fitted(work, trial, live, tried_on(document, intent, pair))
    routes = {intent: [msgspec.to_builtins(each) for each in succeeded(document, intent, pair, transforms)]}
    return _proposed(work, trial, live, found, routes)


def _served(work: TrialWork, trial: Trial) -> tuple[Release, ReleaseDocument]:
    """What is live, where both are still in their places. Raises CannotBeDone."""
    with tenant_scope(work.tenant_id):
        live = releases.current(trial.tenant)
    document = documents.decode(live.document) if live else None
    pair, intent = (trial.live.key, trial.shadow.key), trial.policy.intent.name
    if live is None or document is None or pair not in pairs(document, intent):
        raise CannotBeDone(f"{trial.shadow.key} is no longer a shadow of {trial.live.key} in {intent}")
    return live, document


def _proposed(
    work: TrialWork, trial: Trial, live: Release, found: Found, routes: dict[str, list[object]]
) -> ChangeRequest:
    """Made once, with evidence on all events since the trial began, so that its labels are in it."""
    with tenant_scope(work.tenant_id), refusals_as_failures():
        work.locked()
        current = lock_current(trial.tenant)
        if current is None or current.pk != live.pk:
            raise CannotBeDone("another release was published meanwhile; the next trial begins with that")
        change = drafting.create_change(
            actor=trial.policy.set_by,
            tenant=trial.tenant,
            title=f"Successor in {trial.policy.intent.name}: {trial.shadow.key} for {trial.live.key}",
            reason=reason_of(trial, found),
            routes=routes,
            evidence_days=(timezone.now() - trial.begin).total_seconds() / 86_400,
        )
        work.keep(change)
    work.say(f"change request {change.number} made", 0.6)
    return change


def _conclude(work: TrialWork, trial: Trial, change: ChangeRequest, evidence: Evidence) -> None:
    """It waits for people where its evidence passes; else it stays a draft, and its author sees why."""
    if not evidence.is_good:
        refused = [f"the verdict is “{evidence.verdict}”: {evidence.sentence}"]
        work.succeed(Outcome.DRAFT, f"change request {change.number} stays a draft", refused)
        return
    with tenant_scope(work.tenant_id), refusals_as_failures():
        work.locked()
        change.refresh_from_db(fields=["state"])
        if change.state == ChangeRequest.State.DRAFT:
            reviewing.submit(actor=trial.policy.set_by, change=change)
    work.succeed(Outcome.WAITS, f"change request {change.number} waits for approval")
