"""How many events it takes to know an alert rate, and whether a sample has them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scipy import special

from models_app.statistics.in_words import percent

LEAST_EXPECTED_ALERTS = 10
DELTA = 0.1
CONFIDENCE = 0.95
# Of a gate whose drift from week to week were known. It is estimated, which leaves about 80 %.
POWER = 0.9

# Where no threshold is declared, a fit is judged as if one were declared at this alert rate.
RATE_WITHOUT_THRESHOLDS = 0.01


class Verdict(StrEnum):
    """ENOUGH: fit and publish. FLAGGED: publishable with a reason. REFUSED: not to be fitted."""

    ENOUGH = "enough"
    FLAGGED = "flagged"
    REFUSED = "refused"


@dataclass(frozen=True)
class Assessment:
    """Whether `n` events, worth `effective` ones of equal weight, are enough for the smallest declared alert rate.

    `expected_alerts` is the effective number times that rate; `required` the events it takes to know the rate within
    `delta` of itself at `confidence`; `relative_error` how closely these do, as a share of the rate at the same
    confidence (infinite for no events); `sentence` says all of it.
    """

    verdict: Verdict
    n: int
    alert_rate: float
    expected_alerts: float
    required: int
    relative_error: float
    sentence: str
    effective: int


def relative_standard_error(alert_rate: float, n: int) -> float:
    """√((1 − a) / (n a)): the standard error of an alert rate a estimated from n events, as a share of a."""
    _check_rate("alert_rate", alert_rate)
    if n < 0:
        raise ValueError(f"n: expected 0 or more events, found {n}")
    return math.sqrt((1.0 - alert_rate) / (n * alert_rate)) if n else math.inf


def required_events(alert_rate: float, delta: float = DELTA, confidence: float = CONFIDENCE) -> int:
    """The least n ≥ z² (1 − a) / (δ² a): events that it takes to know the alert rate a within δ a at `confidence`.

    3,458 for 10 %, 38,032 for 1 %, 383,776 for 0.1 %, with δ = 10 % at 95 %. Raises ValueError for an alert rate or a
    confidence outside (0, 1) or so near 0 that no number of events is finite, or a δ that is not above 0.
    """
    _check_rate("alert_rate", alert_rate)
    if not 0.0 < delta < math.inf:
        raise ValueError(f"delta: expected a number above 0, found {delta!r}")
    events = _z(confidence) ** 2 * (1.0 - alert_rate) / delta**2 / alert_rate
    if not events < math.inf:
        raise ValueError(f"alert_rate: expected one that some number of events knows, found {alert_rate!r}")
    return math.ceil(events)


def passing_events(
    alert_rate: float,
    delta: float = DELTA,
    confidence: float = CONFIDENCE,
    power: float = POWER,
    design_effect: float = 1.0,
    drift: float = 0.0,
) -> int | None:
    """The events with which an alert rate that is on target is shown to be within δ of it, with this power.

    That takes more than to know it within δ: the interval must fit into the tolerance wherever chance puts it, so its
    half width z √v and what chance does to its centre, z' √v, share the tolerance: √v = δ / (z + z'), where v is φ (1
    − a) / (n a) + τ² with a design effect φ and a `drift` of variance τ² from week to week. 128,304 for 1 % and δ =
    10 %. None where weeks differ so much that no number of events is enough. Raises ValueError as `required_events`.
    """
    required_events(alert_rate, delta, confidence)  # for its checks
    _check_rate("power", power)
    room = (delta / (_z(confidence) + _z(power))) ** 2 - drift
    return math.ceil(design_effect * (1.0 - alert_rate) / alert_rate / room) if room > 0.0 else None


def assess(
    n: int,
    alert_rates: Sequence[float],
    delta: float = DELTA,
    confidence: float = CONFIDENCE,
    sketched: Callable[[float], float] = lambda rate: 0.0,
    effective: int | None = None,
) -> Assessment:
    """Judge n events by the smallest of the declared `alert_rates`, each within (0, 1).

    Fewer than 10 expected alerts at that rate are refused; fewer events than required are flagged. `sketched`: the
    standard error of a rate, as a share of it, where a sketch alone tells it; the error has it in it. `effective`: how
    many events of equal weight they are worth, where they are weighted; these are judged.
    """
    worth = n if effective is None else effective
    rate = min(alert_rates, default=RATE_WITHOUT_THRESHOLDS)
    required = required_events(rate, delta, confidence)
    error = _z(confidence) * math.hypot(relative_standard_error(rate, worth), sketched(rate))
    # The tolerance is for products such as 1e5 * 1e-4, which may end just below the whole number.
    if worth * rate < LEAST_EXPECTED_ALERTS * (1.0 - 1e-9):
        verdict = Verdict.REFUSED
    else:
        verdict = Verdict.FLAGGED if worth < required else Verdict.ENOUGH
    known = f"within ±{percent(error)} of itself ({percent(confidence)} confidence)"
    sentence = (
        f"{events_in_words(n, worth)}: "
        + {
            Verdict.REFUSED: _too_few(worth, rate, "window" if worth == n else "half-life"),
            Verdict.FLAGGED: f"the smallest declared alert rate, {percent(rate)}, is known only {known}; "
            f"±{percent(delta)} of itself takes {required:,} events.",
            Verdict.ENOUGH: f"enough. The smallest declared alert rate, {percent(rate)}, is known {known}.",
        }[verdict]
    )
    return Assessment(verdict, n, rate, worth * rate, required, error, sentence, worth)


def events_in_words(n: int, effective: int) -> str:
    """How many events there are, and what they are worth where that is less."""
    return f"{n:,} events" if effective == n else f"{n:,} events, worth {effective:,} after weighting"


def _too_few(n: int, rate: float, longer: str) -> str:
    least = math.ceil(LEAST_EXPECTED_ALERTS / rate * (1.0 - 1e-9))
    return (
        f"too few. At the smallest declared alert rate, {percent(rate)}, {n * rate:.1f} alerts are expected, and it "
        f"takes {LEAST_EXPECTED_ALERTS}: fit on {least:,} events or more, for instance with a longer {longer}."
    )


def _z(confidence: float) -> float:
    """The two-sided normal quantile, to two decimals as tables print it: 1.96 for 95 %."""
    _check_rate("confidence", confidence)
    return round(float(special.ndtri((1.0 + confidence) / 2.0)), 2)


def _check_rate(name: str, value: float) -> None:
    if not 0.0 < value < 1.0:
        raise ValueError(f"{name}: expected a number within (0, 1), found {value!r}")
