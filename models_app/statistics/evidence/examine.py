"""One intent's evidence from its observations."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models_app.statistics.evidence import sides
from models_app.statistics.evidence.decision_changes import listed
from models_app.statistics.evidence.findings import (
    IntentEvidence,
    Level,
    Movement,
    ThresholdEvidence,
)
from models_app.statistics.evidence.gates import Margin, against, gate_of, tolerance_of, with_segments
from models_app.statistics.evidence.groups import groups, segments_of
from models_app.statistics.evidence.histograms import crossing, histogram
from models_app.statistics.evidence.labelled import performance_of
from models_app.statistics.evidence.observations import Observations, Question, ThresholdQuestion
from models_app.statistics.evidence.parts import Parts, by_day, by_value
from models_app.statistics.evidence.recall import with_recall
from models_app.statistics.evidence.risk import risks
from models_app.statistics.evidence.segments import Segment, in_words
from models_app.statistics.evidence.sides import Sides
from models_app.statistics.held_out import HeldOutRate
from models_app.statistics.references import AlertRates
from scoring.engine.probability import FloatArray

_EXAMPLES = 10
_RANKED = 200_000  # events that the rank correlation is taken of
_PROBABILITY_LEVELS = [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999]


def examine(intent: str, seen: Observations, question: Question) -> IntentEvidence:
    """What the change would do to an intent with these events. Arrays are as Observations says."""
    if not len(seen):
        return nothing(intent, "there are no recorded events in the window")
    performance, why_none = performance_of(seen, question)
    contexts = {name: by_value(values) for name, values in seen.contexts.items()}
    features = _features(seen, question)
    return IntentEvidence(
        intent=intent,
        n=len(seen),
        days=seen.days,
        thresholds=[
            replace(each, gate=with_recall(each.gate, each.name, performance, question.recall_tolerance))
            for each in _thresholds(seen, question, [*contexts.items(), *features.items()])
        ],
        levels=_levels(seen, question.reference),
        by_day=groups(seen, by_day(seen.occurred_at), question.thresholds),
        by_context={name: groups(seen, parts, question.thresholds) for name, parts in contexts.items()},
        movement=_movement(seen),
        rank_correlation=_rank_correlation(seen),
        performance=performance,
        note=_note(seen),
        total=seen.of,
        left_out=seen.left_out,
        histogram=histogram(seen.before, seen.after, question.reference),
        crossing=crossing(seen.before, seen.after),
        why_no_performance=why_none,
        risks=risks(seen, question),
        entity=question.entity,
        amount=question.amount,
        labels=question.labels,
        by_feature={name: groups(seen, parts, question.thresholds) for name, parts in features.items()}
        | {name: [] for name in question.segment_features if name not in features},
    )


def nothing(intent: str, note: str) -> IntentEvidence:
    """An intent of which no event tells anything, and why."""
    return IntentEvidence(intent, 0, 0.0, [], [], [], {}, None, None, None, note)


def taken_out(intent: str) -> IntentEvidence:
    """An intent that is live and would be served no more."""
    words = "the intent would be taken out of service: its clients get an error instead of a score"
    return replace(nothing(intent, words), out_of_service=True)


def _note(seen: Observations) -> str:
    """What of the window is not in it."""
    drawn = f"{seen.drawn:,} of {seen.of:,} events were drawn by their ids" if seen.of > seen.drawn else ""
    lacking = "events are left out: what they need to be scored was not kept"
    left_out = f"{seen.left_out:,} {lacking}" if seen.left_out else ""
    return "; ".join(filter(None, [drawn, left_out]))


def _features(seen: Observations, question: Question) -> dict[str, Parts]:
    """What events are divided by beside their context; which values alert most is told at the lowest threshold."""
    alerts = np.zeros(len(seen))
    for scores, at in ((seen.before, "score_before"), (seen.after, "score")):
        if scores is not None and question.thresholds:
            alerts += scores >= min(getattr(each, at) for each in question.thresholds)
    return {name: values.parts(alerts) for name, values in seen.features.items()}


def _thresholds(
    seen: Observations, question: Question, divisions: Sequence[tuple[str, Parts]]
) -> list[ThresholdEvidence]:
    events_a_day = len(seen) * seen.of / seen.drawn / seen.days
    asked = [
        (each, sides.of(seen, each, question), _tolerance(each, question, events_a_day)) for each in question.thresholds
    ]
    found = segments_of(seen, divisions, asked, question)
    return [_threshold(seen, question, *each, own) for each, own in zip(asked, found, strict=True)]


def _tolerance(asked: ThresholdQuestion, question: Question, events_a_day: float) -> float:
    return tolerance_of(asked.tolerance, asked.alerts_a_day, events_a_day, question.target(asked))


def _threshold(
    seen: Observations, question: Question, asked: ThresholdQuestion, side: Sides, tolerance: float, own: list[Segment]
) -> ThresholdEvidence:
    before, after, alerts = side.before, side.after, side.alerts
    target, a_day = question.target(asked), seen.of / seen.drawn / seen.days
    held = question.held_out.get(asked.score)
    margins, needed = side.margins(target, question.target_before(asked)), side.needed(target, tolerance)
    gate = gate_of(*margins, tolerance, needed, _held_out(held), is_moved=asked.is_moved)
    return ThresholdEvidence(
        name=asked.name,
        score=asked.score,
        action=asked.action,
        target=target,
        before=before,
        after=after,
        change=side.change,
        alerts_a_day_before=before.alerts * a_day if before else None,
        alerts_a_day_after=after.alerts * a_day,
        forecast=side.forecast,
        gate=with_segments(gate, in_words([each for each in own if each.moves])),
        swapped_in=[] if side.alerted is None else _examples(seen, alerts & ~side.alerted),
        swapped_out=[] if side.alerted is None else _examples(seen, side.alerted & ~alerts),
        past=side.past,
        held_out=held,
        segments=own,
        listed=listed(side.change),
    )


def _held_out(held: HeldOutRate | None) -> Margin | None:
    return against(held.target, held.rate, held.low, held.high) if held else None


def _examples(seen: Observations, rows: NDArray[np.bool_]) -> list[str]:
    """Ids of those that occurred last."""
    picked = np.flatnonzero(rows)
    order = np.argsort(seen.occurred_at[picked], kind="stable")[::-1][:_EXAMPLES]
    return [str(each) for each in seen.event_ids[picked[order]]]


def _levels(seen: Observations, reference: AlertRates) -> list[Level]:
    """Scores at log-spaced alert rates, from all events down to the rarest that n events show."""
    rates = np.geomspace(1.0, max(1.0 / len(seen), 1e-6), 61)[1:]
    after, before = _reached(seen.after, rates), None if seen.before is None else _reached(seen.before, rates)
    wanted = reference.score_at(rates)
    return [
        Level(float(rate), None if before is None else float(before[j]), float(after[j]), float(wanted[j]))
        for j, rate in enumerate(rates)
    ]


def _reached(scores: FloatArray, rates: FloatArray) -> FloatArray:
    """The scores that these shares of events reach."""
    ordered = np.sort(scores)[::-1]
    place = np.clip(np.ceil(rates * len(ordered)).astype(int) - 1, 0, len(ordered) - 1)
    found: FloatArray = ordered[place]
    return found


def _movement(seen: Observations) -> Movement:
    def quantiles(values: FloatArray) -> list[float]:
        return [float(each) for each in np.quantile(values, _PROBABILITY_LEVELS)]

    before, after = seen.probability_before, seen.probability_after
    return Movement(
        levels=_PROBABILITY_LEVELS,
        before=None if before is None else quantiles(before),
        after=quantiles(after),
        mean_before=None if before is None else float(np.mean(before)),
        mean_after=float(np.mean(after)),
    )


def _rank_correlation(seen: Observations) -> float | None:
    """Spearman's, of evenly spread events where there are very many; None where one side is constant."""
    if seen.before is None or len(seen) < 2:
        return None
    step = -(-len(seen) // _RANKED)
    before, after = seen.before[::step], seen.after[::step]
    if np.ptp(before) == 0 or np.ptp(after) == 0:
        return None
    return float(np.corrcoef(ranks(before), ranks(after))[0, 1])


def ranks(values: FloatArray) -> FloatArray:
    """From 1 on; equal values share the middle of their ranks. SciPy's own takes a second to import."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    middles: FloatArray = np.cumsum(counts) - (counts - 1) / 2
    return middles[places]
