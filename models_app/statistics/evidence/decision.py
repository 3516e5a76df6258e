"""What somebody decides on, in a few lines: what a change does at each threshold a day, and what is not known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from models_app.statistics.alert_rates import ObservedRate
from models_app.statistics.drift import WEEK
from models_app.statistics.evidence.findings import IntentEvidence, ThresholdEvidence
from models_app.statistics.evidence.outcomes import Outcome
from models_app.statistics.evidence.segments import (
    FEATURE,
    LEAST_ALERTS,
    LEAST_EVENTS,
    Segment,
    beside_in_words,
)
from models_app.statistics.held_out import HeldOutRate

MOST_SEGMENTS = 5  # on the card


@dataclass(frozen=True)
class Daily:
    """So many a day, between `low` and `high`: the interval of the rate that it comes from."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class ThresholdDecision:
    """One threshold: alerts a day before and after, and how many a day are new and dropped.

    `gate` is its gate's state; `held_out`: of the proposed fit on days that it had not seen, where it has that;
    `alerts_before`, `new_alerts` and `dropped_alerts` are None where nothing was live. `outcome`: what it does to
    labelled events, where some are.
    """

    intent: str
    name: str
    score: float
    gate: str
    target: float
    alerts_before: Daily | None
    alerts_after: Daily
    new_alerts: float | None
    dropped_alerts: float | None
    held_out: HeldOutRate | None = None
    outcome: Outcome | None = None

    @property
    def sentence(self) -> str:
        """As `‘decline’ 0.9: 27.1 → 25.8 [24.3, 27.4] alerts a day (12 new, 13.3 dropped); pass`."""
        after = self.alerts_after
        was = f"{amount(self.alerts_before.value)} → " if self.alerts_before else ""
        swapped = (
            ""
            if self.new_alerts is None or self.dropped_alerts is None
            else f" ({amount(self.new_alerts)} new, {amount(self.dropped_alerts)} dropped)"
        )
        rate = f"{was}{amount(after.value)} [{amount(after.low)}, {amount(after.high)}]"
        held = self.held_out
        seen = f"held out {100 * held.rate:.3g} % [{100 * held.low:.3g}, {100 * held.high:.3g}], " if held else ""
        return f"‘{self.name}’ {self.score:g}: {seen}{rate} alerts a day{swapped}{_caught(self.outcome)}; {self.gate}"


@dataclass(frozen=True)
class SegmentDecision:
    """A segment of an intent, in which alerts at `threshold` move beside all of them."""

    intent: str
    threshold: str
    segment: Segment

    @property
    def sentence(self) -> str:
        """As `‘decline’, channel = web: 1.34 → 2.09 % alert, +56 % [+40, +74] beside all; fail`."""
        found = self.segment
        was, after = (100 * count / found.events for count in (found.before, found.after))
        beside = f", {besides} beside all" if (besides := beside_in_words(found)) else ""
        return f"‘{self.threshold}’, {found.name}: {was:.3g} → {after:.3g} % alert{beside}{'; fail' * found.moves}"


@dataclass(frozen=True)
class Decision:
    """`lines`: each threshold of each intent that changes; `segments`: those that move most beside their intent.

    `unknown`: in sentences, what evidence does not tell.
    """

    lines: list[ThresholdDecision]
    unknown: list[str]
    segments: list[SegmentDecision] = field(default_factory=list)


def decision_of(intents: Sequence[IntentEvidence]) -> Decision:
    """The few lines of what evidence found."""
    lines = [_line(intent, each) for intent in intents if intent.n for each in intent.thresholds]
    several = len(intents) > 1
    unknown = [f"{f'{intent.intent}: ' if several else ''}{text}" for intent in intents for text in _unknown_of(intent)]
    return Decision(lines, unknown, segments_of(intents)[:MOST_SEGMENTS])


def segments_of(intents: Sequence[IntentEvidence]) -> list[SegmentDecision]:
    """All segments that move beside their intent by more than chance, those that fail first, then the farthest."""
    found = [
        SegmentDecision(intent.intent, threshold.name, each)
        for intent in intents
        for threshold in intent.thresholds
        for each in threshold.segments
        if each.moves or each.is_apart
    ]
    return sorted(found, key=lambda each: (not each.segment.moves, -each.segment.distance))


def amount(value: float) -> str:
    """A number of events or alerts a day: whole from 100 on, else with a decimal."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"


def _line(intent: IntentEvidence, each: ThresholdEvidence) -> ThresholdDecision:
    events, change = intent.n * intent.scale / intent.days, each.change
    a_day = intent.scale / intent.days
    return ThresholdDecision(
        intent=intent.intent,
        name=each.name,
        score=each.score,
        gate=each.gate.state,
        target=each.target,
        alerts_before=_daily(each.before, events) if each.before else None,
        alerts_after=_daily(each.after, events),
        new_alerts=None if change is None else change.only_after * a_day,
        dropped_alerts=None if change is None else change.only_before * a_day,
        held_out=each.held_out,
        outcome=_outcome(intent, each.name),
    )


def _outcome(intent: IntentEvidence, threshold: str) -> Outcome | None:
    outcomes = intent.performance.outcomes if intent.performance else []
    return next((each for each in outcomes if each.name == threshold), None)


def _caught(outcome: Outcome | None) -> str:
    """As `, catching 8.2 → 46 % of labelled fraud`; nothing where none is labelled."""
    if outcome is None:
        return ""
    was = f"{100 * outcome.before.recall.rate:.3g} → " if outcome.before else ""
    return f", catching {was}{100 * outcome.after.recall.rate:.3g} % of labelled fraud"


def _daily(rate: ObservedRate, events: float) -> Daily:
    return Daily(rate.rate * events, rate.low * events, rate.high * events)


def _unknown_of(intent: IntentEvidence) -> Iterable[str]:
    """What a reader may take for known, though it is not."""
    if intent.note:
        yield f"{intent.note[0].upper()}{intent.note[1:]}."
    if not intent.n:
        return
    if intent.days < WEEK:
        yield f"The window of {intent.days:.2g} days is shorter than a week, so weekdays are not balanced."
    if any(each.forecast.past_weeks == 0 for each in intent.thresholds):
        yield "How alert rates differ from week to week is assumed, for there are no earlier weeks to learn it from."
    yield from _small(intent)
    yield from _unrecorded(intent)
    yield _labels(intent)
    if intent.performance is not None:
        yield from intent.performance.warnings


def _small(intent: IntentEvidence) -> Iterable[str]:
    """How many segments nothing is known of, where something was live to move from."""
    found = [segment for threshold in intent.thresholds for segment in threshold.segments]
    told = [each for each in found if each.source == FEATURE or each.is_band]
    by_context = {(each.attribute, each.value) for each in found if each not in told}
    by_feature = {(each.attribute, each.value) for each in told}
    asked = (("context", intent.by_context, by_context), ("features", intent.by_feature, by_feature))
    for words, by, known in asked if any(each.change for each in intent.thresholds) else ():
        names = {(name, each.name) for name, values in by.items() if len(values) > 1 for each in values}
        if small := len(names - known):
            few = f"fewer than {LEAST_EVENTS} events or {LEAST_ALERTS} alerts"
            yield f"Of {small} of {len(names)} segments by {words} nothing is known: {few}."


def _unrecorded(intent: IntentEvidence) -> Iterable[str]:
    """Features that were to make segments, and of which the log has nothing, or not all."""
    for name, values in intent.by_feature.items():
        known = sum(each.n for each in values)
        if not known:
            yield f"How alerts move by {name} is not known: it was not recorded."
        elif known < intent.n:
            yield f"What {name} is, is not known of {intent.n - known:,} of {intent.n:,} events: it was not recorded."


def _labels(intent: IntentEvidence) -> str:
    known = intent.performance
    if known is None and intent.why_no_performance:
        return f"Whether it finds more fraud is not known. {intent.why_no_performance}"
    if known is None:
        return f"Whether it finds more fraud is not known: too few of the {intent.n:,} events are labelled."
    share = f"{known.labelled:,} of {known.n:,} events are labelled ({100 * known.labelled / known.n:.3g} %)"
    return f"Figures on fraud rest on labels: {share}, {known.positive:,} of them as fraud."
