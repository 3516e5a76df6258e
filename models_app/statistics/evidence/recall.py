"""Does a threshold catch less of labelled fraud than before? Asked where the policy says so, and labels can tell.

A gate of non-inferiority (Wellek, Testing Statistical Hypotheses of Equivalence and Noninferiority, 2010): recall
passes where the whole interval of its change lies above the fall that is tolerated, and fails where it lies below.
"""

from dataclasses import replace

from models_app.statistics.evidence.gates import FAIL, GOOD, NOT_ENOUGH, Gate, Reason
from models_app.statistics.evidence.performance import Performance
from models_app.statistics.evidence.shares import Estimate

LEAST = 50  # positive events that count: of fewer, nothing is asked


def with_recall(gate: Gate, name: str, known: Performance | None, tolerance: float | None) -> Gate:
    """The gate of the threshold of this name, with what labels say of its recall; as it is where nothing is asked.

    Labels can tell where there are enough positive ones, where they do not exist mostly for what live alerts, and where
    their interval is no wider than the tolerance either way, or is clear all the same.
    """
    change = None if tolerance is None or known is None else _change(name, known)
    if change is None or tolerance is None:
        return gate
    found = replace(gate, recall=change, sentence=f"{gate.sentence} {_sentence(change, tolerance)}")
    if change.high is not None and change.high < -tolerance:
        return replace(found, state=FAIL, reason=gate.reason if gate.state == FAIL else Reason.WORSE)
    if change.low < -tolerance and _half(change) <= tolerance and gate.state in GOOD:
        return replace(found, state=NOT_ENOUGH, reason=Reason.WORSE)
    return found


def in_words(change: Estimate) -> str:
    """As `recall changes by -18 [-22, -14] points`."""
    high = "?" if change.high is None else f"{100 * change.high:+.3g}"
    return f"recall changes by {100 * change.value:+.3g} [{100 * change.low:+.3g}, {high}] points"


def _change(name: str, known: Performance) -> Estimate | None:
    if known.positive < LEAST or any(each.sentence for each in known.selections):
        return None
    return next((each.recall_change for each in known.outcomes if each.name == name), None)


def _half(change: Estimate) -> float:
    return 1.0 if change.high is None else (change.high - change.low) / 2.0


def _sentence(change: Estimate, tolerance: float) -> str:
    words = in_words(change)
    return f"{words[0].upper()}{words[1:]}; allowed is a fall by {100 * tolerance:.3g}."
