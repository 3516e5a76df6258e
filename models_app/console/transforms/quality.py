"""How good a transform is: a verdict in a sentence, its numbers and its figures; on its own page and on its fit's."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from models_app.catalog.references import mathematical
from models_app.console.transforms import cold_starts, out_of_time
from models_app.console.transforms.wording import DECLARED, is_kept_off, kept_off, name_of, rate, worth_in_words
from models_app.console.ui.panels import (
    Cell,
    Figure,
    Figures,
    Note,
    Panel,
    Section,
    Stat,
    Stats,
    badge,
    number,
    percent,
    scale,
)
from models_app.console.ui.tables import Column, Table
from models_app.figures import transforms as figures
from models_app.statistics.sample_size import events_in_words
from models_app.statistics.summary import ThresholdError
from models_app.transforms.models import Transform
from models_app.transforms.report import sketched_error

Report = Mapping[str, Any]

SOURCE_HINT = "The predictor's output on the events, before the transform. It moves with the model."
SCORES_HINT = "The scores that clients see. The closer the line is to the dotted reference, the better the transform."
MAPPING_HINT = "Dots are knots, between which the score is linear. Dashed lines are the declared thresholds."
QUANTILES_HINT = (
    "Each dot is the score at one percentile of the events. In-sample events lie on the dotted line by construction, "
    "unless they are tied. The band is the 95 % interval of each alert rate by itself, for this number of events "
    "taken as independent (order statistics, Beta(m, n − m + 1))."
)
ERROR_HINT = (
    "The same band as a share of the alert rate. Low alert rates have wide margins. At an alert rate of 1 %, ±10 % "
    "means 0.9 to 1.1 %."
)
MOST_ATOMS = 20
SKETCH_MARGIN = 1.96  # standard errors to either side


def verdict(transform: Transform) -> Note:
    """The verdict on a transform's sample, in a sentence or two."""
    report = transform.report
    if report.get("sample_size") is None:
        return cold_starts.note(report)
    unreachable = _unreachable(report)
    sentences = f"{out_of_time.sentence(report)} {_size(report)}"
    if unreachable:
        names = " and ".join(name_of(each) for each in unreachable)
        return Note(f"{_ties(unreachable[0])} {sentences}", "wait", f"Ties keep {names} from its target")
    if off := out_of_time.off_target(report):
        return Note(sentences, "wait", f"Off target at {' and '.join(off)} on days held out")
    if report["verdict"] == "enough":
        return Note(sentences, "good", "Sample sufficient")
    return Note(f"{sentences} It can be published with a reason.", "wait", "Sample below recommended size")


def numbers(transform: Transform) -> Panel:
    """The few that count."""
    report = transform.report
    size = report.get("sample_size")
    error = Cell(f"±{100 * size['relative_error']:.2g} %", kind="number") if size else Cell("–")
    basis = f"at the smallest declared alert rate, {rate(size['alert_rate'])}, 95 %" if size else "no own events"
    return Stats(
        [
            *out_of_time.stats(report),
            Stat("Events", number(report.get("n")) if size else Cell("none"), _events(report)),
            *_sketched(report),
            Stat("In-sample margin", error, basis),
            Stat("Sample size", badge(report.get("verdict") or transform.kind), _required(size)),
            Stat("Ties", *_tied(report)),
        ]
    )


def panels(transform: Transform) -> Iterable[Panel]:
    """Figures and tables, in the order in which they are to be read."""
    report, reference = transform.report, mathematical(transform.reference)
    thresholds, summary = report.get("thresholds", []), report.get("summary")
    yield _errors(report, summary) if summary else cold_starts.thresholds(report)
    shown = [
        Figure("source", figures.source(transform.x, transform.y, reference), SOURCE_HINT),
        Figure("scores", figures.scores(transform.report.get("summary"), reference), SCORES_HINT),
        Figure("mapping", figures.mapping(transform.x, transform.y, thresholds), MAPPING_HINT),
    ]
    if summary:
        sketched = sketched_error(report)
        shown.append(Figure("quantiles", figures.quantiles(summary, reference, sketched), QUANTILES_HINT))
        shown.append(Figure("error", figures.error(summary, sketched), ERROR_HINT))
    yield Figures(shown)
    if report.get("atoms"):
        yield Section("ties", "Ties", [_atoms(report["atoms"])])


def _errors(report: Report, summary: Report) -> Panel:
    seen = [ThresholdError(**each) for each in summary["thresholds"]]
    observed = {each.score: each for each in seen}
    columns: Sequence[Column[Report]] = (
        *DECLARED,
        *out_of_time.columns(report),
        Column("rate", "In-sample", lambda each: _observed(each, observed.get(each["score"]))),
        Column("error", "In-sample margin", lambda each: _expected_error(observed.get(each["score"]))),
        Column("reached", "Target in-sample", lambda each: kept_off(each) or _REACHED),
    )
    return Table(
        columns,
        report.get("thresholds", []),
        title="Alert rates at the thresholds",
        hint=out_of_time.HINT,
        empty="The intent has no thresholds.",
    )


def _observed(threshold: Report, observed: ThresholdError | None) -> Cell:
    return scale(observed, threshold["target"]) if observed else percent(threshold["achieved"])


def _expected_error(observed: ThresholdError | None) -> Cell:
    """Half the interval, as a share of the rate."""
    if not observed or not observed.rate:
        return Cell("–", kind="number")
    return Cell(f"±{50 * (observed.high - observed.low) / observed.rate:.2g} %", kind="number")


def _atoms(atoms: Sequence[Report]) -> Panel:
    more = f" The {MOST_ATOMS} largest of {len(atoms):,} are shown." if len(atoms) > MOST_ATOMS else ""
    return Table(
        ATOMS,
        atoms[:MOST_ATOMS],
        hint=f"Events with the same probability get the same score: no monotone mapping can separate them.{more}",
    )


def _between(atom: Report) -> Cell:
    return Cell(f"{rate(atom['rate_above'])} to {rate(atom['rate_from'])}", kind="number")


_REACHED = Cell("reached", kind="badge", tone="good")
ATOMS: Sequence[Column[Report]] = (
    Column("probability", "Probability", lambda atom: Cell(f"{atom['value']:.6g}", kind="number")),
    Column("share", "Share of events", lambda atom: percent(atom["mass"])),
    Column("rates", "Unreachable alert rates", _between),
)


def _size(report: Report) -> str:
    """How closely the sample itself is known to reach its target, which says nothing of other days."""
    size = report["sample_size"]
    name = next((name_of(each) for each in report["thresholds"] if each["target"] == size["alert_rate"]), "")
    where = f"at {name}" if name else f"of {rate(size['alert_rate'])}"
    events = events_in_words(size["n"], size.get("effective", size["n"]))
    text = (
        f"In-sample, on its own {events}, the alert rate {where} is known to "
        f"±{100 * size['relative_error']:.2g} % of itself (95 %)."
    )
    return text if size["verdict"] == "enough" else f"{text} ±10 % needs {size['required']:,} events."


def _ties(threshold: Report) -> str:
    return (
        f"Many events share one probability, so {name_of(threshold)} reaches {rate(threshold['achieved'])} "
        f"instead of {rate(threshold['target'])}; a model with more distinct outputs avoids that."
    )


def _tied(report: Report) -> tuple[Cell, str]:
    """Show the share of events that are tied at a value; unknown for several models that were not seen together."""
    atoms = report.get("atoms", [])
    if any(each["reachable"] is None for each in report.get("thresholds", [])):
        return Cell("–"), "its models were not seen on the same events"
    tied = (
        f"{len(atoms):,} values with more than 0.1 % of the events each"
        if atoms
        else "no value has 0.1 % of the events"
    )
    return percent(sum(each["mass"] for each in atoms), 3), tied


def _events(report: Report) -> str:
    """What they are worth where they are weighted, and how many probabilities differ."""
    worth = worth_in_words(report.get("n", 0), report.get("effective", report.get("n", 0)))
    return ", ".join(filter(None, [worth, _different(report)]))


def _different(report: Report) -> str:
    kept = " kept by sketches" if "sketched" in report else ""
    return f"{report.get('distinct', 0):,} distinct probabilities{kept}"


def _sketched(report: Report) -> Iterable[Stat]:
    """How closely a fit's own rates are known that no sorting tells; it is in every margin beside."""
    if "sketched" in report:
        within = f"±{100 * SKETCH_MARGIN * sketched_error(report):.2g} %"
        yield Stat("Sketched", Cell(within, kind="number"), "of each alert rate at most, 95 %; in all margins")


def _required(size: Report | None) -> str:
    return f"{size['required']:,} events needed for ±10 %" if size else "made without own events"


def _unreachable(report: Report) -> list[Report]:
    return [each for each in report.get("thresholds", []) if is_kept_off(each)]
