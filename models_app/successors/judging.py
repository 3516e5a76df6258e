"""What labels tell of a trial: the shadow beside what is live, on the same recorded events."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from models_app.catalog.models import ReferenceDistribution
from models_app.catalog.references import mathematical
from models_app.changes.evidence.judgement import Judgement, entities, judgement_of
from models_app.changes.evidence.sides import Recorded
from models_app.statistics.evidence.labels import UNLABELLED, counted
from models_app.statistics.evidence.outcomes import Known
from models_app.statistics.evidence.shares import Sampled
from models_app.statistics.in_words import percent
from models_app.statistics.sample_size import RATE_WITHOUT_THRESHOLDS
from models_app.statistics.trials import Found, judged
from models_app.successors.lease import TrialWork
from models_app.successors.models import Trial
from models_app.successors.routes import as_if_live
from scoring.engine.document import ReleaseDocument
from tenants.scope import tenant_scope

COVERED = 0.95  # the share of a trial's events that the shadow must have scored, for it to be judged by all of it

Rows = NDArray[np.bool_]


def found_of(work: TrialWork, trial: Trial, live: ReleaseDocument) -> Found:
    """By the rule of the intent: which events count as labelled, and what those without a label are taken for."""
    name, pair = trial.policy.intent.name, (trial.live.key, trial.shadow.key)
    tried = as_if_live(live, name, pair)
    with tenant_scope(work.tenant_id):
        judgement, rates = judgement_of(work.tenant_id, name), _rates(live, name)
    recorded = Recorded(
        work.tenant_id, name, (trial.begin, trial.end), [live, tried], lambda text: work.say(text, 0.0),
        limit=settings.ENV["MUSE_EVIDENCE_LIMIT"], seed=f"trial {trial.pk}", kept=judgement.columns,
    )  # fmt: skip
    if not len(recorded):
        return Found(against=["nothing was scored while it was tried"])
    before, after = (recorded.side(each, replayed=False)[0] for each in (live, tried))
    answered = _transforms(recorded, live) != _transforms(recorded, tried)
    both = answered & ~np.isnan(before) & ~np.isnan(after)
    share = int(np.count_nonzero(both)) / max(1, int(np.count_nonzero(answered)))
    if share < COVERED:
        return Found(against=[f"it has scored {percent(share)} of the trial's events; it takes {percent(COVERED)}"])
    return _judged(recorded, judgement, trial, both, (before, after), rates)


def _judged(
    recorded: Recorded,
    judgement: Judgement,
    trial: Trial,
    both: Rows,
    sides: tuple[NDArray[np.float64], NDArray[np.float64]],
    rates: Mapping[str, float],
) -> Found:
    labels = np.nan_to_num(recorded.column("label").astype(np.float64), nan=UNLABELLED).astype(np.int8)
    occurred = recorded.column("occurred_at").astype("datetime64[us]")
    labelled = counted(labels, _days(occurred, _at(trial.due)), judgement.labels)
    rows = labelled.rows & both
    sampled = Sampled(entities=entities(recorded, judgement)).of(rows)
    known = Known(sides[0][rows], sides[1][rows], labelled.positive[rows], sampled)
    return judged(known, -_days(occurred[rows], _at(trial.begin)), rates)


def _rates(live: ReleaseDocument, name: str) -> Mapping[str, float]:
    """The alert rate that each declared threshold stands for, by the reference of the last route."""
    intent = live.intents[name]
    key = live.transforms[str(intent.routes[-1].live.transform)].reference
    reference = next(mathematical(each) for each in ReferenceDistribution.objects.all() if each.key == key)
    declared = {each.name: float(reference.alert_rate(each.score)) for each in intent.thresholds}
    return declared or {f"{100 * RATE_WITHOUT_THRESHOLDS:g} % of events": RATE_WITHOUT_THRESHOLDS}


def _transforms(recorded: Recorded, document: ReleaseDocument) -> NDArray[np.int64]:
    """Of each event, the transform that answers it by this document."""
    found = np.zeros(len(recorded), dtype=np.int64)
    for target, rows in recorded.by_target(document).items():
        found[rows] = target.transform
    return found


def _at(at: datetime) -> np.datetime64:
    return np.datetime64((at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1), "us")


def _days(times: NDArray[np.datetime64], until: np.datetime64) -> NDArray[np.float64]:
    found: NDArray[np.float64] = (until - times) / np.timedelta64(1, "D")
    return found
