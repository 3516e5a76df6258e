"""Which features are not spread as usual, by the spreads of hours: counts by the name of a bin."""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from models_app.statistics.monitors import distribution
from models_app.statistics.monitors.distribution import BLOCKS, HOURS, Usual
from scoring.engine import bins
from scoring.engine.bins import Spread

How = Literal["nulls", "new values", "constant", "another unit", "otherwise spread"]

_HARDLY = float(np.log(0.01))
_USUALLY = 0.75  # share of the past's hours, of a time of the day, that had no more events than are usual then
_MANY = 0.5  # share of events that makes it the story
_STEPS = range(-60, 61)  # bins by which a unit may have moved the numbers


class Past(msgspec.Struct, frozen=True):
    """A feature's past weeks: `counts` by bin, and what is `usual` of blocks of so many hours.

    `most`: by hour of the day, as many events as three in four of its hours have at most; () of what was told before
    these were looked at.
    """

    counts: dict[str, int]
    usual: dict[int, Usual]
    most: tuple[int, ...] = ()


class Moved(msgspec.Struct, frozen=True):
    """A feature that is not spread as usual, as the last `hours` together show clearly.

    `surprise`: the logarithm of how likely that is while nothing is wrong, for as many blocks as were looked at.
    `share`: of the events, those that make the difference.
    """

    name: str
    surprise: float
    hours: int
    how: How
    share: float


def past_of(hours: Sequence[Spread]) -> Past:
    """What whole past days, hour by hour, tell of a feature."""
    names, counts = _matrix(hours)
    found = {block: known for block in BLOCKS if (known := distribution.usual(counts, block)) is not None}
    return Past(dict(zip(names, counts.sum(axis=0).tolist(), strict=True)), found, _most_at(counts))


def _most_at(hours: NDArray[np.int64]) -> tuple[int, ...]:
    events = hours.sum(axis=1)[: len(hours) // HOURS * HOURS].reshape(-1, HOURS)
    return tuple(np.ceil(np.quantile(events, _USUALLY, axis=0)).astype(int).tolist()) if len(events) else ()


def moved(name: str, hours: Sequence[Spread], past: Past, last: int) -> Moved:
    """How unusual the last hours are, of which the latest is `last` (from 1970): at most a day of them is looked at."""
    names, counts = _matrix([past.counts, *hours[-HOURS:]])
    before, recent = counts[0], _no_more_than_usual(counts[1:], past.most, last)
    looked = [
        (past.usual[block].surprise(recent[-block:].sum(axis=0), before), block)
        for block in BLOCKS
        if block in past.usual and block <= len(recent)
    ]
    if not looked:
        return Moved(name, 0.0, 0, "otherwise spread", 0.0)
    surprise = min(looked)[0]
    block = next(hours for found, hours in looked if found <= surprise / 2.0)  # the shortest that shows it clearly
    how, share = _how(names, before, recent[-block:].sum(axis=0))
    lasting = max(block, _lasting(recent, before, past.usual[block]) if block == 1 else 0)
    return Moved(name, min(0.0, surprise + float(np.log(len(looked)))), lasting, how, share)


def _no_more_than_usual(hours: NDArray[np.int64], most: Sequence[int], last: int) -> NDArray[np.float64]:
    """The hours, each with as many events as are usual at that time of the day, at most; spread as they were.

    What goes with the hour goes with all of its events, however many come: of three times the volume, a night would
    show three times as clearly that it is none of the day, and a day's mix be that of the hours that have grown.
    """
    if not most:
        return hours.astype(np.float64)
    places = np.arange(last - len(hours) + 1, last + 1) % HOURS
    share = np.maximum(1, np.array(most)[places]) / np.maximum(1, hours.sum(axis=1))
    found: NDArray[np.float64] = hours * np.minimum(1.0, share)[:, None]
    return found


def _lasting(recent: NDArray[np.float64], before: NDArray[np.int64], usual: Usual) -> int:
    """For how many hours up to the latest each of them, by itself, has been as hardly any is."""
    hours = 0
    while hours < len(recent) and usual.surprise(recent[-hours - 1], before) < _HARDLY:
        hours += 1
    return hours


def _how(names: Sequence[str], before: NDArray[np.int64], now: NDArray[np.float64]) -> tuple[How, float]:
    """What has become of the values, and the share of events that shows it."""
    was, share = before / max(1, before.sum()), now / max(1.0, now.sum())
    nulls = share[names.index(bins.NONE)] - was[names.index(bins.NONE)] if bins.NONE in names else 0.0
    fresh = float(share[before == 0].sum())
    greatest = int(np.argmax(share - was))
    if nulls > fresh / 2 and nulls > share[greatest] / 2:
        return "nulls", float(nulls)
    numbers = _numbers(names)
    if numbers is not None and share[greatest] < 1.0 and _is_another_unit(numbers, was, share):
        return "another unit", float(np.abs(share - was).sum() / 2.0)
    if share[greatest] > max(_MANY, 2.0 * was[greatest]):
        return "constant" if numbers is not None else "new values", float(share[greatest])
    if fresh > 0.05:
        return "new values", fresh
    return "otherwise spread", float(np.abs(share - was).sum() / 2.0)


def _numbers(names: Iterable[str]) -> list[int] | None:
    """The bins by number, of a feature of numbers; what is null stands far off."""
    found = [name for name in names if name != bins.NONE]
    if any(not name.lstrip("-").isdecimal() for name in found):
        return None
    return [int(name) if name != bins.NONE else 10_000 for name in names]


def _is_another_unit(numbers: Sequence[int], was: NDArray[np.float64], now: NDArray[np.float64]) -> bool:
    """Whether the same spread, some steps further, tells what came much better than where it was."""
    size = max(abs(each) for each in numbers if each != 10_000) + len(_STEPS)
    before, after = np.zeros(2 * size + 1), np.zeros(2 * size + 1)
    for number, a_share, b_share in zip(numbers, was, now, strict=True):
        if number != 10_000:
            before[number + size] += a_share
            after[number + size] += b_share
    overlaps = [float(np.minimum(np.roll(before, step), after).sum()) for step in _STEPS]
    best = int(np.argmax(overlaps))
    return abs(_STEPS[best]) > 1 and overlaps[best] > 0.5 and overlaps[best] > 2.0 * overlaps[_STEPS.index(0)]


def _matrix(hours: Sequence[Spread]) -> tuple[list[str], NDArray[np.int64]]:
    """The names of all bins, and counts (hours, bins)."""
    names = sorted({name for hour in hours for name in hour})
    place = {name: column for column, name in enumerate(names)}
    counts = np.zeros((len(hours), len(names)), dtype=np.int64)
    for row, hour in enumerate(hours):
        for name, count in hour.items():
            counts[row, place[name]] = count
    return names, counts
