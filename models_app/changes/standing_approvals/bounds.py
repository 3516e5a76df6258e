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
from models_app.statistics.sample_size import events_in_words
from models_app.transforms.models import Transform
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
        *_of_evidence(asked),
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
    """They are of the predictor and reference that was approved, and their fits had events enough for the bounds."""
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
        elif transform in new.values():
            yield from _of_fit(row, approval.rate_tolerance)


def _of_fit(transform: Transform, allowed: float) -> Iterator[str]:
    """Chance alone, by the number of its events, moves no alert rate of the fit further than rates may move."""
    size = transform.report.get("sample_size")
    if size is None:
        yield f"nothing tells how closely transform {transform.pk} knows alert rates"
    elif size["relative_error"] > allowed:
        events = events_in_words(size["n"], size.get("effective") or size["n"])
        known = f"an alert rate of {100 * size['alert_rate']:.3g} % only within ±{size['relative_error']:.1%} of itself"
        yield f"the fit of transform {transform.pk}, on {events}, knows {known}; approved is up to {allowed:.1%}"


def _of_mappings(
    asked: Asked, live: ReleaseDocument, proposed: ReleaseDocument, new: Mapping[int, int]
) -> Iterator[str]:
    for old, transform in sorted(new.items()):
        before, after = live.transforms[str(old)], proposed.transforms[str(transform)]
        move = largest_move((before.x, before.y), (after.x, after.y))
        if move > asked.approval.mapping_tolerance:
            allowed = f"{asked.approval.mapping_tolerance:.3g}"
            yield f"transform {transform} moves a score by {move:.3g}; approved is up to {allowed}"


def _of_evidence(asked: Asked) -> Iterator[str]:
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
    yield from _of_rates(found[name].thresholds, asked.approval.rate_tolerance)
    yield from _of_labels(found[name])


def _of_rates(thresholds: Sequence[ThresholdEvidence], allowed: float) -> Iterator[str]:
    if not thresholds:
        yield "no event tells what alert rates would be"
    for each in thresholds:
        change = each.change
        if change is None or (change.relative is None and change.only_after):
            yield f"nothing tells by how much the alert rate at “{each.name}” would move"
        elif change.relative is not None and abs(change.relative) > allowed:
            moved = percent(change.relative, sign="+")
            yield f"the alert rate at “{each.name}” moves by {moved}; approved is up to {percent(allowed)}"


def _of_labels(found: IntentEvidence) -> Iterator[str]:
    """Where labels are, none of them may show a loss for certain."""
    performance = found.performance
    for each in performance.outcomes if performance else ():
        change = each.recall_change
        if change is not None and change.high is not None and change.high < 0.0:
            yield f"labels show a loss at “{each.name}”: recall changes by {100 * change.value:+.3g} points"
