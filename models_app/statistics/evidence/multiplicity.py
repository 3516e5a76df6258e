"""Many questions asked at once: how many answers come by chance, and which hold nevertheless."""

import math
from collections.abc import Sequence

import numpy as np
from scipy import special

from models_app.statistics.evidence.gates import GOOD, Gate, Margin, Position

# Of a 95 % interval: what passes a gate at the tolerance's edge by chance, on one side.
_Z = float(special.ndtri(0.975))


def discoveries(p_values: Sequence[float], level: float) -> list[bool]:
    """Which p-values hold where at most `level` of those that do are to be false, in the order given.

    Benjamini and Hochberg's step-up procedure (Journal of the Royal Statistical Society B 57, 1995, 289 to 300), sound
    for independent and for positively dependent questions.
    """
    p = np.asarray(p_values, dtype=np.float64)
    if not len(p):
        return []
    steps = level * np.arange(1, len(p) + 1) / len(p)
    holds = np.flatnonzero(np.sort(p) <= steps)
    return [bool(each) for each in p <= (steps[holds[-1]] if len(holds) else -1.0)]


def p_beyond(gate: Gate) -> float:
    """How likely a gate would lie as well within the tolerance as it does, were the truth at its nearer edge.

    Two one-sided tests (Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 15, 1987, 657 to 680), on the
    logarithm, from the interval of the margin that the gate passes by; 1 for a gate that does not pass.
    """
    margin = _passed_by(gate)
    if margin is None:
        return 1.0
    return max(_beyond(margin, edge) for edge in _edges(gate.tolerance))


def false_pass(gate: Gate) -> float:
    """How likely a gate would pass with intervals this wide, were the truth at the tolerance's edge.

    At most 2.5 %; 0 where the interval is wider than the tolerance, so that nothing could pass.
    """
    margin = gate.target or gate.live
    if margin is None or margin.low is None or margin.high is None or margin.low <= -1.0:
        return 0.0
    width = math.log1p(margin.high) - math.log1p(margin.low)
    low, high = _edges(gate.tolerance)
    if width <= 0.0:
        return 0.0
    room = (high - low) * 2.0 * _Z / width  # from edge to edge, in standard deviations
    return max(0.0, float(special.ndtr(-_Z) - special.ndtr(_Z - room)))


def _passed_by(gate: Gate) -> Margin | None:
    if gate.state not in GOOD:
        return None
    within = [each for each in (gate.target, gate.live) if each and each.position(gate.tolerance) is Position.WITHIN]
    return within[0] if within else None


def _beyond(margin: Margin, edge: float) -> float:
    """The p-value that the truth lies beyond an edge (a logarithm), the margin being on its inner side."""
    assert margin.low is not None
    assert margin.high is not None
    if margin.low <= -1.0:
        return 0.0 if edge == -math.inf else 1.0
    middle = math.log1p(margin.relative or 0.0)
    end = math.log1p(margin.high if edge > 0.0 else margin.low)
    deviation = abs(end - middle) / _Z
    if deviation == 0.0:
        return 0.0
    return float(special.ndtr(-abs(edge - middle) / deviation))


def _edges(tolerance: float) -> tuple[float, float]:
    """As logarithms."""
    return math.log1p(-tolerance) if tolerance < 1.0 else -math.inf, math.log1p(tolerance)
