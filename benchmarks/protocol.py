"""The benchmark's course, through the running product: a month to fit on, then week by week.

Everything that is compared is served side by side on the same events: what is refitted on 14 days answers, the other
arms are its shadows. So the figures are of what the product recorded, not of what this program computed.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks import daily, lake
from benchmarks.forecasts import Forecast, read_forecasts
from benchmarks.measures import Week
from benchmarks.plan import Plan
from benchmarks.product import Tenant
from benchmarks.report import LIVE
from benchmarks.steps import Fits, Steps
from muse_site.driving.client import Json

WINDOWS = {"weekly_7d": 7, "weekly_14d": 14, "weekly_28d": 28}
ARMS = ("old", "swap", "once", *WINDOWS)


class NotAsSent(ValueError):
    """The event tables do not hold exactly what was sent and answered."""


@dataclass
class Course:
    """One run of the protocol.

    `fitted`: for each week the transforms by tenant and arm. `forecasts`: of the weeks' alert rates, as the evidence
    said before.
    """

    steps: Steps
    plan: Plan
    say: Callable[[str], None]
    fitted: list[Fits] = field(default_factory=list)
    forecasts: list[Forecast] = field(default_factory=list)

    def run(self) -> dict[str, list[Week]]:
        """Everything; the weeks of each arm."""
        old = self._fitting_month()
        fixed = self._fixed_arms(old)
        for number, (first, end) in enumerate(self.plan.weeks()):
            began = time.monotonic()
            self._week(number, first, end, fixed)
            self.say(f"week {number + 1} of {len(self.plan.weeks())} is scored ({time.monotonic() - began:.0f} s)")
        return self._collected()

    def daily(self) -> dict[str, list[Week]]:
        """The weeks of the arms that are refitted every day, once all events are recorded."""
        collected: dict[str, list[Week]] = {arm: [] for arm in daily.HALF_LIVES}
        for tenant in self._tenants:
            for arm, week in daily.weeks_of(self.steps, self.plan, tenant, self._recorded(tenant)):
                collected[arm].append(week)
            self.say(f"{tenant.slug} is refitted for every day")
        return collected

    def _fitting_month(self) -> dict[str, int]:
        """Score the month before on default transforms, the new model as a shadow of the old one.

        Returns the old model's transform by tenant.
        """
        targets = {
            tenant.slug: (self.steps.default_target(tenant, "old"), [self.steps.default_target(tenant, "new")])
            for tenant in self._tenants
        }
        self.steps.publish(targets, "cold start")
        self.steps.score(self.plan.fit, self.plan.score)
        self.say("the month to fit on is scored")
        return {slug: live["transform"] for slug, (live, _) in targets.items()}

    def _fixed_arms(self, old: dict[str, int]) -> Fits:
        """The arms that are fitted once, on the month before; `swap` is the new model with the old one's mapping."""
        wanted, days = [], (self.plan.fit, self.plan.score)
        for tenant in self._tenants:
            probability = lake.read(tenant.table)[old[tenant.slug]].probability
            wanted += [
                self.steps.recorded(tenant, "old", "old", *days),
                self.steps.uploaded(tenant, "swap", "new", *days, probability),
                self.steps.recorded(tenant, "once", "new", *days),
            ]
        return self.steps.fit(wanted)

    def _week(self, number: int, first: int, end: int, fixed: Fits) -> None:
        wanted = [
            self.steps.recorded(tenant, arm, "new", first - days, first)
            for tenant in self._tenants
            for arm, days in WINDOWS.items()
        ]
        fitted = fixed | self.steps.fit(wanted)
        self.fitted.append(fitted)
        targets = {each.slug: self._targets(each, fitted) for each in self._tenants}
        window = {"as_of": self.steps.data.time_of(first), "days": WINDOWS[LIVE]}
        evidence = self.steps.publish(targets, f"week {number + 1}", window)
        for slug, found in evidence.items():
            self.forecasts += read_forecasts(slug, number, found)
        self.steps.score(first, end)

    def _targets(self, tenant: Tenant, fitted: Fits) -> tuple[Json, list[Json]]:
        targets = {
            arm: self.steps.target("old" if arm == "old" else "new", fitted[tenant.slug, arm].transform) for arm in ARMS
        }
        return targets.pop(LIVE), list(targets.values())

    @property
    def _tenants(self) -> list[Tenant]:
        return self.steps.setup.tenants

    def _collected(self) -> dict[str, list[Week]]:
        collected: dict[str, list[Week]] = {arm: [] for arm in ARMS}
        for tenant in self._tenants:
            served = lake.read(tenant.table)
            for number, (first, end) in enumerate(self.plan.weeks()):
                rows = self.steps.data.rows(tenant.place, first, end)
                for arm in ARMS:
                    collected[arm].append(self._collect(tenant, arm, number, rows, served))
                self._check_answers(tenant, collected[LIVE][-1], rows)
        return collected

    def _collect(
        self, tenant: Tenant, arm: str, number: int, rows: NDArray[np.int64], served: dict[int, lake.Served]
    ) -> Week:
        data, fitted = self.steps.data, self.fitted[number][tenant.slug, arm]
        found = served[fitted.transform]
        places = np.searchsorted(found.ids, data.ids[rows])
        doubles = np.any(np.diff(found.ids) == 0)
        others = arm in WINDOWS and len(found.ids) != len(rows)
        if doubles or others or not np.array_equal(found.ids.take(places, mode="clip"), data.ids[rows]):
            raise NotAsSent(f"{tenant.slug}, week {number + 1}, {arm}: events are missing, double or not of this week")
        return Week(
            tenant=tenant.slug,
            number=number,
            transform=fitted.transform,
            n_fit=fitted.n,
            probability=found.probability[places],
            score=found.score[places],
            label=data.label[rows],
        )

    def _recorded(self, tenant: Tenant) -> lake.Served:
        """What the new model gave the tenant's events of all judged weeks."""
        served = lake.read(tenant.table)
        found = [served[fitted[tenant.slug, LIVE].transform] for fitted in self.fitted]
        ids, probability = (np.concatenate([getattr(each, name) for each in found]) for name in ("ids", "probability"))
        order = np.argsort(ids)
        return lake.Served(ids[order], probability[order], np.empty(0))

    def _check_answers(self, tenant: Tenant, live: Week, rows: NDArray[np.int64]) -> None:
        """What clients were answered is what is recorded, bit for bit."""
        answers = self.steps.answers[tenant.slug]
        recorded = zip(live.probability.tolist(), live.score.tolist(), strict=True)
        for number, pair in zip(self.steps.data.ids[rows].tolist(), recorded, strict=True):
            if answers[number] != pair:
                raise NotAsSent(f"{tenant.slug}, event {number}: answered {answers[number]}, recorded {pair}")
