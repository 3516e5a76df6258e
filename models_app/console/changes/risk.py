"""What evidence found of risk: the probability of its events beside that which transforms were fitted on."""

from collections.abc import Iterable, Mapping, Sequence

from models_app.console.ui.panels import Cell, Note, Panel, badge, number, percent, several
from models_app.console.ui.tables import Column, Table
from models_app.statistics.evidence import IntentEvidence, Verdict
from models_app.statistics.evidence.findings import Exceedance, Risk
from models_app.statistics.evidence.risk import LIVE
from models_app.statistics.fitting_sample import Of

ROSE = "risk rose"
_WHOSE: Mapping[str, str] = {
    Of.EVENTS: "events of this intent",
    Of.OTHERS: "events of other tenants",
    Of.VALIDATION: "validation scores of its models, which are no events of this tenant",
}


def risk_rose(verdict: Verdict | None) -> Iterable[Panel]:
    """That it did, and what is asked of who approves."""
    if verdict is not None and verdict.risk_rose:
        words = (
            "More events have a high probability than the live transform was fitted on, by more than chance and drift "
            f"explain{_which(verdict.risk_rises[0].very_high)}. Going live could make an attack the new normal: fewer "
            "of its events would alert. Who approves answers in writing why it is right all the same."
        )
        yield Note(words, "bad", "Risk rose")


def _which(very_high: float | None) -> str:
    if very_high is None:
        return ""
    return "; most of them are very high" if very_high >= 0.5 else "; many rose a little"


def risk_tables(intents: Sequence[IntentEvidence]) -> Iterable[Panel]:
    """For each transform that answers: its fitting sample beside these events."""
    for intent in intents:
        for risk in intent.risks:
            yield _table(risk, f"{intent.intent}: " if len(intents) > 1 else "")


def _table(risk: Risk, where: str) -> Panel:
    title = f"{where}risk, under {risk.predictor} by {risk.side} transform {risk.transform}"
    return Table(
        EXCEEDANCES,
        risk.thresholds,
        title=title[:1].upper() + title[1:],
        hint=" ".join(filter(None, [_fitted(risk), _whole(risk), _beyond(risk)])),
        empty="Nothing is known of what this transform was fitted on.",
    )


def _fitted(risk: Risk) -> str:
    if not risk.fitted_of:
        return ""
    many = f"{risk.fitted_n:,} " if risk.fitted_n else ""
    read = "" if risk.kept else ", as its knots tell"
    gated = risk.side == LIVE and risk.fitted_of == Of.EVENTS
    caveat = "" if gated or risk.side != LIVE else " A difference does not tell that risk rose."
    return (
        f"It was fitted on {many}{_WHOSE[risk.fitted_of]}{read}; beside those, the {risk.n:,} of this window.{caveat}"
    )


def _whole(risk: Risk) -> str:
    """The whole distribution in two numbers."""
    if risk.fitted_mean is None or risk.distance is None:
        return ""
    chance = f", and chance alone stays below {risk.floor:.3g}" if risk.floor is not None else ""
    means = f"The mean probability is {risk.mean:.3g} instead of {risk.fitted_mean:.3g}."
    return f"{means} The distance of both distributions (KS) is {risk.distance:.3g}{chance}."


def _beyond(risk: Risk) -> str:
    return f"{risk.beyond:,} events are above all that it was fitted on." if risk.beyond else ""


def _change(each: Exceedance) -> Cell:
    if each.low is None or each.high is None:
        return Cell("–" if each.relative is None else f"{100 * each.relative:+.3g} %", kind="number")
    middle = "from none" if each.relative is None else f"{100 * each.relative:+.3g} %"
    return Cell(f"{middle} [{100 * each.low:+.3g}, {100 * each.high:+.3g}]", kind="number")


EXCEEDANCES: Sequence[Column[Exceedance]] = (
    Column("threshold", "Threshold", lambda each: several(Cell(each.name, kind="strong"), Cell(f"{each.score:g}"))),
    Column("probability", "Probability there", lambda each: number(each.probability, 4)),
    Column("fitted", "Fitting sample", lambda each: percent(each.fitted)),
    Column("seen", "These events", lambda each: percent(each.seen)),
    Column("change", "Change", _change),
    Column("rose", "Risk", lambda each: badge(ROSE) if each.rose else Cell("–")),
)
