"""Whether a feature's values are spread as usual, by counts of its bins in the last hours.

How far counts lie from those of the weeks before is told by the likelihood ratio statistic of a multinomial
distribution, G = 2 Σ k ln(k / e). What G is while nothing is wrong depends on how many events there were, on the hour
of the day and the weekday, on how events come in sessions: no formula knows. So the intent's own past tells it: the
square root of G, which is near normal, is regressed on the logarithm of the number of events, over blocks of as many
hours in the same weeks, each held against the other days. What is beyond is judged by a t distribution, for features
that hardly ever vary have heavy tails.

So heavy a tail takes long to believe in what a few events of the night show at once: that all of them have the same
value. While nothing is wrong n events share one whose share is p with a chance of pⁿ; what is alike by the hour or the
session comes together more often, and so twice what the past has shown of it, as a logarithm, is allowed for.
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
_EITHER = float(np.log(2.0))  # for two that are looked at
_PRIOR = 0.5  # of an event, in each bin: what was never seen is not impossible

Counts = NDArray[np.integer] | FloatArray  # whole, or a share of each


class Usual(msgspec.Struct, frozen=True):
    """How the root of G goes with the events of a block while nothing is wrong.

    `line`: its coefficients for 1, ln n and (ln n)², seen for n from `least` to `most`; `spread`: the standard
    deviation around it. `alike`: minus the logarithm of the least chance at which all events of a block shared a value;
    None of one that was told before this was looked at.
    """

    line: tuple[float, float, float]
    least: int
    most: int
    spread: float
    alike: float | None = None

    def surprise(self, block: Counts, past: Counts) -> float:
        """The logarithm of how likely a block lies as far from past counts, both (bins,). 0 for one without events."""
        n = float(np.sum(block))
        if not n:
            return 0.0
        root = float(np.sqrt(_g(block[None, :], _shares(past[None, :]))[0]))
        # What events have in common weighs more the more of them there are, at most as their root.
        wider = max(1.0, n / self.most) ** 0.5
        usual = float(_terms(np.array([min(max(n, self.least), self.most)]))[0] @ np.array(self.line))
        beyond = (root - wider * usual) / (wider * self.spread)
        spread = float(np.log(max(special.stdtr(_DEGREES, -beyond), 1e-300)))
        return spread if self.alike is None else min(0.0, _EITHER + min(spread, self._constant(block, past)))

    def _constant(self, block: Counts, past: Counts) -> float:
        """The logarithm of how likely all events share a value, as far as the past has not shown as much."""
        assert self.alike is not None
        return min(0.0, 2.0 * self.alike - float(_alike(block[None, :], _shares(past[None, :]))[0]))


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
    shares = _shares(others[seen])
    found = _fitted(n[seen], np.sqrt(_g(blocks[seen], shares)))
    return msgspec.structs.replace(found, alike=float(_alike(blocks[seen], shares).max()))


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


def _alike(blocks: Counts, shares: FloatArray) -> FloatArray:
    """Of each of the blocks (m, bins) with all events in one bin, how unlikely that is: −n ln p; 0 of the others."""
    n = blocks.sum(axis=1)
    place = np.argmax(blocks, axis=1)
    rows = np.arange(len(blocks))
    found: FloatArray = np.where(blocks[rows, place] == n, -n * np.log(shares[rows, place]), 0.0)
    return found


def _g(blocks: Counts, shares: FloatArray) -> FloatArray:
    """G of each of the blocks (m, bins) beside expected shares (m, bins)."""
    expected = blocks.sum(axis=1, keepdims=True) * shares
    found: FloatArray = 2.0 * np.sum(special.xlogy(blocks, blocks / expected), axis=1)
    return np.maximum(found, 0.0)
