"""One attempt at a line of a replacement: fits, a change request, its evidence, and its submission where it passes."""

import msgspec

from models_app.changes import drafting, reviewing
from models_app.changes.evidence.waiting import evidence_for
from models_app.changes.models import ChangeRequest
from models_app.replacements.fits import transforms_of
from models_app.replacements.lease import LineWork, TooFewEvents, refusals_as_failures
from models_app.replacements.models import ReplacementLine
from models_app.replacements.routes import answered_by, replaced, routes_of
from models_app.work.lease import CannotBeDone
from scoring import releases
from scoring.engine import document as documents
from tenants.scope import tenant_scope

Routes = dict[str, tuple[documents.Route, ...]]


def run_line(tenant_id: int, line_id: int) -> None:
    """Run a line that waits, or whose worker died; another that is at it is left alone."""
    work = LineWork.take_up(tenant_id, line_id)
    if work is not None:
        work.run(_run)


def _run(work: LineWork) -> None:
    with tenant_scope(work.tenant_id):
        rows = ReplacementLine.objects.select_related(
            "tenant", "change_request__tenant", "replacement__author", "replacement__replaced", "replacement__predictor"
        )
        line = rows.get(pk=work.row_id)
    try:
        change = line.change_request or _drafted(work, line)
    except TooFewEvents as error:
        work.give_up(str(error))
        return
    evidence = evidence_for(work, change)
    if evidence.is_good:
        _submit(work, line, change)
        work.succeed(evidence, f"change request {change.number} waits for approval")
    else:
        work.succeed(evidence, f"change request {change.number} stays a draft: {evidence.sentence}")


def _drafted(work: LineWork, line: ReplacementLine) -> ChangeRequest:
    """A change request for the line, made once."""
    routes = _routes(work, line)
    replacement = line.replacement
    with tenant_scope(work.tenant_id), refusals_as_failures():
        change = drafting.create_change(
            actor=replacement.author,
            tenant=line.tenant,
            title=replacement.title,
            reason=replacement.reason,
            routes={name: [msgspec.to_builtins(route) for route in each] for name, each in routes.items()},
        )
        work.keep(change)
    work.say(f"change request {change.number} made", 0.6)
    return change


def _routes(work: LineWork, line: ReplacementLine) -> Routes:
    """The routes to propose, each intent's transforms fitted on the way."""
    with tenant_scope(work.tenant_id):
        live = releases.current(line.tenant)
    old, new = line.replacement.replaced.key, line.replacement.predictor.key
    document = documents.decode(live.document) if live else None
    routes: Routes = {}
    for number, name in enumerate(line.intents, start=1):
        if document is None or name not in answered_by(document, old):
            raise CannotBeDone(f"{name} is no longer answered by {old}: another release was published meanwhile")
        transforms = transforms_of(work, line, name, routes_of(document, name, old))
        routes[name] = replaced(document, name, old, new, transforms)
        work.say(f"{name}: fitted", 0.5 * number / len(line.intents))
    return routes


def _submit(work: LineWork, line: ReplacementLine, change: ChangeRequest) -> None:
    """Submit the change request, unless a former attempt or a person has done so."""
    with tenant_scope(work.tenant_id), refusals_as_failures():
        work.locked()
        change.refresh_from_db(fields=["state"])
        if change.state == ChangeRequest.State.DRAFT:
            reviewing.submit(actor=line.replacement.author, change=change)
