"""A look at an intent after an hour: what is unusual, by all that is watched, on one scale.

How unusual something is, is told as how often a year such would come about while nothing is wrong: 0.01 is once in a
hundred years. What is watched shares one budget, so that all of it together alarms falsely as often as its limit says.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec
import numpy as np

from models_app.statistics.monitors import features, telling_apart, volume
from models_app.statistics.monitors.alert_rate import Target, Watch
from models_app.statistics.monitors.features import How, Past, Spread
from models_app.statistics.monitors.sequential import HOURS_A_YEAR
from models_app.statistics.monitors.volume import UsualVolume

Of = Literal["alert rate", "feature", "context", "volume"]
BUDGET: Mapping[Of, float] = {"alert rate": 0.5, "feature": 0.3, "context": 0.1, "volume": 0.1}
PAST_DAYS = 28


class Served(msgspec.Struct, frozen=True):
    """What one live transform answered in an hour: `events`, `alerts` by threshold, events by bin of `probability`."""

    events: int
    alerts: dict[str, int]
    probability: dict[str, int]
    beyond: int = 0


class Hour(msgspec.Struct, frozen=True):
    """An hour of an intent, counted from 1970; `served` by transform, spreads by name."""

    hour: int
    served: dict[int, Served] = {}
    features: dict[str, Spread] = {}
    context: dict[str, Spread] = {}

    @property
    def events(self) -> int:
        return sum(each.events for each in self.served.values())


class Known(msgspec.Struct, frozen=True):
    """What the weeks before a `day` (counted from 1970) tell: what later hours are held against."""

    day: int
    features: dict[str, Past] = {}
    context: dict[str, Past] = {}
    probability: dict[int, dict[str, int]] = {}
    volume: UsualVolume | None = None


class Signal(msgspec.Struct, frozen=True):
    """Something unusual: of a threshold, feature or attribute by `name`; `a_year`: how often it comes about by chance.

    `since`: the hour from which on, counted from 1970. `ratio`: of what is there to what is usual, or to the target.
    `how`, of a feature or attribute: what has become of its values.
    """

    of: Of
    name: str
    a_year: float
    since: int
    ratio: float
    transform: int | None = None
    how: How | None = None


def known_of(hours: Sequence[Hour], day: int) -> Known:
    """From successive hours of whole days, the weeks before a day (counted from 1970), all that its looks need."""
    names = sorted({name for hour in hours for name in hour.features})
    attributes = sorted({name for hour in hours for name in hour.context})
    probability: dict[int, dict[str, int]] = {}
    for hour in hours:
        for transform, served in hour.served.items():
            own = probability.setdefault(transform, {})
            for name, count in served.probability.items():
                own[name] = own.get(name, 0) + count
    return Known(
        day=day,
        features={name: features.past_of([hour.features.get(name, {}) for hour in hours]) for name in names},
        context={name: features.past_of([hour.context.get(name, {}) for hour in hours]) for name in attributes},
        probability=probability,
        volume=volume.usual_of(hours[0].hour, [hour.events for hour in hours]) if hours else None,
    )


Watches = dict[int, dict[str, Watch]]  # by transform and threshold


def watched(before: Watches, hours: Iterable[Hour], targets: Mapping[tuple[int, str], Target]) -> Watches:
    """The thresholds' watches after more hours. A transform that has answered nothing lately is forgotten."""
    after = {transform: dict(each) for transform, each in before.items()}
    for hour in hours:
        for (transform, threshold), target in targets.items():
            served = hour.served.get(transform)
            if served is not None and threshold in served.alerts:
                own = after.setdefault(transform, {})
                own[threshold] = own.get(threshold, Watch()).after(
                    hour.hour, served.events, served.alerts[threshold], target
                )
    live = {transform for transform, _ in targets}
    return {transform: each for transform, each in after.items() if transform in live}


def signals(watches: Watches, day: Sequence[Hour], known: Known) -> list[Signal]:
    """What stands out now, most unusual first; `day`: the last hours, of a day at most, the latest last."""
    found = [*_of_rates(watches), *_of_spreads("feature", day, known.features)]
    found += _of_spreads("context", day, known.context)
    if known.volume is not None and day:
        found.append(_of_volume(day, known.volume))
    return sorted(found, key=lambda each: each.a_year)


def told_apart(day: Sequence[Hour], since: int, transform: int, known: Known) -> telling_apart.Told:
    """Scale or risk, by the probabilities since an hour beside those of the weeks before."""
    now: dict[int, int] = {}
    for hour in day:
        served = hour.served.get(transform)
        if served is not None and hour.hour >= since:
            for name, count in served.probability.items():
                now[int(name)] = now.get(int(name), 0) + count
    past = {int(name): count for name, count in known.probability.get(transform, {}).items()}
    return telling_apart.told_apart(past, now)


def _of_rates(watches: Watches) -> list[Signal]:
    """All sums of an intent are one sum, their mean: each says its own part of it."""
    count = sum(map(len, watches.values()))
    return [
        Signal("alert rate", threshold, _often("alert rate", HOURS_A_YEAR * count / max(watch.sum, 1e-300)),
               watch.likeliest[1], watch.likeliest[0], transform)
        for transform, own in watches.items()
        for threshold, watch in own.items()
    ]  # fmt: skip


def _of_spreads(of: Of, day: Sequence[Hour], known: Mapping[str, Past]) -> list[Signal]:
    found = []
    for name, past in known.items():
        spreads = [(hour.features if of == "feature" else hour.context).get(name, {}) for hour in day]
        moved = features.moved(name, spreads, past)
        chance = HOURS_A_YEAR * len(known) * float(np.exp(moved.surprise))
        since = day[-1].hour - moved.hours + 1 if day else 0
        found.append(Signal(of, name, _often(of, chance), since, moved.share, how=moved.how))
    return found


def _of_volume(day: Sequence[Hour], usual: UsualVolume) -> Signal:
    last = day[-1].hour
    found = volume.volume_of(last, [hour.events for hour in day], usual)
    chance = HOURS_A_YEAR * float(np.exp(found.surprise))
    return Signal("volume", "", _often("volume", chance), last - found.hours + 1, found.events / max(found.usual, 1.0))


def _often(of: Of, chance: float) -> float:
    """A chance within its own family as one of all that is watched."""
    return chance / BUDGET[of]
