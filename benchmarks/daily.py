"""Arms that are refitted every day on events of which recent ones count more.

Nobody approves a release a day in this benchmark, so these arms are no shadows: the product fits each transform, of the
probabilities that it recorded up to that day, and its own mapping takes those of the day to scores here.
"""

from collections.abc import Iterator

import numpy as np

from benchmarks import lake
from benchmarks.measures import Week
from benchmarks.plan import Plan
from benchmarks.product import Tenant
from benchmarks.steps import Fits, Steps, Wanted
from scoring.engine.mapping import QuantileMapping

WINDOW = 28
HALF_LIVES = {"daily_3d": 3.0, "daily_4d": 4.0}  # days, by arm


def weeks_of(steps: Steps, plan: Plan, tenant: Tenant, served: lake.Served) -> Iterator[tuple[str, Week]]:
    """Each week of a tenant by each arm; `served`: what the new model's probability of its events was."""
    for number, (first, end) in enumerate(plan.weeks()):
        days = range(first, end)
        fitted = steps.fit([each for day in days for each in _wanted(steps, tenant, day)])
        for arm in HALF_LIVES:
            yield arm, _week(steps, tenant, arm, number, days, fitted, served)


def _wanted(steps: Steps, tenant: Tenant, day: int) -> Iterator[Wanted]:
    for arm, half_life in HALF_LIVES.items():
        yield steps.recorded(tenant, f"{arm} {day}", "new", day - WINDOW, day, half_life)


def _week(steps: Steps, tenant: Tenant, arm: str, number: int, days: range, fitted: Fits, served: lake.Served) -> Week:
    probabilities, scores, worth = [], [], []
    for day in days:
        rows = steps.data.rows(tenant.place, day, day + 1)
        own = served.probability[np.searchsorted(served.ids, steps.data.ids[rows])]
        transform = steps.setup.console.get(
            f"tenants/{tenant.slug}/transforms/{fitted[tenant.slug, f'{arm} {day}'].transform}"
        )
        probabilities.append(own)
        scores.append(QuantileMapping(tuple(transform["x"]), tuple(transform["y"])).many(own))
        worth.append(transform["report"]["effective"])
    return Week(
        tenant=tenant.slug,
        number=number,
        transform=None,
        n_fit=round(float(np.median(worth))),
        probability=np.concatenate(probabilities),
        score=np.concatenate(scores),
        label=steps.data.label[steps.data.rows(tenant.place, days[0], days[-1] + 1)],
    )
