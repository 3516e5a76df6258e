"""Whether probabilities have moved as a whole, or some very risky events have come beside the others.

The first is a matter of *scale*: the model's output has drifted, and the transform is to follow. The second is *risk*:
an attack, which a refit would hide. Both are told by how the events are spread over bins of probability, beside the
weeks before: as likely as the best of each kind makes it.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec
import numpy as np
from scipy import special

from scoring.engine.probability import FloatArray

_POWERS = np.geomspace(0.3, 3.0, 61)  # that exceedances are raised to, where all moves
_SHARES = np.geomspace(5e-4, 0.4, 30)  # of events that have come beside the others
_TOPS = np.geomspace(0.001, 0.05, 8)  # how far up those lie: among this share of the others, anywhere
_PRIOR = 0.5


class Told(msgspec.Struct, frozen=True):
    """`likelier`: by how much, as a logarithm, this kind tells what came better than the other one.

    `share`: of the events that have come beside the others, where it is risk.
    """

    kind: Literal["scale", "risk"]
    likelier: float
    share: float


def told_apart(past: Mapping[int, int], now: Mapping[int, int]) -> Told:
    """By events in each bin of probability, of the past weeks and of the hours in question; neither without events."""
    places = sorted({*past, *now})
    before = np.array([past.get(each, 0) for each in places], dtype=np.float64) + _PRIOR
    came = np.array([now.get(each, 0) for each in places], dtype=np.float64)
    above = np.append(np.cumsum(before[::-1])[::-1] / before.sum(), 0.0)  # exceedance of each bin's lower end
    scale = max(_likely(came, _masses(above**power)) for power in _POWERS)
    risk = [
        (_likely(came, (1.0 - share) * _masses(above) + share * _masses(np.minimum(above / top, 1.0))), float(share))
        for share in _SHARES
        for top in _TOPS
    ]
    best, share = max(risk)
    if best > scale:
        return Told("risk", best - scale, share)
    return Told("scale", scale - best, 0.0)


def _masses(above: FloatArray) -> FloatArray:
    found: FloatArray = above[:-1] - above[1:]
    return found


def _likely(came: FloatArray, masses: FloatArray) -> float:
    return float(np.sum(special.xlogy(came, np.maximum(masses, 1e-300))))


def by_precision(told: Told, usual: tuple[int, int], now: tuple[int, int], times: float) -> Told:
    """The same once it is known how many of the alerts that have a label are positive: (positive, all) of them.

    By an attack precision holds, for alerts have become more as the risk has. Where all has moved by scale, they are
    `times` as many while the risk is what it was: precision is as much less. Where they are not more, it tells nothing.
    """
    if times <= 1.0 or not usual[1] or not now[1]:
        return told
    held = (usual[0] + _PRIOR) / (usual[1] + 2.0 * _PRIOR)
    positive, negative = now[0], now[1] - now[0]
    likelier = positive * np.log(times) + negative * (np.log1p(-held) - np.log1p(-held / times))
    risk = float((told.likelier if told.kind == "risk" else -told.likelier) + likelier)
    return Told("risk" if risk > 0.0 else "scale", abs(risk), told.share)
