"""All gates of a change request as one word and one sentence."""

import math
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
    """The worst gate decides, and is what the sentence is about; of equals, the one whose rate moves most.

    An intent that would be taken out of service is worse than any gate: nobody gets a score of it.
    """
    gone = [intent.intent for intent in evidence if intent.out_of_service]
    if gone:
        return Verdict(FAIL, _goes(gone))
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


def _goes(intents: Sequence[str]) -> str:
    """As `cards would be taken out of service: its clients get an error instead of a score.`"""
    whose = "its" if len(intents) == 1 else "their"
    return f"{' and '.join(intents)} would be taken out of service: {whose} clients get an error instead of a score."


def _badness(state: str) -> int:
    return (PASS, NOT_ENOUGH, FAIL).index(state)


def _moved(threshold: ThresholdEvidence) -> float:
    """The change as a share of what was; from no alert to some it is infinite."""
    change = threshold.change
    if change is None:
        return 0.0
    if change.relative is None:
        return math.inf if change.only_after else 0.0
    return abs(change.relative)


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
