"""How well scores tell what events were, from observations: on those that count by their intent's rule for labels."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from models_app.statistics.drift import DAY
from models_app.statistics.evidence.labels import (
    UNLABELLED,
    Counted,
    Selection,
    counted,
    delay_curve,
    late,
    selections,
    why_none,
)
from models_app.statistics.evidence.observations import Observations, Question
from models_app.statistics.evidence.outcomes import Known, at_alert_rates, at_thresholds
from models_app.statistics.evidence.performance import Judged, Performance, auc_change, judge, recall_changes
from models_app.statistics.evidence.shares import Sampled, Share
from scoring.engine.probability import FloatArray

Rows = NDArray[np.bool_]


def performance_of(seen: Observations, question: Question) -> tuple[Performance | None, str]:
    """What is known, or None and a sentence that says why nothing is."""
    labels = seen.labels if len(seen.labels) == len(seen) else np.full(len(seen), UNLABELLED, np.int8)
    found = counted(labels, _ages(seen), question.labels)
    why = why_none(labels, found, question.labels)
    return (None, why) if why else (_performance(seen, question, found), "")


def _performance(seen: Observations, question: Question, found: Counted) -> Performance:
    rows, known, thresholds = found.rows, _known(seen, question, found), _thresholds(question)
    unfair = [] if question.labels.unlabelled_negative else _selections(seen, question)
    return Performance(
        n=len(seen),
        labelled=int(rows.sum()),
        positive=int(known.positive.sum()),
        matured=_by_week(rows, seen.occurred_at),
        before=_judged(known, known.before, _of(seen.probability_before, rows), question),
        after=judge(known.after, seen.probability_after[rows], known.positive, thresholds, known.sampled),
        auc_change=auc_change(known),
        recall_changes=recall_changes(known),
        outcomes=at_thresholds(known, thresholds, _former(question)),
        ranked=at_alert_rates(known),
        rule=question.labels,
        young=found.young,
        delays=[] if seen.labelled_after is None else _delays(seen, seen.labelled_after, question),
        selections=unfair,
        warnings=list(filter(None, [*(each.sentence for each in unfair), *_late(seen, question)])),
    )


def _known(seen: Observations, question: Question, found: Counted) -> Known:
    rows = found.rows
    sampled = Sampled(question.confidence, seen.entities).of(rows)
    return Known(_of(seen.before, rows), seen.after[rows], found.positive[rows], sampled, _of(seen.amounts, rows))


def _judged(known: Known, scores: FloatArray | None, said: FloatArray | None, question: Question) -> Judged | None:
    if scores is None or said is None:
        return None
    return judge(scores, said, known.positive, _former(question), known.sampled)


def _selections(seen: Observations, question: Question) -> list[Selection]:
    if seen.before is None:
        return []
    matured = _ages(seen) >= question.labels.maturity_days
    sampled = Sampled(question.confidence, seen.entities)
    return selections(seen.before, seen.labels, matured, _former(question), sampled)


def _delays(seen: Observations, labelled_after: FloatArray, question: Question) -> list[Share]:
    return delay_curve(labelled_after, seen.labels == 1, _ages(seen), question.labels)


def _late(seen: Observations, question: Question) -> Iterable[str]:
    if seen.labelled_after is not None:
        yield late(seen.labelled_after, seen.labels == 1, question.labels)


def _ages(seen: Observations) -> FloatArray:
    """In days, when labels were as they are."""
    as_of = seen.until if seen.labels_as_of is None else seen.labels_as_of
    ages: FloatArray = (as_of - seen.occurred_at) / DAY
    return ages


def _thresholds(question: Question) -> list[tuple[str, float]]:
    return [(each.name, each.score) for each in question.thresholds]


def _former(question: Question) -> list[tuple[str, float]]:
    """Where they lie in what is live."""
    return [(each.name, each.score_before) for each in question.thresholds]


def _of(values: FloatArray | None, rows: Rows) -> FloatArray | None:
    return None if values is None else values[rows]


def _by_week(known: Rows, occurred_at: NDArray[np.int64]) -> list[float]:
    week = (occurred_at - int(occurred_at.min())) // (7 * DAY)
    n, labelled = np.bincount(week), np.bincount(week, weights=known)
    return [float(labelled[each] / n[each]) if n[each] else 0.0 for each in range(len(n))]
