"""Whether a change request is all within the bounds of a standing approval, and what of it is not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest, ReviewPolicy
from models_app.changes.standing_approvals.models import StandingApproval
from models_app.changes.standing_approvals.routes import only_transforms
from models_app.changes.standing_approvals.selectors import why_it_does_not_hold
from models_app.incidents.models import Incident
from models_app.statistics.evidence import IntentEvidence, stored
from models_app.statistics.evidence.findings import ThresholdEvidence
from models_app.statistics.in_words import percent
from models_app.statistics.mapping_distance import largest_move
from models_app.statistics.sample_size import assess, events_in_words
from models_app.transforms.models import Transform
from models_app.transforms.report import sketched_error
from scoring.engine import document as documents
from scoring.engine.document import ReleaseDocument
from scoring.models import Release
from tenants.models import Intent

# Of which nobody wants a transform fitted to what they did to events.
AGAINST = (Incident.Kind.RISK, Incident.Kind.DATA_FAULT)


@dataclass(frozen=True)
class Asked:
    """A change request beside what is live, its evidence, and the standing approval that it would go live on."""

    approval: StandingApproval
    change: ChangeRequest
    live: Release | None
    evidence: Evidence | None
    policy: ReviewPolicy


def refusals(asked: Asked) -> list[str]:
    """What speaks against its going live without an approval of its own, in words; none where nothing does."""
    if why := why_it_does_not_hold(asked.approval, asked.policy):
        return [why]
    if asked.live is None:
        return ["nothing is live that could be refreshed"]
    if asked.evidence is None:
        return ["there is no evidence for this document beside what is live"]
    live, proposed = documents.decode(asked.live.document), documents.decode(asked.change.document)
    new = only_transforms(live, proposed, asked.approval.intent.name)
    if new is None:
        return [f"more would change than transforms of {asked.approval.intent.name}"]
    return [
        *_of_transforms(asked, new),
        *_of_mappings(asked, live, proposed, new),
        *_of_evidence(asked, [*new.values()]),
        *map(goes_on, incidents_against(asked.approval.intent)),
    ]


def incidents_against(intent: Intent) -> list[Incident]:
    """What goes on that speaks against a refresh."""
    rows = Incident.objects.filter(intent=intent, kind__in=AGAINST, state__in=Incident.GOING_ON)
    return list(rows.order_by("pk"))


def goes_on(incident: Incident) -> str:
    """Why it speaks against a refresh, in words."""
    return f"{incident} ({incident.kind}) goes on"


def _of_transforms(asked: Asked, new: Mapping[int, int]) -> Iterator[str]:
    """They are of the predictor and reference that was approved."""
    approval = asked.approval
    rows = Transform.objects.filter(tenant=asked.change.tenant_id, pk__in=[*new, *new.values()])
    found = {each.pk: each for each in rows.select_related("predictor", "reference")}
    for transform in sorted({*new, *new.values()}):
        row = found.get(transform)
        if row is None or row.intent_id != approval.intent_id:
            yield f"transform {transform} is not of {approval.intent.name}"
        elif (row.predictor_id, row.reference_id) != (approval.predictor_id, approval.reference_id):
            approved = f"{approval.predictor.key} to {approval.reference.key}"
            yield f"transform {transform} is of {row.predictor.key} to {row.reference.key}; approved is {approved}"


def _of_mappings(
    asked: Asked, live: ReleaseDocument, proposed: ReleaseDocument, new: Mapping[int, int]
) -> Iterator[str]:
    for old, transform in sorted(new.items()):
        before, after = live.transforms[str(old)], proposed.transforms[str(transform)]
        move = largest_move((before.x, before.y), (after.x, after.y))
        if move > asked.approval.mapping_tolerance:
            allowed = f"{asked.approval.mapping_tolerance:.3g}"
            yield f"transform {transform} moves a score by {move:.3g}; approved is up to {allowed}"


def _of_evidence(asked: Asked, new: Sequence[int]) -> Iterator[str]:
    evidence = asked.evidence
    assert evidence is not None
    if not evidence.is_good:
        yield f"the verdict is “{evidence.verdict}”: {evidence.sentence}"
    if evidence.risk_rose:
        yield "risk rose, to which only people can answer"
    name = asked.approval.intent.name
    found = {each.intent: each for each in stored.read(evidence.result).intents}
    if set(found) != {name}:
        yield f"the evidence is of {', '.join(sorted(found)) or 'nothing'}, not of {name} alone"
        return
    for row in Transform.objects.filter(tenant=asked.change.tenant_id, pk__in=new).order_by("pk"):
        yield from _of_fit(row, found[name], asked.approval)
    yield from _of_rates(found[name].thresholds, asked.approval)
    yield from _of_labels(found[name])


def _of_fit(transform: Transform, found: IntentEvidence, approval: StandingApproval) -> Iterator[str]:
    """Chance alone, by the number of its events, moves no alert rate of the fit further than rates may move."""
    report = transform.report
    if report.get("sample_size") is None:
        yield f"nothing tells how closely transform {transform.pk} knows alert rates"
        return
    n, effective, sketched = report["n"], report.get("effective") or report["n"], sketched_error(report)
    for each in [each for each in found.thresholds if 0.0 < each.target < 1.0]:
        error = assess(n, [each.target], sketched=lambda _: sketched, effective=effective).relative_error
        allowed = approval.allowed(each.target, found.n * found.scale / found.days)
        if error > allowed:
            fit = f"the fit of transform {transform.pk}, on {events_in_words(n, effective)},"
            known = f"the alert rate at “{each.name}” only within ±{percent(error)} of itself"
            yield f"{fit} knows {known}; approved is up to {percent(allowed)}"


def _of_rates(thresholds: Sequence[ThresholdEvidence], approval: StandingApproval) -> Iterator[str]:
    if not thresholds:
        yield "no event tells what alert rates would be"
    for each in thresholds:
        change, moved = each.change, each.alerts_a_day_after - (each.alerts_a_day_before or 0.0)
        if change is not None and abs(moved) <= approval.alerts_a_day:
            continue
        if change is None or (change.relative is None and change.only_after):
            yield f"nothing tells by how much the alert rate at “{each.name}” would move"
        elif change.relative is not None and abs(change.relative) > approval.rate_tolerance:
            by, allowed = percent(change.relative, sign="+"), percent(approval.rate_tolerance) + approval.or_alerts
            yield f"the alert rate at “{each.name}” moves by {by}; approved is up to {allowed}"


def _of_labels(found: IntentEvidence) -> Iterator[str]:
    """Where labels are, none of them may show a loss for certain."""
    performance = found.performance
    for each in performance.outcomes if performance else ():
        change = each.recall_change
        if change is not None and change.high is not None and change.high < 0.0:
            yield f"labels show a loss at “{each.name}”: recall changes by {100 * change.value:+.3g} points"
