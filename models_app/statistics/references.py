"""Reference distributions: the fixed distribution that a tenant's scores follow, whatever model stands behind.

Each is continuous on [0, 1] and strictly increasing, and says three things of itself, for numbers or arrays:
`quantile(level)`, `alert_rate(score)` (the share of events at or above a score) and its inverse
`score_at(alert_rate)`. The last two are what thresholds are about, and are exact far into the upper tail, where
1 − level has no digits left.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from scoring.engine.probability import FloatArray

# A reference must tell scores apart down to this alert rate, and as far into the lower tail.
_FINEST_RATE = 1e-6


class AlertRates(Protocol):
    """Arguments and results are in [0, 1]; results are float64 arrays of the argument's shape (0-d for a number)."""

    def alert_rate(self, score: ArrayLike) -> FloatArray:
        """The share of events that score at or above `score`; strictly decreasing from 1 at 0 to 0 at 1."""
        ...

    def score_at(self, alert_rate: ArrayLike) -> FloatArray:
        """The score that the share `alert_rate` of events reaches; the inverse of `alert_rate`."""
        ...


class Reference(AlertRates, Protocol):
    """What can be fitted to, and stored."""

    def quantile(self, level: ArrayLike) -> FloatArray:
        """The score below which the share `level` of events lies."""
        ...

    def parameters(self) -> dict[str, Any]:
        """Plain numbers, lists and texts that `reference_from` makes the same reference of."""
        ...


@dataclass(frozen=True)
class BetaReference:
    """The Beta(a, b) distribution. Raises ValueError for parameters whose tails float64 scores cannot tell apart."""

    a: float
    b: float

    def __post_init__(self) -> None:
        for name in ("a", "b"):
            value = _number(name, getattr(self, name))
            if not 0.0 < value <= 1e6:
                raise ValueError(f"{name}: expected a number above 0 and up to 1e6, found {value!r}")
            object.__setattr__(self, name, value)
        # SciPy stops at the smallest normal number where the true quantile is too small for any.
        if not self.quantile(_FINEST_RATE) > np.finfo(np.float64).tiny:
            raise ValueError(self._piled_up("a", 0, "choose a larger a"))
        if not self.score_at(_FINEST_RATE) < 1.0:
            raise ValueError(self._piled_up("b", 1, "choose a larger b, or a smaller a"))

    def __str__(self) -> str:
        return f"beta({self.a:g}, {self.b:g})"

    def _piled_up(self, name: str, score: int, way_out: str) -> str:
        return (
            f"{name}: {self} puts more than a millionth of all events on the score {score}, where they cannot be told "
            f"apart; {way_out}"
        )

    def quantile(self, level: ArrayLike) -> FloatArray:
        return np.asarray(special.betaincinv(self.a, self.b, np.asarray(level, dtype=np.float64)))

    def alert_rate(self, score: ArrayLike) -> FloatArray:
        return np.asarray(special.betaincc(self.a, self.b, np.asarray(score, dtype=np.float64)))

    def score_at(self, alert_rate: ArrayLike) -> FloatArray:
        return np.asarray(special.betainccinv(self.a, self.b, np.asarray(alert_rate, dtype=np.float64)))

    def parameters(self) -> dict[str, Any]:
        return {"kind": "beta", "a": self.a, "b": self.b}


@dataclass(frozen=True)
class CurveReference:
    """A curve of target alert rates: `points` (score, alert rate), with (0, 1) and (1, 0) implied.

    Up to the last point the logarithm of the alert rate is linear in the score, so each step up the scale divides
    the alerts by the same factor; from there to (1, 0) the alert rate itself is linear, which spreads the highest
    scores evenly. Raises ValueError unless scores increase and alert rates decrease strictly within (0, 1).
    """

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", tuple((float(score), float(rate)) for score, rate in self.points))
        if not self.points:
            raise ValueError("points: expected at least one, found none")
        before = (0.0, 1.0)
        for index, point in enumerate(self.points):
            _check_point(f"points[{index}]", before, point)
            before = point

    def __str__(self) -> str:
        score, rate = self.points[-1]
        return f"the curve to {rate:g} at {score:g}"

    def quantile(self, level: ArrayLike) -> FloatArray:
        return self.score_at(1.0 - np.asarray(level, dtype=np.float64))

    def alert_rate(self, score: ArrayLike) -> FloatArray:
        scores, decay, (last_score, last_rate) = self._knots()
        score = np.asarray(score, dtype=np.float64)
        body = np.exp(-np.interp(score, scores, decay))
        tail = last_rate * (1.0 - score) / (1.0 - last_score)
        return np.where(score <= last_score, body, tail)

    def score_at(self, alert_rate: ArrayLike) -> FloatArray:
        scores, decay, (last_score, last_rate) = self._knots()
        rate = np.asarray(alert_rate, dtype=np.float64)
        body = np.interp(-np.log(np.maximum(rate, last_rate)), decay, scores)
        tail = 1.0 - (1.0 - last_score) * (rate / last_rate)
        return np.where(rate >= last_rate, body, tail)

    def parameters(self) -> dict[str, Any]:
        return {"kind": "curve", "points": [{"score": s, "alert_rate": rate} for s, rate in self.points]}

    def _knots(self) -> tuple[FloatArray, FloatArray, tuple[float, float]]:
        """Scores, minus the logarithm of their alert rates, and the last point."""
        scores, rates = zip((0.0, 1.0), *self.points, strict=True)
        return np.array(scores), -np.log(np.array(rates)), self.points[-1]


def reference_from(kind: str, parameters: Mapping[str, Any]) -> Reference:
    """The reference of stored parameters.

    They are `{"a": 2, "b": 8}` for kind "beta", and for kind "curve"
    `{"points": [{"score": 0.5, "alert_rate": 0.1}, …]}`. They may repeat the kind under "kind".
    Raises ValueError naming the field.
    """
    if not isinstance(parameters, Mapping):
        raise ValueError(f"parameters: expected an object, found {parameters!r}")
    if parameters.get("kind", kind) != kind:
        raise ValueError(f"kind: expected {kind!r} as stored beside it, found {parameters['kind']!r}")
    fields = {name: value for name, value in parameters.items() if name != "kind"}
    if kind == "beta":
        _check_names("parameters", fields, ("a", "b"))
        return BetaReference(**fields)
    if kind == "curve":
        _check_names("parameters", fields, ("points",))
        return CurveReference(_points(fields["points"]))
    raise ValueError(f"kind: expected one of beta, curve, found {kind!r}")


def _points(points: Any) -> tuple[tuple[float, float], ...]:
    if not isinstance(points, Sequence) or isinstance(points, str):
        raise ValueError(f"points: expected a list, found {points!r}")
    found = []
    for index, point in enumerate(points):
        place = f"points[{index}]"
        if not isinstance(point, Mapping):
            raise ValueError(f"{place}: expected an object with score and alert_rate, found {point!r}")
        _check_names(place, point, ("score", "alert_rate"))
        score = _number(f"{place}.score", point["score"])
        found.append((score, _number(f"{place}.alert_rate", point["alert_rate"])))
    return tuple(found)


def _check_names(place: str, found: Mapping[str, Any], expected: tuple[str, ...]) -> None:
    for name in expected:
        if name not in found:
            raise ValueError(f"{place}.{name}: expected a value, found none")
    for name in found:
        if name not in expected:
            raise ValueError(f"{place}.{name}: not a field here; expected {', '.join(expected)}")


def _check_point(place: str, before: tuple[float, float], point: tuple[float, float]) -> None:
    (low_score, high_rate), (score, rate) = before, point
    if not low_score < score < 1.0:
        raise ValueError(f"{place}.score: expected a number above {low_score:g} and below 1, found {score!r}")
    if not 0.0 < rate < high_rate:
        raise ValueError(f"{place}.alert_rate: expected above 0 and below {high_rate:g}, found {rate!r}")


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name}: expected a finite number, found {value!r}")
    try:
        number = float(value)
    except OverflowError:
        raise ValueError(f"{name}: expected a finite number, found a larger one than any of float64") from None
    if not math.isfinite(number):
        raise ValueError(f"{name}: expected a finite number, found {value!r}")
    return number
