"""From an interval to a gate: whether a threshold's alert rate stays within its tolerance."""

import math

from models_app.statistics.alert_rates import ObservedRate
from models_app.statistics.evidence.findings import Gate, Reason
from models_app.statistics.evidence.paired import PairedChange

_NO_ALERT = "no event alerts before or after, so nothing can be said"
_NO_TARGET = "the reference has no alerts there, so there is no target to hold these against"
PASS, FAIL, NOT_ENOUGH = "pass", "fail", "not enough events"


def gate_of(change: PairedChange | None, after: ObservedRate, target: float, tolerance: float) -> Gate:
    """Pass where the whole interval of the relative change lies within ± tolerance, fail where none of it does.

    The change is from what is live; where nothing is, from the reference's target.
    """
    low, high = _against_target(after, target) if change is None else (change.low, change.high)
    since = "the target" if change is None else "what is live"
    if low is None:
        sentence, reason = (_NO_ALERT, Reason.NO_ALERT) if change else (_NO_TARGET, Reason.NO_TARGET)
        return Gate(NOT_ENOUGH, tolerance, sentence, reason)
    interval = f"{100 * low:+.1f} % to {'any' if high is None else f'{100 * high:+.1f} %'} against {since}"
    allowed = f"allowed are ±{100 * tolerance:g} %"
    if -tolerance <= low and high is not None and high <= tolerance:
        return Gate(PASS, tolerance, f"alerts change by {interval}; {allowed}", Reason.WITHIN)
    if low > tolerance or (high is not None and high < -tolerance):
        return Gate(FAIL, tolerance, f"alerts change by {interval}; {allowed}", Reason.BEYOND)
    few = f"alerts change by {interval}; {allowed}: too few events to tell"
    return Gate(NOT_ENOUGH, tolerance, few, Reason.TOO_FEW)


def _against_target(after: ObservedRate, target: float) -> tuple[float | None, float | None]:
    if not target or math.isnan(target):
        return None, None
    return after.low / target - 1.0, after.high / target - 1.0
