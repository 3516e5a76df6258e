"""A look at an intent after an hour: what is unusual, by all that is watched, on one scale.

How unusual something is, is told as how often a year such would come about while nothing is wrong: 0.01 is once in a
hundred years. What is watched shares one budget, so that all of it together alarms falsely as often as its limit says.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec
import numpy as np

from models_app.statistics.monitors import copies, features, risk, telling_apart, unfitted, volume
from models_app.statistics.monitors.alert_rate import Target, Watch
from models_app.statistics.monitors.distribution import HOURS
from models_app.statistics.monitors.features import How, Past
from models_app.statistics.monitors.label_feed import Unusual
from models_app.statistics.monitors.sequential import HOURS_A_YEAR
from models_app.statistics.monitors.volume import UsualVolume
from scoring.engine import bins
from scoring.engine.bins import Spread

Of = Literal["alert rate", "risk", "copies", "beyond", "feature", "context", "volume", "labels"]
Feeding = Literal["silent", "otherwise many"]
BUDGET: Mapping[Of, float] = {
    "alert rate": 0.2, "risk": 0.2, "copies": 0.2, "beyond": 0.04, "feature": 0.2, "context": 0.06, "volume": 0.06,
    "labels": 0.04,
}  # fmt: skip
PAST_DAYS = 28
LABEL_FEED = "label feed"


class Served(msgspec.Struct, frozen=True):
    """What one live transform answered in an hour: `events`, `alerts` by threshold, events by bin of `probability`.

    `predictor`: by id, whose probabilities they are; transforms of one predictor are fitted on the same. `beyond`: how
    many were riskier than all that the transform was fitted on.
    """

    events: int
    alerts: dict[str, int]
    probability: dict[str, int]
    predictor: int = 0
    beyond: int = 0


class Hour(msgspec.Struct, frozen=True):
    """An hour of an intent, counted from 1970; `served` by transform, spreads by name; `signatures` of some alerts."""

    hour: int
    served: dict[int, Served] = {}
    features: dict[str, Spread] = {}
    context: dict[str, Spread] = {}
    signatures: tuple[tuple[int, ...], ...] = ()

    @property
    def events(self) -> int:
        return sum(each.events for each in self.served.values())


class Known(msgspec.Struct, frozen=True):
    """What the weeks before a `day` (counted from 1970) tell: what later hours are held against."""

    day: int
    features: dict[str, Past] = {}
    context: dict[str, Past] = {}
    probability: dict[int, risk.Past] = {}  # by predictor
    volume: UsualVolume | None = None


class Signal(msgspec.Struct, frozen=True):
    """Something unusual: of a threshold, feature or attribute by `name`; `a_year`: how often it comes about by chance.

    `since`: the hour from which on, counted from 1970. `ratio`: of what is there to what is usual, or to the target.
    `how`, of a feature or attribute: what has become of its values; of labels: what has become of their feed.
    """

    of: Of
    name: str
    a_year: float
    since: int
    ratio: float
    transform: int | None = None
    how: How | Feeding | None = None


def known_of(hours: Sequence[Hour], day: int) -> Known:
    """From successive hours of whole days, the weeks before a day (counted from 1970), all that its looks need."""
    names = sorted({name for hour in hours for name in hour.features})
    attributes = sorted({name for hour in hours for name in hour.context})
    return Known(
        day=day,
        features={name: features.past_of([hour.features.get(name, {}) for hour in hours]) for name in names},
        context={name: features.past_of([hour.context.get(name, {}) for hour in hours]) for name in attributes},
        probability=_probabilities(hours),
        volume=volume.usual_of(hours[0].hour, [hour.events for hour in hours]) if hours else None,
    )


class Watches(msgspec.Struct, frozen=True):
    """What the hours say so far.

    Of `rates` by transform and threshold, of `tails` by predictor, of what lies `above` all that a transform was fitted
    on, and of alerts `alike` to known fraud.
    """

    rates: dict[int, dict[str, Watch]] = {}
    tails: dict[int, risk.Watch] = {}
    above: dict[int, unfitted.Watch] = {}
    alike: copies.Watch = copies.Watch()

    def anew(self) -> "Watches":
        """Of what began before, nothing is known any more; but of copies, how many are usual."""
        return Watches(alike=self.alike.anew())


def watched(
    before: Watches,
    hours: Sequence[Hour],
    targets: Mapping[tuple[int, str], Target],
    known: Known,
    tops: Mapping[int, unfitted.Top],
    library: copies.Library,
) -> Watches:
    """The watches after more hours. A transform, or predictor, that another has taken the place of is forgotten."""
    if not any(hour.served for hour in hours):
        return before  # hours without events say nothing, and make nothing forgotten
    return Watches(
        _rates_after(before.rates, hours, targets),
        _tails_after(before.tails, hours, known),
        _beyond_after(before.above, hours, tops),
        _alike_after(before.alike, hours, library),
    )


def _rates_after(
    before: Mapping[int, dict[str, Watch]], hours: Iterable[Hour], targets: Mapping[tuple[int, str], Target]
) -> dict[int, dict[str, Watch]]:
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


def _alike_after(before: copies.Watch, hours: Iterable[Hour], library: copies.Library) -> copies.Watch:
    for hour in hours:
        before = before.after(hour.hour, hour.signatures, library)
    return before


def _beyond_after(
    before: Mapping[int, unfitted.Watch], hours: Iterable[Hour], tops: Mapping[int, unfitted.Top]
) -> dict[int, unfitted.Watch]:
    after = {transform: before.get(transform, unfitted.Watch()) for transform in tops}
    for hour in hours:
        for transform, served in hour.served.items():
            if transform in tops:
                after[transform] = after[transform].after(hour.hour, served.events, served.beyond, tops[transform])
    return after


def _tails_after(before: Mapping[int, risk.Watch], hours: Sequence[Hour], known: Known) -> dict[int, risk.Watch]:
    after = dict(before)
    for hour in hours:
        for predictor, events in _by_predictor(hour).items():
            past = known.probability.get(predictor)
            if past is not None:
                after[predictor] = after.get(predictor, risk.Watch()).after(hour.hour, events, past)
    answered = {served.predictor for hour in hours for served in hour.served.values()}
    return {predictor: each for predictor, each in after.items() if predictor in answered or not answered}


def signals(watches: Watches, day: Sequence[Hour], known: Known) -> list[Signal]:
    """What stands out now, most unusual first; `day`: the last hours, of a day at most, the latest last."""
    found = [*_of_rates(watches.rates), *_of_risk(watches.tails), *_of_beyond(watches.above)]
    found.append(_of_copies(watches.alike))
    found += _of_spreads("feature", day, known.features) + _of_spreads("context", day, known.context)
    if known.volume is not None and day:
        found.append(_of_volume(day, known.volume))
    return sorted(found, key=lambda each: each.a_year)


def told_apart(hours: Sequence[Hour], since: int, known: Known) -> telling_apart.Told:
    """Scale or risk, by the probabilities since an hour beside those of the weeks before, of the likelier predictor."""
    now: dict[int, Spread] = {}
    for hour in hours:
        if hour.hour >= since:
            for predictor, events in _by_predictor(hour).items():
                now[predictor] = bins.together(now.get(predictor, {}), events)
    told = [
        telling_apart.told_apart(_numbered(past.counts), _numbered(now[predictor]))
        for predictor, past in known.probability.items()
        if predictor in now
    ]
    return max(told, key=lambda each: each.likelier, default=telling_apart.Told("scale", 0.0, 0.0))


def _probabilities(hours: Sequence[Hour]) -> dict[int, risk.Past]:
    """By predictor, from its whole days."""
    days: dict[int, dict[int, Spread]] = {}
    for hour in hours:
        for predictor, events in _by_predictor(hour).items():
            own = days.setdefault(predictor, {})
            own[hour.hour // HOURS] = bins.together(own.get(hour.hour // HOURS, {}), events)
    return {predictor: risk.past_of(list(own.values())) for predictor, own in days.items()}


def _by_predictor(hour: Hour) -> dict[int, Spread]:
    found: dict[int, Spread] = {}
    for served in hour.served.values():
        found[served.predictor] = bins.together(found.get(served.predictor, {}), served.probability)
    return found


def _numbered(spread: Spread) -> dict[int, int]:
    return {int(name): count for name, count in spread.items()}


def _of_risk(watches: Mapping[int, risk.Watch]) -> list[Signal]:
    return [
        Signal("risk", "", _often("risk", HOURS_A_YEAR * len(watches) / max(watch.sum, 1e-300)),
               watch.likeliest[1], watch.likeliest[0])
        for watch in watches.values()
    ]  # fmt: skip


def _of_copies(watch: copies.Watch) -> Signal:
    share, since = watch.likeliest
    return Signal("copies", "", _often("copies", HOURS_A_YEAR / max(watch.sum, 1e-300)), since, share)


def _of_beyond(watches: Mapping[int, unfitted.Watch]) -> list[Signal]:
    return [
        Signal("beyond", "", _often("beyond", HOURS_A_YEAR * len(watches) / max(watch.sum, 1e-300)),
               watch.likeliest[1], watch.likeliest[0], transform)
        for transform, watch in watches.items()
    ]  # fmt: skip


def _of_rates(watches: Mapping[int, dict[str, Watch]]) -> list[Signal]:
    """All sums of an intent are one sum, their mean: each says its own part of it."""
    count = sum(map(len, watches.values()))
    return [
        Signal("alert rate", threshold, _often("alert rate", HOURS_A_YEAR * count / max(watch.sum, 1e-300)),
               watch.likeliest[1], watch.likeliest[0], transform)
        for transform, own in watches.items()
        for threshold, watch in own.items()
    ]  # fmt: skip


def _of_spreads(of: Of, day: Sequence[Hour], known: Mapping[str, Past]) -> list[Signal]:
    found, last = [], day[-1].hour if day else 0
    for name, past in known.items():
        spreads = [(hour.features if of == "feature" else hour.context).get(name, {}) for hour in day]
        moved = features.moved(name, spreads, past, last)
        chance = HOURS_A_YEAR * len(known) * float(np.exp(moved.surprise))
        since = last - moved.hours + 1
        found.append(Signal(of, name, _often(of, chance), since, moved.share, how=moved.how))
    return found


def _of_volume(day: Sequence[Hour], usual: UsualVolume) -> Signal:
    last = day[-1].hour
    found = volume.volume_of(last, [hour.events for hour in day], usual)
    chance = HOURS_A_YEAR * float(np.exp(found.surprise))
    return Signal("volume", "", _often("volume", chance), last - found.hours + 1, found.events / max(found.usual, 1.0))


def of_labels(found: Sequence[tuple[Unusual | None, bool]]) -> list[Signal]:
    """By how long no label has come, or how many came on a day; whether it is the first."""
    return [
        Signal("labels", LABEL_FEED, _often("labels", len(found) * each.a_year), each.since, each.times,
               how="silent" if is_silence else "otherwise many")
        for each, is_silence in found
        if each is not None
    ]  # fmt: skip


def _often(of: Of, chance: float) -> float:
    """A chance within its own family as one of all that is watched."""
    return chance / BUDGET[of]
