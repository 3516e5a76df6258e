"""How well a change tells fraud from the rest: its outcomes at each threshold, or why nothing is known of them."""

from collections.abc import Callable, Iterable, Sequence

from models_app.console.ui.panels import Cell, Note, Panel, Words
from models_app.console.ui.tables import Column, Table
from models_app.statistics.evidence import IntentEvidence
from models_app.statistics.evidence.outcomes import Caught, Outcome
from models_app.statistics.evidence.performance import Performance
from models_app.statistics.evidence.shares import Estimate, Share

_HINT = (
    "On labelled events, the same before and after, with 95 % intervals. Changes are in percentage points. "
    "At a fixed share of events, each side alerts at its own score: what differs is how they rank events."
)


def performance(intents: Sequence[IntentEvidence]) -> Iterable[Panel]:
    """For each intent: why nothing is known; or warnings, the outcomes, and what they come to in all."""
    for intent in intents:
        name, known = intent.intent if len(intents) > 1 else "", intent.performance
        if known is None:
            if intent.why_no_performance:
                yield Note(intent.why_no_performance, "wait", name or "No outcomes yet")
            continue
        for warning in known.warnings:
            yield Note(warning, "wait", name or "Labels depend on more than the event")
        yield from _outcomes(known, f"{name}: outcomes" if name else "Outcomes")


def _outcomes(known: Performance, title: str) -> Iterable[Panel]:
    rows = [*known.outcomes, *known.ranked]
    if not rows:  # of a former version
        return
    money = MONEY if any(row.after.money_caught is not None for row in rows) else ()
    yield Table([*COLUMNS, *money], rows, title=title, hint=_HINT, empty="No threshold is declared.")
    yield Words(list(_in_all(known)), "Over all thresholds")


def _in_all(known: Performance) -> Iterable[str]:
    rule = known.rule
    if rule.maturity_days or rule.unlabelled_negative:
        without = "; without a label then, as negative" if rule.unlabelled_negative else ""
        yield f"Events count from {rule.maturity_days:g} days of age on{without}. {known.young:,} labelled are younger."
    was = f"{known.before.auc:.3f} → " if known.before else ""
    change = f", change {_signed(known.auc_change, 1.0)}" if known.auc_change else ""
    ends = known.after.auc_interval
    between = f" [{ends[0]:.3f}, {ends[1]:.3f}]" if ends else ""
    yield f"AUC {was}{known.after.auc:.3f}{between}{change}."
    large, brier = known.after.in_the_large, known.after.brier
    if large is not None:
        yield f"After, {_plain(large)} positive events for each that the probability expects; 1 is calibrated."
    if brier is not None:
        parts = f"reliability {brier.reliability:.3g}, resolution {brier.resolution:.3g}"
        yield f"Brier score after {brier.score:.3g}: {parts}, uncertainty {brier.uncertainty:.3g}."
    if known.delays:
        shares = ", ".join(f"{100 * each.rate:.0f} % within {each.at}" for each in known.delays)
        yield f"Labels of positive events came: {shares}."


def _sides(of: Callable[[Caught], str]) -> Callable[[Outcome], Cell]:
    """As `before → after`."""

    def cell(row: Outcome) -> Cell:
        return Cell(f"{of(row.before)} → {of(row.after)}" if row.before else of(row.after), kind="number")

    return cell


def _change(found: Estimate | None) -> Cell:
    return Cell("–" if found is None else _signed(found, 100.0), kind="number")


def _signed(found: Estimate, scale: float) -> str:
    high = "?" if found.high is None else f"{scale * found.high:+.3g}"
    return f"{scale * found.value:+.3g} [{scale * found.low:+.3g}, {high}]"


def _plain(found: Estimate | None) -> str:
    if found is None:
        return "–"
    return f"{found.value:,.3g} [{found.low:,.3g}, {'?' if found.high is None else f'{found.high:,.3g}'}]"


def _money(found: Estimate | None) -> str:
    if found is None:
        return "–"
    return f"{found.value:,.0f} [{found.low:,.0f}, {'?' if found.high is None else f'{found.high:,.0f}'}]"


def _share(found: Share | None) -> str:
    return f"{100 * found.rate:.3g} % [{100 * found.low:.3g}, {100 * found.high:.3g}]" if found else "–"


COLUMNS: Sequence[Column[Outcome]] = (
    Column("threshold", "Threshold", lambda row: Cell(f"{row.name} {row.score:.3g}", kind="strong")),
    Column("recall-change", "Change in recall", lambda row: _change(row.recall_change)),
    Column("precision-change", "Change in precision", lambda row: _change(row.precision_change)),
    Column("recall", "Recall", _sides(lambda side: _share(side.recall))),
    Column("precision", "Precision", _sides(lambda side: _share(side.precision))),
    Column("caught", "Frauds caught", _sides(lambda side: f"{side.caught:,}")),
    Column("missed", "Missed", _sides(lambda side: f"{side.missed:,}")),
    Column("false", "False alarms", _sides(lambda side: f"{side.false_alarms:,}")),
    Column("per-fraud", "False alarms per fraud", _sides(lambda side: _plain(side.false_alarms_per_fraud))),
)
MONEY: Sequence[Column[Outcome]] = (
    Column("money-caught", "Money caught", _sides(lambda side: _money(side.money_caught))),
    Column("money-missed", "Money missed", _sides(lambda side: _money(side.money_missed))),
    Column("money-bothered", "Money bothered", _sides(lambda side: _money(side.money_bothered))),
)
