"""One attempt at a refresh: fits, a change request with evidence, and what comes of it."""

from collections.abc import Mapping

import msgspec

from models_app.changes import drafting, reviewing
from models_app.changes.evidence.models import Evidence
from models_app.changes.evidence.waiting import evidence_for
from models_app.changes.models import ChangeRequest
from models_app.changes.standing_approvals.bounds import incidents_against
from models_app.changes.standing_approvals.publishing import publish_under
from models_app.changes.standing_approvals.selectors import open_for
from models_app.refreshes.fits import fitted_anew
from models_app.refreshes.lease import RefreshWork
from models_app.refreshes.models import Refresh
from models_app.refreshes.routes import answering, refreshed
from models_app.releases.publish import lock_current
from models_app.replacements.lease import refusals_as_failures
from models_app.work.lease import CannotBeDone
from scoring import releases
from scoring.engine import document as documents
from scoring.models import Release
from tenants.refusals import Refusal
from tenants.scope import tenant_scope

Outcome = Refresh.Outcome


def run_refresh(tenant_id: int, refresh_id: int) -> None:
    """Make a refresh that waits, or whose worker died; another that is at it is left alone."""
    work = RefreshWork.take_up(tenant_id, refresh_id)
    if work is not None:
        work.run(_run)


def _run(work: RefreshWork) -> None:
    with tenant_scope(work.tenant_id):
        rows = Refresh.objects.select_related("tenant", "policy__intent", "policy__set_by", "change_request__tenant")
        refresh = rows.get(pk=work.row_id)
        against = incidents_against(refresh.policy.intent)
    if refresh.change_request is None and against:
        work.hold_back(against)
        return
    change = refresh.change_request or _drafted(work, refresh)
    _conclude(work, refresh, change, evidence_for(work, change))


def _drafted(work: RefreshWork, refresh: Refresh) -> ChangeRequest:
    """A change request with the new transforms, made once. Raises CannotBeDone, Stopped."""
    intent = refresh.policy.intent.name
    with tenant_scope(work.tenant_id):
        live = releases.current(refresh.tenant)
    document = documents.decode(live.document) if live else None
    if live is None or document is None or intent not in document.intents:
        raise CannotBeDone(f"no release serves {intent}: there is nothing to fit anew")
    new = _transforms(work, refresh, live, answering(document, intent))
    routes = {intent: [msgspec.to_builtins(each) for each in refreshed(document, intent, new)]}
    with tenant_scope(work.tenant_id), refusals_as_failures():
        work.locked()
        current = lock_current(refresh.tenant)
        if current is None or current.pk != live.pk:
            raise CannotBeDone("another release was published meanwhile; the next refresh begins with that")
        change = drafting.create_change(
            actor=refresh.policy.set_by,
            tenant=refresh.tenant,
            title=f"Refresh of {intent}, {refresh.due:%Y-%m-%d %H:%M} UTC",
            reason=_reason(refresh),
            routes=routes,
        )
        work.keep(change)
        _withdraw_earlier(refresh, change)
    work.say(f"change request {change.number} made", 0.6)
    return change


def _transforms(
    work: RefreshWork, refresh: Refresh, live: Release, routes: Mapping[int, list[str]]
) -> Mapping[int, int]:
    """New transforms' ids by those of the live ones."""
    new = {}
    for number, (transform, names) in enumerate(routes.items(), start=1):
        new[transform] = fitted_anew(work, refresh, live, transform, names)
        work.say(f"transform {new[transform]} fitted in place of {transform}", 0.5 * number / len(routes))
    return new


def _reason(refresh: Refresh) -> str:
    policy = refresh.policy
    weighted = f", halved every {policy.half_life_days:g} days" if policy.half_life_days else ""
    return f"The {policy.schedule} refresh, on the events of {policy.window_days:g} days{weighted}."


def _withdraw_earlier(refresh: Refresh, change: ChangeRequest) -> None:
    """Of refreshes in a row only the latest waits; what somebody has edited or approved is left to people."""
    waiting = (ChangeRequest.State.DRAFT, ChangeRequest.State.IN_REVIEW)
    earlier = ChangeRequest.objects.filter(refresh__policy=refresh.policy, revision=1, state__in=waiting)
    for each in earlier.exclude(pk=change.pk).exclude(reviews__decision="approve"):
        reviewing.withdraw(actor=None, change=each, reason=f"change request {change.number} takes its place")


def _conclude(work: RefreshWork, refresh: Refresh, change: ChangeRequest, evidence: Evidence) -> None:
    """It goes live where a standing approval says so; else it waits, or stays a draft."""
    refused = _published(work, refresh, change)
    if refused is None:
        return
    if not evidence.is_good:
        refused = refused or [f"the verdict is “{evidence.verdict}”: {evidence.sentence}"]
        work.succeed(Outcome.DRAFT, f"change request {change.number} stays a draft", refused)
        return
    _submit(work, refresh, change)
    work.succeed(Outcome.WAITS, f"change request {change.number} waits for approval", refused)


def _published(work: RefreshWork, refresh: Refresh, change: ChangeRequest) -> list[str] | None:
    """What each standing approval that is open has against it; None where it went live on one, and all is done."""
    with tenant_scope(work.tenant_id):
        approvals = list(open_for(refresh.policy.intent))
    refused: list[str] = []
    for approval in approvals:
        try:
            with tenant_scope(work.tenant_id):  # all of it commits, or nothing
                work.locked()
                publish_under(approval=approval, change=change)
                text = f"change request {change.number} went live by standing approval {approval.number}"
                work.succeed(Outcome.LIVE, text)
        except Refusal as refusal:
            refused.append(f"standing approval {approval.number}: {refusal}")
        else:
            return None
    return refused


def _submit(work: RefreshWork, refresh: Refresh, change: ChangeRequest) -> None:
    """Submit it, unless a former attempt or a person has done so."""
    with tenant_scope(work.tenant_id), refusals_as_failures():
        work.locked()
        change.refresh_from_db(fields=["state"])
        if change.state == ChangeRequest.State.DRAFT:
            reviewing.submit(actor=refresh.policy.set_by, change=change)
