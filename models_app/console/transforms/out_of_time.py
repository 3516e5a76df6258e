"""What a fit does on events that it has not seen, in words and cells; on its own page and on its transform's."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from models_app.console.transforms.wording import name_of, rate
from models_app.console.ui.panels import Cell, Stat, scale
from models_app.console.ui.tables import Column
from models_app.statistics.evidence.gates import Position, against
from models_app.statistics.held_out import HeldOut, HeldOutRate
from models_app.statistics.sample_size import DELTA
from models_app.transforms.report import held_out_at, held_out_of, next_week_at

Report = Mapping[str, Any]

HINT = (
    "Alert rates with 95 % intervals, against the target. Held out: the same fit, made on the first five of every "
    "seven days of the window and seen on the days after them; the interval has the sampling of both and how days "
    "differ. Next week: where the alert rate will be. In-sample: the fit's own events, taken as independent, on which "
    "it reaches its targets by construction."
)


def columns(report: Report) -> Sequence[Column[Report]]:
    """What comes before the fit's own events: the rate held out, and that of the next week."""
    return (
        Column("held-out", "Held out", lambda each: scale(held_out_at(report, each["score"]), each["target"])),
        Column("next-week", "Next week", lambda each: _next_week(each["score"], report)),
    )


def sentence(report: Report) -> str:
    """Say how the rarest threshold, the hardest to hold, did on events held out; or why none were held out."""
    held = held_out_of(report)
    if held is None:
        return "It was fitted before fits were judged on events held out: fit again to see that."
    if held.why_not:
        return f"Nothing was held out: {held.why_not}. So it is not known whether its targets hold on other days."
    rarest = _rarest(held)
    return f"{_seen(held, rarest, _named(rarest, report))}{_foretold(rarest, report)}"


def stats(report: Report) -> Iterable[Stat]:
    """The rarest threshold's, where anything was held out."""
    held = held_out_of(report)
    if held and not held.why_not:
        each = _rarest(held)
        interval = f"{rate(each.low)} to {rate(each.high)} (95 %)"
        where = f"at {_named(each, report)}, target {rate(each.target)}"
        yield Stat("Held out", Cell(rate(each.rate), kind="number"), f"{interval}, {where}")


def off_target(report: Report) -> list[str]:
    """The thresholds whose rate, held out, lies wholly further from the target than a fit is meant to know it."""
    held = held_out_of(report)
    return [_named(each, report) for each in (held.thresholds if held else ()) if _is_off(each)]


def _rarest(held: HeldOut) -> HeldOutRate:
    return min(held.thresholds, key=lambda each: each.target)


def _is_off(each: HeldOutRate) -> bool:
    margin = against(each.target, each.rate, each.low, each.high)
    return margin is not None and margin.position(DELTA) is Position.BEYOND


def _named(each: HeldOutRate, report: Report) -> str:
    found = next((own for own in report["thresholds"] if own["score"] == each.score), {"score": each.score})
    return name_of(found)


def _seen(held: HeldOut, each: HeldOutRate, name: str) -> str:
    days = "day" if held.days == 1 else f"{held.days} days"
    return (
        f"Held out: {rate(each.rate)} [{100 * each.low:.3g}, {100 * each.high:.3g}] at {name}, target "
        f"{rate(each.target)}, when fitted on the first {held.fitted_days} days of the window and seen on the last "
        f"{days}."
    )


def _foretold(each: HeldOutRate, report: Report) -> str:
    week = next_week_at(report, each.score)
    return f" Next week it is expected from {rate(week.low)} to {rate(week.high)} (95 %)." if week else ""


def _next_week(score: float, report: Report) -> Cell:
    week = next_week_at(report, score)
    return Cell(f"{100 * week.low:.3g} to {rate(week.high)}" if week else "–", kind="number")
