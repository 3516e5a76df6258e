"""What evidence found, as panels."""

from collections.abc import Iterable, Sequence

from models_app.console.ui.panels import (
    Cell,
    Note,
    Panel,
    Stat,
    Stats,
    Words,
    badge,
    number,
    percent,
    scale,
    several,
)
from models_app.console.ui.tables import Column, Table
from models_app.statistics.evidence import Found, IntentEvidence
from models_app.statistics.evidence.findings import ThresholdEvidence
from models_app.statistics.evidence.gates import GOOD, STATES, Reason
from models_app.statistics.evidence.paired import PairedChange

_WHY = {
    Reason.SEGMENT: ": segments move beyond theirs",
    Reason.TOO_FEW: ": too few events to tell",
    Reason.NO_ALERT: ": no event alerts, before or after",
    Reason.NO_TARGET: ": the reference has no alerts there",
    Reason.WORSE: "; recall falls, or may",
}
_THRESHOLDS_HINT = "The green mark is the target. The change compares the same events before and after."


def examined(found: Found) -> Iterable[Panel]:
    """What the intent that the verdict is about was judged by; none where it is about no threshold."""
    worst = found.verdict.threshold
    if worst is None:
        return
    intent = found.intent(worst.intent)
    ranks = "–" if intent.rank_correlation is None else f"{intent.rank_correlation:.3f}"
    yield Stats(
        [
            Stat("Events examined", number(intent.n), f"of {intent.days:,.1f} days{_left(intent)}"),
            Stat("Rank correlation", Cell(ranks), "1 is the same order of events"),
        ]
    )


def thresholds(intents: Sequence[IntentEvidence]) -> Iterable[Panel]:
    """For each intent: its thresholds with gates, or why nothing is known of them."""
    for intent in intents:
        if intent.note:
            yield Note(intent.note, "bad" if intent.out_of_service else "wait", intent.intent)
        if intent.n:
            yield _thresholds(intent, f"{intent.intent}: alert rates" if len(intents) > 1 else "Alert rates")


def unpassed(found: Found) -> Iterable[Panel]:
    """Each gate that does not pass, with why, the worst first."""
    gates = [
        (each.gate.state, f"‘{each.name}’ {each.score:g}, {each.gate.state}: {each.gate.sentence}")
        for intent in found.intents
        for each in intent.thresholds
        if each.gate.state not in GOOD
    ]
    if gates:
        ordered = sorted(gates, key=lambda gate: STATES.index(gate[0]), reverse=True)
        yield Words([words for _, words in ordered], "What does not pass")


def _thresholds(intent: IntentEvidence, about: str) -> Panel:
    return Table(
        THRESHOLDS,
        intent.thresholds,
        title=f"{about} at the thresholds, with 95 % intervals",
        hint=_THRESHOLDS_HINT,
        empty="No threshold is declared.",
    )


def _declared(each: ThresholdEvidence) -> Cell:
    target = percent(each.target).value.replace(" ", "\N{NO-BREAK SPACE}")
    declared = f"from {each.score:g}: {each.action}; target {target}"
    return several(Cell(each.name, kind="strong"), Cell(declared))


def _against_target(each: ThresholdEvidence) -> Cell:
    """Where the rate would be, with the interval that its gate looks at."""
    margin = each.gate.target
    if margin is None or margin.low is None or margin.relative is None:
        return Cell("–", kind="number")
    high = "?" if margin.high is None else f"{100 * margin.high:+.3g}"
    return Cell(f"{100 * margin.relative:+.3g} % [{100 * margin.low:+.3g}, {high}]", kind="number")


def _forecast(each: ThresholdEvidence) -> Cell:
    low, high = 100 * each.forecast.low, 100 * each.forecast.high
    return Cell(f"{low:.3g} to {high:.3g} %", kind="number")


def _why(each: ThresholdEvidence) -> str:
    """The gate's reason, as short as it can be beside the change."""
    since = "" if each.change else " against the target"
    return f"±{100 * each.gate.tolerance:g} % allowed{since}{_WHY.get(each.gate.reason, '')}"


def _change(change: PairedChange | None) -> Cell:
    if change is None or change.relative is None:
        return Cell("from none" if change and change.only_after else "–", kind="number")
    ends = (f"{100 * end:+.3g}" if end is not None else "?" for end in (change.low, change.high))
    return Cell(f"{100 * change.relative:+.3g} % [{', '.join(ends)}]", kind="number")


THRESHOLDS: Sequence[Column[ThresholdEvidence]] = (
    Column("threshold", "Threshold", _declared),
    Column("before", "Before", lambda each: scale(each.before, each.target)),
    Column("after", "After", lambda each: scale(each.after, each.target)),
    Column("target", "Against the target", _against_target),
    Column("change", "Against live", lambda each: _change(each.change)),
    Column("forecast", "Next week", _forecast),
    Column("gate", "Gate", lambda each: several(badge(each.gate.state), Cell(_why(each)))),
)


def _left(intent: IntentEvidence) -> str:
    """What of the window is not among them, in words."""
    sampled = f", drawn by their ids from {intent.total:,}" if intent.total > intent.n + intent.left_out else ""
    without = f"; {intent.left_out:,} left out, their features were not kept" if intent.left_out else ""
    return f"{sampled}{without}"
