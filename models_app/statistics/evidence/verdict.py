"""All gates of a change request as one word and one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from models_app.statistics.evidence.findings import IntentEvidence, ThresholdEvidence
from models_app.statistics.evidence.gates import FAIL, NOT_ENOUGH, PASS


@dataclass(frozen=True)
class Verdict:
    """`state`: pass, fail, or not enough events."""

    state: str
    sentence: str


def verdict_of(evidence: Sequence[IntentEvidence]) -> Verdict:
    """The worst gate decides, and is what the sentence is about; of equals, the one whose rate moves most."""
    asked = [(intent, each) for intent in evidence for each in intent.thresholds]
    silent = [intent for intent in evidence if not intent.thresholds and intent.note]
    if not asked:
        notes = "; ".join(f"{intent.intent}: {intent.note}" for intent in silent)
        return Verdict(NOT_ENOUGH, notes or "No event tells what this would change.")
    intent, worst = max(asked, key=lambda pair: (_badness(pair[1].gate.state), _moved(pair[1])))
    unseen = any(not each.n for each in silent)
    state = NOT_ENOUGH if unseen and worst.gate.state == PASS else worst.gate.state
    where = f"{intent.intent}: " if len(evidence) > 1 else ""
    return Verdict(state, where + _sentence(intent, worst))


def _badness(state: str) -> int:
    return (PASS, NOT_ENOUGH, FAIL).index(state)


def _moved(threshold: ThresholdEvidence) -> float:
    relative = threshold.change.relative if threshold.change else None
    return abs(relative) if relative is not None else 0.0


def _sentence(intent: IntentEvidence, worst: ThresholdEvidence) -> str:
    after, words = worst.after, {PASS: "stay at", FAIL: "would go to", NOT_ENOUGH: "would be at"}
    rate = f"{_percent(after.rate)} [{100 * after.low:.3g}, {100 * after.high:.3g}]"
    start = f"Alerts at ‘{worst.name}’ {worst.score:g} {words[worst.gate.state]} {rate}"
    live = f", live {_percent(worst.before.rate)}" if worst.before else ""
    sides = ""
    if worst.change is not None:
        swapped, a_day = worst.change.only_before + worst.change.only_after, intent.scale / intent.days
        sides = f"; {_number(swapped * a_day)} of {_number(intent.n * a_day)} events a day change sides"
    few = "; too few events to tell" if worst.gate.state == NOT_ENOUGH else ""
    said = f" ({intent.note})" if intent.note else ""
    return f"{start}{live}, target {_percent(worst.target)}{sides}{few}.{said}"


def _percent(rate: float) -> str:
    return f"{100 * rate:.3g} %"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
