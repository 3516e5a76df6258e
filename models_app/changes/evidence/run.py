"""One attempt at the evidence for a change request, from recorded events to a verdict."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
from django.conf import settings

from models_app.catalog.models import ReferenceDistribution
from models_app.catalog.references import mathematical
from models_app.changes.decision_changes.collecting import collected
from models_app.changes.decision_changes.models import DecisionChange
from models_app.changes.evidence import past
from models_app.changes.evidence.held_out import held_out_of
from models_app.changes.evidence.judgement import (
    Judgement,
    amounts,
    entities,
    judgement_of,
    labelled_after,
    segment_values,
)
from models_app.changes.evidence.lease import EvidenceWork
from models_app.changes.evidence.models import Evidence
from models_app.changes.evidence.risk import Reports, answering, reports_of
from models_app.changes.evidence.sides import Recorded
from models_app.changes.models import ChangeRequest, ReviewPolicy
from models_app.changes.selectors import policy_of
from models_app.figures.evidence import figures_of
from models_app.statistics.evidence import (
    IntentEvidence,
    Observations,
    Question,
    ThresholdQuestion,
    examine,
    stored,
    verdict_of,
)
from models_app.statistics.evidence.examine import nothing, taken_out
from models_app.statistics.evidence.observations import UNLABELLED, Answering
from models_app.statistics.evidence.risk import LIVE, PROPOSED
from models_app.statistics.evidence.segments import CONTEXT
from models_app.statistics.mixed_reference import mixed
from models_app.statistics.references import AlertRates, Reference
from models_app.statistics.sample_size import RATE_WITHOUT_THRESHOLDS
from models_app.work.lease import CannotBeDone
from scoring.engine import document as documents
from scoring.engine.document import ReleaseDocument
from scoring.models import Release
from tenants.scope import tenant_scope


def compute_evidence(tenant_id: int, evidence_id: int) -> None:
    """Compute evidence that waits, or whose worker died; another that is at it is left alone."""
    work = EvidenceWork.take_up(tenant_id, evidence_id)
    if work is not None:
        work.run(_compute)


def _compute(work: EvidenceWork) -> None:
    with tenant_scope(work.tenant_id):
        evidence = Evidence.objects.select_related("change_request__tenant").get(pk=work.row_id)
        change, policy = evidence.change_request, policy_of(evidence.change_request.tenant)
        proposed, live = _documents(evidence, change)
        references = {each.key: mathematical(each) for each in ReferenceDistribution.objects.all()}
        reports = reports_of(work.tenant_id, live, proposed)
    touched = changed_intents(live, proposed)
    found: list[IntentEvidence] = []
    moved: list[DecisionChange] = []
    for number, intent in enumerate(touched):
        seen, rows = _examined(work, evidence, intent, live, proposed, policy, references, reports)
        found, moved = [*found, seen], [*moved, *rows]
        work.say(f"{intent}: {found[-1].n:,} events", 0.9 * (number + 1) / len(touched))
    verdict = verdict_of(found)
    text = stored.text_of(found, verdict)
    figures = figures_of(found, live, proposed)
    weeks = past.weeks_of(found)
    work.succeed(result=text, verdict=verdict, figures=figures, past_weeks=weeks, decision_changes=moved)


def changed_intents(live: ReleaseDocument | None, proposed: ReleaseDocument) -> list[str]:
    """Intents that are served otherwise afterwards: new, gone, or with other routes, predictors or transforms."""
    names = sorted(proposed.intents.keys() | (live.intents.keys() if live else set()))
    return [name for name in names if live is None or _served(live, name) != _served(proposed, name)]


def _served(document: ReleaseDocument, name: str) -> object:
    """All that decides what an intent's live answers are."""
    if name not in document.intents:
        return None
    answering = msgspec.structs.replace(document, intents={name: without_shadows(document.intents[name])})
    return documents.only(answering, [name])


def without_shadows(intent: documents.Intent) -> documents.Intent:
    """The intent without its shadows, which answer nobody."""
    routes = tuple(msgspec.structs.replace(route, shadows=()) for route in intent.routes)
    return msgspec.structs.replace(intent, routes=routes)


def _documents(evidence: Evidence, change: ChangeRequest) -> tuple[ReleaseDocument, ReleaseDocument | None]:
    if change.digest != evidence.document_digest:
        raise CannotBeDone("the change request was edited meanwhile; evidence for what it is now is under way")
    live = None
    if evidence.live_digest:
        rows = Release.objects.filter(tenant=change.tenant_id, digest=evidence.live_digest)
        live = documents.decode(rows.order_by("-number")[:1].get().document)
    return documents.decode(change.document), live


def _examined(
    work: EvidenceWork,
    evidence: Evidence,
    name: str,
    live: ReleaseDocument | None,
    proposed: ReleaseDocument,
    policy: ReviewPolicy,
    references: dict[str, Reference],
    reports: Reports,
) -> tuple[IntentEvidence, list[DecisionChange]]:
    """What is found of an intent, and which of its events change sides."""
    if name not in proposed.intents:
        return taken_out(name), []
    both = [proposed] if live is None else [proposed, live]
    window = (evidence.start, evidence.end)
    with tenant_scope(work.tenant_id):
        judged = judgement_of(work.tenant_id, name)
    recorded = Recorded(
        work.tenant_id,
        name,
        window,
        both,
        lambda text: work.say(text, 0.0),
        limit=settings.ENV["MUSE_EVIDENCE_LIMIT"],
        seed=evidence.document_digest,
        kept=judged.columns,
    )
    if not len(recorded):
        first = "it would be the first release: nothing has been scored yet that could tell what it does"
        return nothing(name, first if live is None else "there are no recorded events in the window"), []
    seen = _observations(recorded, name, live, proposed, judged)
    if evidence.labels_as_of is not None:
        seen = replace(seen, labels_as_of=_microseconds(evidence.labels_as_of))
    by = _answering(recorded, name, live, proposed, references, reports)
    seen = replace(seen, answering=by).without_unknown()
    if not len(seen):
        return nothing(name, "no event has kept what both the live and the proposed predictors need"), []
    seen = replace(seen, past=past.events_before(work.tenant_id, name, evidence, proposed, live))
    question = _question(proposed, live, name, policy, _reference(recorded, proposed, references), judged)
    with tenant_scope(work.tenant_id):
        scores = [each.score for each in question.thresholds]
        held = held_out_of(work.tenant_id, recorded.shares(proposed), scores)
    if live is not None and name in live.intents:
        question = replace(question, live_reference=_reference(recorded, live, references))
    found = examine(name, seen, replace(question, others=past.weeks_of_others(evidence), held_out=held))
    return found, collected(name, seen, question.thresholds)


def _observations(
    recorded: Recorded, name: str, live: ReleaseDocument | None, proposed: ReleaseDocument, judged: Judgement
) -> Observations:
    probability, score = recorded.side(proposed)
    labels = recorded.column("label").astype(np.float64)
    since, until = (_microseconds(each) for each in recorded.with_traffic())
    features = segment_values(recorded, judged)
    in_bands = {each for each, values in features.items() if values.source == CONTEXT}
    after = Observations(
        event_ids=recorded.column("event_id"),
        occurred_at=recorded.column("occurred_at").astype("datetime64[us]").astype(np.int64),
        after=score,
        probability_after=probability,
        since=since,
        until=until,
        contexts={each: values for each, values in recorded.contexts().items() if each not in in_bands},
        labels=np.where(np.isnan(labels), UNLABELLED, labels).astype(np.int8),
        labelled_after=labelled_after(recorded),
        entities=entities(recorded, judged),
        amounts=amounts(recorded, judged),
        features=features,
        total=recorded.total if recorded.is_sample else None,
    )
    if live is None or name not in live.intents:
        return after
    before, score_before = recorded.side(live)
    return replace(after, before=score_before, probability_before=before)


def _answering(
    recorded: Recorded,
    name: str,
    live: ReleaseDocument | None,
    proposed: ReleaseDocument,
    references: dict[str, Reference],
    reports: Reports,
) -> tuple[Answering, ...]:
    """The transforms that answer now, and those that would instead."""
    found: tuple[Answering, ...] = ()
    for side, document in ((LIVE, live), (PROPOSED, proposed)):
        if document is not None and name in document.intents:
            thresholds = _thresholds(document, name, _reference(recorded, document, references))
            found += answering(recorded, side, document, thresholds, references, reports)
    lasting = {each.transform for each in found if each.side == LIVE}
    return tuple(each for each in found if each.side == LIVE or each.transform not in lasting)


def _microseconds(at: datetime) -> int:
    """Since 1970, UTC."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _question(
    proposed: ReleaseDocument,
    live: ReleaseDocument | None,
    name: str,
    policy: ReviewPolicy,
    reference: AlertRates,
    judged: Judgement,
) -> Question:
    former = live.intents[name].thresholds if live and name in live.intents else ()
    scores = {each.name: each.score for each in former}
    thresholds = [
        ThresholdQuestion(
            each.name,
            each.score,
            each.action,
            policy.tolerance_of(name, each.name),
            policy.alerts_a_day,
            policy.segment_tolerance,
            scores.get(each.name),
        )
        for each in _thresholds(proposed, name, reference)
    ]
    in_order = tuple(sorted(thresholds, key=lambda each: each.score))
    return Question(
        in_order,
        reference,
        labels=judged.labels,
        risk_tolerance=policy.risk_tolerance,
        recall_tolerance=policy.recall_tolerance,
        entity=judged.entity,
        amount=judged.amount,
        segment_features=tuple(each.name for each in judged.segments),
    )


def _reference(recorded: Recorded, document: ReleaseDocument, references: dict[str, Reference]) -> AlertRates:
    """That of the transforms that answer the events by this document, each by its share of them."""
    shares = recorded.shares(document).items()
    return mixed([(share, references[document.transforms[str(pk)].reference]) for pk, share in shares if share])


def _thresholds(document: ReleaseDocument, name: str, reference: AlertRates) -> tuple[documents.Threshold, ...]:
    """As declared; an intent without any is asked about 1 % of alerts."""
    declared = document.intents[name].thresholds
    if declared:
        return declared
    score = float(reference.score_at(RATE_WITHOUT_THRESHOLDS))
    return (documents.Threshold(f"{100 * RATE_WITHOUT_THRESHOLDS:g} % of events", score, "none declared"),)
