"""The arm `self`: a product that is left to itself, on standing approvals and on the file's own clock.

A month is scored and fitted on as in the other arms; two people set up how each intent is refreshed, and approve bounds
for it. From then on this process is the whole product, hour after hour: it scores what came, writes it to the lake,
calls each task that Celery's beat has when it is due, and does what these have asked for, as workers do. Services,
lake, fits, evidence, gates and monitors are the product's own; nothing but the clock is the benchmark's.

The file is moved by whole days, so that its judged weeks begin today: what is made before, is made earlier.
"""

import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import lake
from benchmarks.events import DAY, Events
from benchmarks.measures import AtEdge, Edge, Week, measure
from benchmarks.models import Trained
from benchmarks.own_clock import Clock, told_by
from benchmarks.plan import Plan
from benchmarks.product import INTENT, Setup, Tenant, product_in, set_up
from benchmarks.protocol import NotAsSent
from benchmarks.steps import Steps, Targets
from muse_site.embedded import Postgres, Valkey

ARM = "self"
WINDOW, HALF_LIFE = 28.0, 4.0  # days
# That any declared alert rate, or any score, may move by in a refresh that goes live by itself.
RATE_TOLERANCE, MAPPING_TOLERANCE = 0.5, 0.2
# By how much the tenants' review policy lets alert rates be off their targets, by alert rate: about twice the
# half-width that the 95 % intervals of evidence have here. Less can hardly be shown of so few events.
TOLERANCES = {"0.1": 0.2, "0.05": 0.25, "0.01": 0.5, "0.005": 0.7, "0.001": 1.0}
# That they may move by in a refresh, and be off by in evidence, whatever the share is: it counts at 0.1 % alone, where
# 1.6 alerts a day are expected. Two weeks of them leave an interval that reaches over three times the target.
ALERTS_A_DAY, ALERTS_A_DAY_OFF = 3.0, 5.0
_COMMON = 0.005  # alert rates from which on weeks are judged together
_A_BEAT = timedelta(minutes=5)  # after the hour


@dataclass
class Found:
    """The weeks, how refreshes ended and why no more came of them, and what incidents were opened."""

    outcomes: Counter[str]
    refused: Counter[str]
    incidents: Counter[str]
    weeks: list[Week] = field(default_factory=list)

    def as_text(self) -> str:
        """In sentences, for who reads the table."""
        refused = "\n".join(f"  {count} × {why}" for why, count in self.refused.most_common(8))
        return (
            f"Left to itself: refreshes ended {dict(self.outcomes)}; incidents opened: {dict(self.incidents) or 'none'}"
            + (f"\n{refused}" if refused else "")
        )

    def as_json(self, edges: Sequence[Edge]) -> dict[str, Any]:
        """Errors in %, by alert rate, and what came of refreshes."""
        measured = measure(self.weeks, edges).edges
        return {
            "tenant_weeks": len(self.weeks),
            "median_to_floor": _of_common(measured),
            "edges": {name: at.figures for name, at in measured.items()},
            "refreshes": self.outcomes,
            "refused": self.refused,
            "incidents": self.incidents,
        }

    def table(self, edges: Sequence[Edge]) -> str:
        """The weeks' errors to what sampling alone causes, and those of the period, by alert rate."""
        measured = measure(self.weeks, edges).edges
        lines = ["alert rate: a week's median error to what sampling alone causes; error over the period, worst tenant"]
        lines += [f"{name:>6}: {at.to_floor:.2f}; {at.worst_period or 0.0:.1f} %" for name, at in measured.items()]
        return "\n".join([*lines, f"median from {_COMMON:.1%} up: {_of_common(measured):.2f}", self.as_text()])


def _of_common(measured: Mapping[str, AtEdge]) -> float:
    """The median, over alert rates that are common, of a week's error to what sampling alone causes."""
    return float(np.median([at.to_floor for name, at in measured.items() if float(name) >= _COMMON]))


def run(data: Events, plan: Plan, trained: Trained, edges: Sequence[Edge], say: Callable[[str], None]) -> Found:
    """All of it, in a folder of its own."""
    data = _moved(data, plan)
    with tempfile.TemporaryDirectory(prefix="muse-benchmark-") as folder:
        with product_in(Path(folder)) as doors:
            steps = Steps(set_up(doors, data, [trained], edges), data)
            _fitting_month(steps, plan)
            say("the month to fit on is scored, and a transform fitted on it answers")
        with _services(Path(folder)):
            return _left_alone(steps.setup, data, plan, edges, say)


def _moved(data: Events, plan: Plan) -> Events:
    """The judged weeks begin today."""
    begins = int(data.occurred_at[0] // DAY) + plan.score
    return replace(data, occurred_at=data.occurred_at + (int(time.time()) // 86_400 - begins) * DAY)


def _fitting_month(steps: Steps, plan: Plan) -> None:
    """The new model alone, on a default transform, and then on one of the month's events."""
    tenants = steps.setup.tenants
    steps.publish({each.slug: (steps.default_target(each, "new"), []) for each in tenants}, "cold start")
    steps.score(plan.fit, plan.score)
    first = max(plan.fit, plan.score - round(WINDOW))
    fitted = steps.fit([steps.recorded(each, ARM, "new", first, plan.score, HALF_LIFE) for each in tenants])
    targets: Targets = {each.slug: (steps.target("new", fitted[each.slug, ARM].transform), []) for each in tenants}
    steps.publish(targets, "fitted")


@contextmanager
def _services(folder: Path) -> Iterator[None]:
    """Postgres and Valkey on what the product has left, and Django on them in this process."""
    with ExitStack() as stack:
        for service in (Postgres(folder), Valkey(folder)):
            service.start()
            stack.callback(service.stop)
        os.environ.update(MUSE_DATA=str(folder), DJANGO_SETTINGS_MODULE="muse_site.settings")
        # Not this folder, whose modules have names that libraries have too.
        sys.path[:] = [each for each in sys.path if Path(each).resolve() != Path(__file__).resolve().parent]
        import django

        django.setup()
        yield


def _left_alone(setup: Setup, data: Events, plan: Plan, edges: Sequence[Edge], say: Callable[[str], None]) -> Found:
    from benchmarks.left_alone import Product

    clock = Clock(datetime.fromisoformat(data.time_of(plan.score)).astimezone(UTC))
    with told_by(clock):
        product = Product(clock)
        for tenant in setup.tenants:
            product.allow(tenant.slug)
        for day in range(plan.score, plan.end):
            for hour, rows in enumerate(_by_hour(data, setup.tenants, day)):
                _hour(product, data, day, hour, rows)
            found, gone = Found(*product.outcomes()), day + 1 - plan.score
            say(f"day {gone} of {plan.end - plan.score} is over; refreshes ended {dict(found.outcomes)}")
            if gone % 7 == 0 or day + 1 == plan.end:
                found.weeks = _weeks(setup, data, replace(plan, end=day + 1), product.effective())
                say(f"so far\n{found.table(edges)}")
    return found


def _hour(product: Any, data: Events, day: int, hour: int, rows: dict[str, Any]) -> None:
    """What is scored in an hour counts at its end; soon after, beat and workers have their turn."""
    end = datetime.fromisoformat(data.time_of(day)).astimezone(UTC) + timedelta(hours=hour + 1)
    product.clock.at = end - timedelta(milliseconds=1)
    for key, own in rows.items():
        if len(own):
            product.score(key, json.dumps({"intent": INTENT, "events": data.sent(own)}).encode())
    product.keep()
    product.clock.at = end + _A_BEAT
    product.beat(hour)


def _by_hour(data: Events, tenants: Sequence[Tenant], day: int) -> list[dict[str, Any]]:
    """For each hour of a day, its rows by tenants' keys."""
    found: list[dict[str, Any]] = [{} for _ in range(24)]
    for tenant in tenants:
        rows = data.rows(tenant.place, day, day + 1)
        hours = data.occurred_at[rows] // (DAY // 24) % 24
        for hour, own in enumerate(found):
            own[tenant.key] = rows[hours == hour]
    return found


def _weeks(setup: Setup, data: Events, plan: Plan, worth: dict[int, int]) -> list[Week]:
    return [each for tenant in setup.tenants for each in _weeks_of(tenant, data, plan, worth)]


def _weeks_of(tenant: Tenant, data: Events, plan: Plan, worth: dict[int, int]) -> Iterator[Week]:
    """What is recorded of each week. Raises NotAsSent where that is not all that was sent."""
    served = lake.read(tenant.table)
    ids = np.concatenate([each.ids for each in served.values()])
    order = np.argsort(ids)
    ids = ids[order]
    probability, score = (
        np.concatenate([getattr(each, name) for each in served.values()])[order] for name in ("probability", "score")
    )
    transform = np.concatenate([np.full(len(each.ids), pk) for pk, each in served.items()])[order]
    for number, (first, end) in enumerate(plan.weeks()):
        rows = data.rows(tenant.place, first, end)
        places = np.searchsorted(ids, data.ids[rows])
        if not np.array_equal(ids.take(places, mode="clip"), data.ids[rows]):
            raise NotAsSent(f"{tenant.slug}, week {number + 1}: events are missing")
        n_fit = round(float(np.median([worth[each] for each in transform[places].tolist()])))
        yield Week(tenant.slug, number, None, n_fit, probability[places], score[places], data.label[rows])
