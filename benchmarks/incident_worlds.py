"""What happens to a tenant in the benchmark of incidents: real events of simulated cards, changed from an hour on.

Attacks are copies of the tenant's own earlier frauds with small changes, beside its other events; faults change one
feature of all its events. Nothing here is told to the monitors.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

HOURS = 120  # that each lasts
CHANNELS = np.array(["web", "shop"], dtype=object)
_NEAR = 0.05  # standard deviation of a copy's amounts, as a share

Floats = NDArray[np.float64]
Predict = Callable[[Floats], Floats]
_FIELDS = ("hour", "x", "label", "channel", "probability", "attack")


@dataclass(frozen=True)
class Stream:
    """Events of one tenant by time: `hour` counts from 1970, `probability` is the model's; `attack`: who is of it."""

    hour: NDArray[np.int64]
    x: Floats
    label: NDArray[np.bool_]
    channel: NDArray[np.object_]
    probability: Floats
    attack: NDArray[np.bool_]

    def only(self, rows: "NDArray[np.intp] | slice") -> "Stream":
        return Stream(*(getattr(self, each)[rows] for each in _FIELDS))

    def in_hours(self, begin: int, end: int) -> "Stream":
        """The events of hours in [begin, end)."""
        first, stop = np.searchsorted(self.hour, [begin, end])
        return self.only(slice(int(first), int(stop)))

    def beside(self, other: "Stream") -> "Stream":
        """These events and those of the other, one after the other."""
        return Stream(*(np.concatenate([getattr(self, each), getattr(other, each)]) for each in _FIELDS))


@dataclass(frozen=True)
class Changed:
    """The events of the hours in question as they came; `feature`: the place of the one that broke, if any did."""

    events: Stream
    feature: int | None = None


@dataclass(frozen=True)
class Setting:
    """`names` of the features; `amounts`: places of those that an attacker changes; `predict`: the model."""

    names: list[str]
    amounts: list[int]
    faulty: list[int]  # places of the features that can be told from broken ones: those that vary from event to event
    predict: Predict


World = Callable[[Stream, int, Setting, np.random.Generator], Changed]


def _attack(share: float) -> World:
    def change(stream: Stream, begin: int, setting: Setting, rng: np.random.Generator) -> Changed:
        own = _own(stream, begin)
        count = max(1, round(share * len(own.hour)))
        earlier = np.flatnonzero(stream.label & (stream.hour < begin))
        copies = stream.only(rng.choice(earlier, count))
        x = copies.x.copy()
        x[:, setting.amounts] *= rng.normal(1.0, _NEAR, (count, len(setting.amounts)))
        hour = rng.choice(own.hour, count)
        made = replace(copies, hour=hour, x=x, probability=setting.predict(x), attack=np.ones(count, dtype=bool))
        both = own.beside(made)
        return Changed(both.only(np.argsort(both.hour, kind="stable")))

    return change


def _fault(broken: Callable[[Floats, Floats], Floats]) -> World:
    def change(stream: Stream, begin: int, setting: Setting, rng: np.random.Generator) -> Changed:
        own, feature = _own(stream, begin), int(rng.choice(setting.faulty))
        x = own.x.copy()
        x[:, feature] = broken(x[:, feature], stream.x[:, feature])
        return Changed(replace(own, x=x, probability=setting.predict(x)), feature)

    return change


def _renamed(stream: Stream, begin: int, setting: Setting, rng: np.random.Generator) -> Changed:
    own = _own(stream, begin)
    return Changed(replace(own, channel=np.where(own.channel == "web", "WEB", own.channel)))


def _new_channel(stream: Stream, begin: int, setting: Setting, rng: np.random.Generator) -> Changed:
    own = _own(stream, begin)
    is_new = rng.random(len(own.hour)) < 0.25
    x = own.x.copy()
    for place in setting.amounts:
        x[is_new, place] *= 0.5
    channel = np.where(is_new, "app", own.channel)
    return Changed(replace(own, x=x, channel=channel, probability=setting.predict(x)))


def _holiday(stream: Stream, begin: int, setting: Setting, rng: np.random.Generator) -> Changed:
    own = _own(stream, begin)
    return Changed(own.only(np.repeat(np.arange(len(own.hour)), 3)))


def _drift(stream: Stream, begin: int, setting: Setting, rng: np.random.Generator) -> Changed:
    """By the end of the days, every probability is that of odds half as high again."""
    own = _own(stream, begin)
    grown = 1.0 + 0.5 * (own.hour - begin) / HOURS
    return Changed(replace(own, probability=grown * own.probability / (1.0 + (grown - 1.0) * own.probability)))


def _nothing(stream: Stream, begin: int, setting: Setting, rng: np.random.Generator) -> Changed:
    return Changed(_own(stream, begin))


def _own(stream: Stream, begin: int) -> Stream:
    return stream.in_hours(begin, begin + HOURS)


# By name: the world, and the kinds that it is told apart rightly as.
WORLDS: Mapping[str, tuple[World, tuple[str, ...]]] = {
    "attack_2": (_attack(0.02), ("risk",)),
    "attack_05": (_attack(0.005), ("risk",)),
    "attack_01": (_attack(0.001), ("risk",)),
    "fault_null": (_fault(lambda own, _: np.full(len(own), np.nan)), ("data fault",)),
    "fault_constant": (_fault(lambda own, known: np.full(len(own), np.median(known))), ("data fault",)),
    "fault_unit": (_fault(lambda own, _: 100.0 * own), ("data fault",)),
    "category_renamed": (_renamed, ("client changed", "data fault")),
    "drift": (_drift, ("scale",)),
    "holiday": (_holiday, ("client changed",)),
    "new_channel": (_new_channel, ("client changed",)),
    "nothing": (_nothing, ()),
}
