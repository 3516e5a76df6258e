"""From intervals to a gate, by two questions at each threshold.

Does the alert rate keep to the target, which is what clients were promised? And does it stay where it is, which is
what they would notice?
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from models_app.statistics.evidence.shares import Estimate

PASS, REPAIRS, FAIL, NOT_ENOUGH = "pass", "repairs", "fail", "not enough events"
# From the best to the worst; the first two may go live without a reason.
STATES = (PASS, REPAIRS, NOT_ENOUGH, FAIL)
GOOD = (PASS, REPAIRS)


class Reason(StrEnum):
    """Why a gate, or a verdict, has its state.

    WITHIN: the alert rate keeps to the target, or stays where it is. BACK: what is live is off the target, what is
    proposed is not. OFF: it would be off the target, or its fit was on days that it had not seen. BEYOND: it moves
    beyond the tolerance from what is live. SEGMENT: the alert rate of the intent keeps to it, but that of a segment
    moves beside it. WORSE: it catches less of labelled fraud than what is live, or that cannot be excluded. TOO_FEW:
    events do not tell which. NO_ALERT: no event alerts, before or after. NO_TARGET: nothing is live, and the reference
    has no alerts there. Of a verdict alone: UNCHANGED: no score that is returned changes. NO_EVENTS: of some intent, no
    event tells anything. OUT_OF_SERVICE: some intent would be taken so.
    """

    WITHIN = "within tolerance"
    BACK = "back on target"
    OFF = "off target"
    BEYOND = "beyond tolerance"
    SEGMENT = "a segment moves"
    WORSE = "catches less"
    TOO_FEW = "too few events"
    NO_ALERT = "no alert"
    NO_TARGET = "no target"
    UNCHANGED = "unchanged"
    NO_EVENTS = "no events"
    OUT_OF_SERVICE = "out of service"


class Position(StrEnum):
    """Where an interval lies: wholly within the tolerance, wholly beyond it, or neither."""

    WITHIN = "within"
    BEYOND = "beyond"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Margin:
    """How far a rate lies from another, as a share of that one: `relative`, and the interval `low` to `high` of it.

    None where nothing can be said; `high` is None, too, where it has no bound.
    """

    relative: float | None
    low: float | None
    high: float | None

    def position(self, tolerance: float) -> Position:
        if self.low is None:
            return Position.UNKNOWN
        if -tolerance <= self.low and self.high is not None and self.high <= tolerance:
            return Position.WITHIN
        if self.low > tolerance or (self.high is not None and self.high < -tolerance):
            return Position.BEYOND
        return Position.UNKNOWN

    @property
    def distance(self) -> float:
        return math.inf if self.relative is None else abs(self.relative)


@dataclass(frozen=True)
class Gate:
    """`state`: pass, repairs (what is live is off the target, what is proposed is not), fail, or not enough events.

    `target` and `live`: the proposed alert rate against the target and against what is live; `live_target`: what is
    live against the target; `held_out`: the proposed transform's fit, on days that it had not seen, against the target.
    None where there is no such thing, and of gates that were judged before it was asked for. `tolerance` as a share of
    the alert rate; `reason`: why it has its state. `needed`: how many events would show, with a power of 90 %, that a
    rate on target is so; None where no number of them would, or none was asked for. `recall`: how the share of labelled
    fraud caught changes, None where the policy or labels do not ask.
    """

    state: str
    tolerance: float
    sentence: str
    reason: Reason
    target: Margin | None = None
    live: Margin | None = None
    live_target: Margin | None = None
    needed: int | None = None
    held_out: Margin | None = None
    recall: Estimate | None = None


def gate_of(
    target: Margin | None,
    live: Margin | None,
    live_target: Margin | None,
    tolerance: float,
    needed: int | None = None,
    held_out: Margin | None = None,
    *,
    is_moved: bool = False,
) -> Gate:
    """The gate of one threshold; margins and `needed` are as Gate says. At most one of `target` and `live` is None.

    `is_moved`: the change moves the threshold itself. Then alerts that change with it repair nothing.
    """
    was_off = held_out is not None and held_out.position(tolerance) is Position.BEYOND
    reason = Reason.OFF if was_off else _reason(target, live, live_target, tolerance, is_moved)
    sentence = _held_out(held_out) + _sentence(reason, target, live, live_target, tolerance)
    few = f" {_few(needed)}" if reason is Reason.TOO_FEW else ""
    return Gate(_STATES[reason], tolerance, sentence + few, reason, target, live, live_target, needed, held_out)


def with_segments(gate: Gate, moving: Sequence[str]) -> Gate:
    """The gate of a threshold in which segments move, as words say; a gate that fails anyway keeps its reason."""
    if not moving:
        return gate
    sentence = f"{gate.sentence} Beside it, {'; '.join(moving)}."
    failed = gate.state == FAIL
    return replace(gate, state=FAIL, reason=gate.reason if failed else Reason.SEGMENT, sentence=sentence)


def tolerance_of(share: float, alerts_a_day: float, events_a_day: float, target: float) -> float:
    """The wider of two tolerances, as a share of the target's alerts: a share, or a number of alerts a day."""
    expected = events_a_day * target
    return max(share, alerts_a_day / expected) if expected > 0.0 else share


def against(target: float, rate: float, low: float, high: float) -> Margin | None:
    """A rate and its interval against the target; None where the reference has no alerts there."""
    if not target > 0.0:
        return None
    return Margin(rate / target - 1.0, low / target - 1.0, high / target - 1.0)


def _reason(
    target: Margin | None, live: Margin | None, live_target: Margin | None, tolerance: float, is_moved: bool
) -> Reason:
    kept, moved, was = (each.position(tolerance) if each else Position.UNKNOWN for each in (target, live, live_target))
    farther = bool(target and live_target and target.distance > live_target.distance)
    if kept is Position.BEYOND:
        return Reason.OFF
    if moved is Position.BEYOND and (farther or target is None or is_moved):
        return Reason.BEYOND
    if kept is Position.WITHIN:
        return Reason.BACK if Position.BEYOND in (was, moved) else Reason.WITHIN
    # Too few events to know the rate, but it stays where it is, and that is not off: nobody is worse off.
    if moved is Position.WITHIN and not farther and was is not Position.BEYOND:
        return Reason.WITHIN
    if target is None and live is None:
        return Reason.NO_TARGET
    return Reason.NO_ALERT if live is not None and live.low is None else Reason.TOO_FEW


_STATES = {
    Reason.WITHIN: PASS,
    Reason.BACK: REPAIRS,
    Reason.OFF: FAIL,
    Reason.BEYOND: FAIL,
    Reason.SEGMENT: FAIL,
    Reason.WORSE: FAIL,
    Reason.TOO_FEW: NOT_ENOUGH,
    Reason.NO_ALERT: NOT_ENOUGH,
    Reason.NO_TARGET: NOT_ENOUGH,
}
_NOTHING = {
    Reason.NO_ALERT: "No event alerts before or after, so nothing can be said.",
    Reason.NO_TARGET: "The reference has no alerts there, so there is no target to hold these against.",
}


def _sentence(
    reason: Reason, target: Margin | None, live: Margin | None, live_target: Margin | None, tolerance: float
) -> str:
    if reason in _NOTHING:
        return _NOTHING[reason]
    told = [(target, "against the target"), (live, "against what is live")]
    intervals = " and ".join(
        f"{_interval(margin)} {words}" for margin, words in told if margin and margin.low is not None
    )
    repaired = f", where what is live is {_interval(live_target)} off" if reason is Reason.BACK and live_target else ""
    return f"The alert rate would be {intervals}{repaired}. Allowed are ±{100 * tolerance:.3g} %."


def _held_out(margin: Margin | None) -> str:
    if margin is None or margin.low is None:
        return ""
    return f"Held out, the alert rate was {_interval(margin)} against the target. "


def _few(needed: int | None) -> str:
    if needed is None:
        return "There are too few events to tell, or weeks differ too much for any number of them."
    return f"There are too few events to tell: a rate on target takes about {needed:,} to show."


def _interval(margin: Margin) -> str:
    low, high = margin.low, margin.high
    assert low is not None
    return f"{100 * low:+.1f} % to {'any' if high is None else f'{100 * high:+.1f} %'}"
