"""All gates of a change request as one value, and that value in one sentence."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from models_app.statistics.alert_rates import ObservedRate
from models_app.statistics.evidence import recall
from models_app.statistics.evidence.findings import IntentEvidence, ThresholdEvidence
from models_app.statistics.evidence.gates import FAIL, GOOD, NOT_ENOUGH, PASS, STATES, Gate, Reason
from models_app.statistics.evidence.multiplicity import false_pass, p_beyond
from models_app.statistics.evidence.paired import PairedChange
from models_app.statistics.evidence.segments import Segment, in_words
from models_app.statistics.held_out import HeldOutRate
from models_app.statistics.in_words import percent


@dataclass(frozen=True)
class WorstThreshold:
    """The threshold whose gate decides, and its alert rates; `before` and `change` are None where nothing was live.

    Of `events_a_day`, `swapped_a_day` change sides. `note`: what of the window's events is not among them.
    `held_out`: of its fit, on days that it had not seen. `moving`: segments in which alerts move beside the intent, the
    farthest first.
    """

    intent: str
    name: str
    score: float
    target: float
    before: ObservedRate | None
    after: ObservedRate
    change: PairedChange | None
    gate: Gate
    alerts_a_day_before: float | None
    alerts_a_day_after: float
    events_a_day: float
    swapped_a_day: float | None
    note: str = ""
    held_out: HeldOutRate | None = None
    moving: list[Segment] = field(default_factory=list)


@dataclass(frozen=True)
class RiskRise:
    """Where risk rose: `fitted` and `seen` are the shares of events at or above the probability of a live threshold.

    The one is of the live transform's fitting sample, the other of the window's events. `low` to `high`: an interval of
    seen / fitted − 1. `very_high`: of the events that are more, the share that is very high; None where the
    distribution as a whole has not moved up.
    """

    intent: str
    name: str
    score: float
    fitted: float
    seen: float
    low: float
    high: float | None
    very_high: float | None = None


@dataclass(frozen=True)
class Verdict:
    """What evidence comes to. `state`: pass, repairs, fail, or not enough events; `reason`: why.

    `intents`: those that it is about, of the `changed` ones; `threshold`: the one that decides, None where no alert
    rate does; `unseen`: by intent of which no event tells anything, why. `risk_rises`: where risk rose, the largest
    first; that stands beside the state, and leaves it as it is. `p_value`: how likely it would pass as clearly, were
    some alert rate at its tolerance's edge; `by_chance`: how likely it would pass at all. Both None in what former
    versions found.
    """

    state: str
    reason: Reason
    intents: list[str]
    changed: int
    threshold: WorstThreshold | None = None
    unseen: dict[str, str] = field(default_factory=dict)
    risk_rises: list[RiskRise] = field(default_factory=list)
    p_value: float | None = None
    by_chance: float | None = None

    @property
    def risk_rose(self) -> bool:
        return bool(self.risk_rises)

    @property
    def sentence(self) -> str:
        """The verdict in words, with where risk rose."""
        return " ".join(filter(None, [self._of_rates(), _rose(self.risk_rises, self.changed)]))

    def _of_rates(self) -> str:
        if self.reason is Reason.OUT_OF_SERVICE:
            return _goes(self.intents)
        if self.reason is Reason.UNCHANGED:
            return "No score that is returned changes."
        unseen = "; ".join(f"{intent}: {why}" for intent, why in self.unseen.items())
        if self.threshold is None:
            return unseen or "No event tells what this would change."
        where = f"{self.threshold.intent}: " if self.changed > 1 else ""
        why = f" {unseen}." if self.reason is Reason.NO_EVENTS else ""  # the threshold by itself passes
        return f"{where}{_of_threshold(self.threshold)}{why}"


def verdict_of(evidence: Sequence[IntentEvidence]) -> Verdict:
    """The worst gate decides, and is what the verdict is about; of equals, the one whose rate moves most.

    An intent that would be taken out of service is worse than any gate: nobody gets a score of it. Where no intent
    changes, as with a new shadow, there is nothing to hold against anything.
    """
    return replace(_of_gates(evidence), risk_rises=_rises(evidence))


def _of_gates(evidence: Sequence[IntentEvidence]) -> Verdict:
    if not evidence:
        return Verdict(PASS, Reason.UNCHANGED, [], 0)
    changed, gone = len(evidence), [intent.intent for intent in evidence if intent.out_of_service]
    if gone:
        return Verdict(FAIL, Reason.OUT_OF_SERVICE, gone, changed)
    asked = [(intent, each) for intent in evidence for each in intent.thresholds]
    silent = [intent for intent in evidence if not intent.thresholds and intent.note]
    unseen = {intent.intent: intent.note for intent in silent if not (asked and intent.n)}
    if not asked:
        return Verdict(NOT_ENOUGH, Reason.NO_EVENTS, list(unseen), changed, unseen=unseen)
    intent, worst = max(asked, key=lambda pair: (_badness(pair[1].gate.state), _moved(pair[1])))
    threshold, gate = _worst(intent, worst), worst.gate
    if unseen and gate.state in GOOD:
        return Verdict(NOT_ENOUGH, Reason.NO_EVENTS, list(unseen), changed, threshold, unseen)
    # It passes only where each gate does: so likely as the likeliest of them.
    p_value, by_chance = (max(of(each.gate) for _, each in asked) for of in (p_beyond, false_pass))
    found = Verdict(gate.state, gate.reason, [intent.intent], changed, threshold, unseen)
    return replace(found, p_value=p_value, by_chance=by_chance)


def _rises(evidence: Sequence[IntentEvidence]) -> list[RiskRise]:
    found = [
        RiskRise(intent.intent, each.name, each.score, each.fitted, each.seen, each.low, each.high, risk.very_high)
        for intent in evidence
        for risk in intent.risks
        for each in risk.thresholds
        if each.rose and each.low is not None
    ]
    return sorted(found, key=lambda each: each.low, reverse=True)


def _badness(state: str) -> int:
    return STATES.index(state)


def _moved(threshold: ThresholdEvidence) -> float:
    """The change as a share of what was; from no alert to some it is infinite."""
    change = threshold.change
    if change is None:
        return 0.0
    if change.relative is None:
        return math.inf if change.only_after else 0.0
    return abs(change.relative)


def _worst(intent: IntentEvidence, worst: ThresholdEvidence) -> WorstThreshold:
    a_day, change = intent.scale / intent.days, worst.change
    return WorstThreshold(
        intent=intent.intent,
        name=worst.name,
        score=worst.score,
        target=worst.target,
        before=worst.before,
        after=worst.after,
        change=change,
        gate=worst.gate,
        alerts_a_day_before=worst.alerts_a_day_before,
        alerts_a_day_after=worst.alerts_a_day_after,
        events_a_day=intent.n * a_day,
        swapped_a_day=None if change is None else (change.only_before + change.only_after) * a_day,
        note=intent.note,
        held_out=worst.held_out,
        moving=worst.moving,
    )


# ---- in words

MUCH = 0.2  # of alerts that are others than before

_WHERE = {
    Reason.WITHIN: "stay at",
    Reason.SEGMENT: "are in all at",
    Reason.WORSE: "are at",
    Reason.BACK: "come back to",
    Reason.BEYOND: "would go to",
}


def _where(worst: WorstThreshold) -> str:
    if worst.gate.reason is Reason.OFF and worst.change is not None:
        return "would go to" if worst.change.only_before or worst.change.only_after else "would stay at"
    return _WHERE.get(worst.gate.reason, "would be at")


def _goes(intents: Sequence[str]) -> str:
    """As `cards would be taken out of service: its clients get an error instead of a score`."""
    whose = "its" if len(intents) == 1 else "their"
    return f"{' and '.join(intents)} would be taken out of service: {whose} clients get an error instead of a score."


def _of_threshold(worst: WorstThreshold) -> str:
    """As `Held out: 1.12 % [0.97, 1.3]. Alerts at ‘decline’ 0.9 stay at 1.02 % [0.98, 1.06], live 1 %, target 1 %`."""
    held = f"Held out: {_interval(worst.held_out)}. " if worst.held_out else ""
    rate = _interval(worst.after)
    start = f"{held}Alerts at ‘{worst.name}’ {worst.score:g} {_where(worst)} {rate}"
    live = f", live {percent(worst.before.rate)}{_elsewhere(worst)}" if worst.before else ""
    sides = ""
    if worst.swapped_a_day is not None:
        sides = f"; {_number(worst.swapped_a_day)} of {_number(worst.events_a_day)} events a day change sides"
        sides += _new(worst.change)
    few = "; too few events to tell" if worst.gate.state == NOT_ENOUGH and worst.gate.reason is not Reason.WORSE else ""
    worse = (
        f"; but {recall.in_words(worst.gate.recall)}" if worst.gate.reason is Reason.WORSE and worst.gate.recall else ""
    )
    note = f" ({worst.note})" if worst.note else ""
    moving = f"; but {'; '.join(in_words(worst.moving))}" if worst.moving else ""
    return f"{start}{live}, target {percent(worst.target)}{sides}{few}{worse}{moving}.{note}"


def _elsewhere(worst: WorstThreshold) -> str:
    """Where the threshold lies in what is live, if the change moves it."""
    moved = worst.before is not None and worst.before.threshold != worst.score
    return f" at {worst.before.threshold:g}" if moved and worst.before else ""


def _new(change: PairedChange | None) -> str:
    """How much of the alerts are others than before, where it is a fifth or more."""
    share = change.new_share if change else None
    return f", {100 * share:.0f} % of its alerts are new" if share is not None and share >= MUCH else ""


def _interval(found: ObservedRate | HeldOutRate) -> str:
    return f"{percent(found.rate)} [{100 * found.low:.3g}, {100 * found.high:.3g}]"


def _rose(rises: Sequence[RiskRise], changed: int) -> str:
    """As `Risk rose: events at or above the probability of ‘decline’ 0.9 went from 1 % to 6.2 %`."""
    if not rises:
        return ""
    first = rises[0]
    where = f" in {first.intent}" if changed > 1 else ""
    more = f" (and at {len(rises) - 1} more)" if len(rises) > 1 else ""
    moved = f"from {percent(first.fitted)} to {percent(first.seen)}"
    return f"Risk rose{where}: events at or above the probability of ‘{first.name}’ {first.score:g}{more} went {moved}."


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
