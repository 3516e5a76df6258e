"""Whether a feature's values are spread as usual, by counts of its bins in the last hours.

How far counts lie from those of the weeks before is told by the likelihood ratio statistic of a multinomial
distribution, G = 2 Σ k ln(k / e). What G is while nothing is wrong depends on how many events there were, on the hour
of the day and the weekday, on how events come in sessions: no formula knows. So the intent's own past tells it: the
square root of G, which is near normal, is regressed on the logarithm of the number of events, over blocks of as many
hours in the same weeks, each held against the other days. What is beyond is judged by a t distribution, for features
that hardly ever vary have heavy tails.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import special

from scoring.engine.probability import FloatArray

HOURS = 24
BLOCKS = (1, 2, 6, 24)  # hours looked at together: long ones find what single hours are too few for
_DEGREES = 10.0  # of the t distribution
_LEAST_SPREAD = 0.05
_ALIKE = 0.4  # standard deviation of ln n
_LEAST_BLOCKS = 14  # of the past, to tell what is usual
_PRIOR = 0.5  # of an event, in each bin: what was never seen is not impossible

Counts = NDArray[np.integer]


class Usual(msgspec.Struct, frozen=True):
    """How the root of G goes with the events of a block while nothing is wrong.

    `line`: its coefficients for 1, ln n and (ln n)², seen for n from `least` to `most`; `spread`: the standard
    deviation around it.
    """

    line: tuple[float, float, float]
    least: int
    most: int
    spread: float

    def surprise(self, block: Counts, past: Counts) -> float:
        """The logarithm of how likely a block lies as far from past counts, both (bins,). 0 for one without events."""
        n = int(np.sum(block))
        if not n:
            return 0.0
        root = float(np.sqrt(_g(block[None, :], _shares(past[None, :]))[0]))
        # What events have in common weighs more the more of them there are, at most as their root.
        wider = max(1.0, n / self.most) ** 0.5
        usual = float(_terms(np.array([min(max(n, self.least), self.most)]))[0] @ np.array(self.line))
        beyond = (root - wider * usual) / (wider * self.spread)
        return float(np.log(max(special.stdtr(_DEGREES, -beyond), 1e-300)))


def usual(hours: Counts, block: int) -> Usual | None:
    """From counts (hours, bins) of whole past days; None where they are too few. `block`: of so many hours."""
    days = len(hours) // HOURS
    blocks = hours[: days * HOURS].reshape(days * HOURS // block, block, -1).sum(axis=1)
    by_day = hours[: days * HOURS].reshape(days, HOURS, -1).sum(axis=1)
    others = np.repeat(by_day.sum(axis=0) - by_day, HOURS // block, axis=0)
    n = blocks.sum(axis=1)
    seen = n > 0
    if np.count_nonzero(seen) < _LEAST_BLOCKS:
        return None
    return _fitted(n[seen], np.sqrt(_g(blocks[seen], _shares(others[seen]))))


def _fitted(n: Counts, roots: FloatArray) -> Usual:
    """Blocks of nearly the same number of events tell no slope."""
    terms = _terms(n)
    if np.std(terms[:, 1]) < _ALIKE:
        terms = terms * np.array([1.0, 0.0, 0.0])
    line = np.linalg.lstsq(terms, roots, rcond=None)[0]
    spread = float(np.sqrt(np.mean((roots - terms @ line) ** 2)))
    constant, first, second = line.tolist()
    return Usual((constant, first, second), int(n.min()), int(n.max()), max(spread, _LEAST_SPREAD))


def _terms(n: Counts) -> FloatArray:
    logs = np.log(np.asarray(n, dtype=np.float64))
    return np.column_stack([np.ones_like(logs), logs, logs**2])


def _shares(counts: Counts) -> FloatArray:
    found: FloatArray = (counts + _PRIOR) / (counts.sum(axis=1, keepdims=True) + _PRIOR * counts.shape[1])
    return found


def _g(blocks: Counts, shares: FloatArray) -> FloatArray:
    """G of each of the blocks (m, bins) beside expected shares (m, bins)."""
    expected = blocks.sum(axis=1, keepdims=True) * shares
    found: FloatArray = 2.0 * np.sum(special.xlogy(blocks, blocks / expected), axis=1)
    return np.maximum(found, 0.0)
