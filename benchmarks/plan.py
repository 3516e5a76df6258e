"""Which days of a file are for what: training, tuning, validation, a month to fit on, then weeks that are judged."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.events import Events, NotThatFile

_FITTING_DAYS = 30  # no fit looks back further
_LEAST_TRAINING_DAYS = 14
# The product fits on so many expected alerts or more; a week is the shortest window that is fitted on.
_LEAST_ALERTS = 10
_LEAST_EVENTS = 1_000


@dataclass(frozen=True)
class Plan:
    """Days, counted from the file's first: each part ends where the next one begins.

    `train`: after what a file's own features need to fill; `validate` to before `fit` is kept from training and
    tuning. What fills no week of its own belongs to the last one.
    """

    train: int
    tune: int
    validate: int
    fit: int
    score: int
    end: int

    def weeks(self) -> list[tuple[int, int]]:
        """First day and end (exclusive) of each week that is judged."""
        starts = list(range(self.score, self.end - 6, 7))
        return list(zip(starts, [*starts[1:], self.end], strict=True))


def plan_of(days: int, warm_up: int = 0, most_weeks: int | None = None) -> Plan:
    """The plan for a file of so many days: a third to train on, a month to fit on, then weeks.

    Raises NotThatFile where there are too few.
    """
    fit = days // 3
    validate = fit - max(2, round(0.15 * fit))
    plan = Plan(warm_up, validate - max(2, round(0.12 * fit)), validate, fit, fit + _FITTING_DAYS, days)
    if plan.validate - warm_up < _LEAST_TRAINING_DAYS or not plan.weeks():
        raise NotThatFile(f"the file has {days} days: too few to train, to fit for a month, and to judge a week")
    if most_weeks and most_weeks < len(plan.weeks()):
        return Plan(warm_up, plan.tune, validate, fit, plan.score, plan.score + 7 * most_weeks)
    return plan


def largest(events: Events, plan: Plan, most: int) -> Events:
    """The events with the `most` largest tenants that have enough events in each week to be fitted and judged on.

    Raises NotThatFile where there is no such tenant.
    """
    fewest = poorest_weeks(events, plan)
    able = [place for place, count in enumerate(fewest) if count >= _LEAST_EVENTS]
    if not able:
        raise NotThatFile(
            f"--tenant: no tenant has {_LEAST_EVENTS} events in each week from day {plan.score - 28} on; the best has "
            f"{max(fewest)} in its poorest"
        )
    return events.of_tenants(sorted(_by_size(events, able)[:most]))


def poorest_weeks(events: Events, plan: Plan) -> list[int]:
    """The number of events in the poorest week that is fitted on or judged, of each tenant."""
    weeks = range(plan.score - 28, plan.end - 6, 7)
    return [min(len(events.rows(place, day, day + 7)) for day in weeks) for place in range(len(events.tenants))]


def rates_told(events: Events, plan: Plan, rates: Sequence[float]) -> list[float]:
    """The alert rates at which all tenants have enough alerts in each week to be fitted on."""
    fewest = min(poorest_weeks(events, plan))
    return [rate for rate in rates if rate * fewest >= _LEAST_ALERTS]


def _by_size(events: Events, places: Sequence[int]) -> list[int]:
    sizes = np.bincount(events.tenant[events.tenant >= 0], minlength=len(events.tenants))
    return sorted(places, key=lambda place: -sizes[place])
