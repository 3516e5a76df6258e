"""What events cost on this machine: processor time by role, memory, and bytes in the lake, of a product that runs."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import fleet
from benchmarks.capacity_needs import Costs
from benchmarks.fleet import NEW, OLD, People, Tenant
from benchmarks.requests import Traffic
from benchmarks.roles import processor_seconds, resident_mib
from muse_site.demo.profiles import INTENT
from muse_site.driving.client import Json

_AHEAD = 5.0  # seconds
_RECORDED = 40_000  # events, for the fit
_SELDOM = 10.0  # events a second, of which a commit has few


@dataclass(frozen=True)
class Used:
    """What one run under traffic used: seconds of processor time by role, and what the lake grew by.

    `events` and `commits` are how many there were, `took` is in seconds.
    """

    events: int
    seconds: dict[str, float]
    lake_bytes: int
    commits: int
    took: float

    def us(self, role: str) -> float:
        """Microseconds of processor time an event."""
        return 1e6 * self.seconds.get(role, 0.0) / self.events

    @property
    def cores(self) -> float:
        """Cores in use on average, by those roles that grow with events."""
        return sum(self.seconds.get(role, 0.0) for role in ("scoring", "consumer", "database")) / self.took


@dataclass(frozen=True)
class Bench:
    """A product with one tenant, whose data are in `data`."""

    data: Path
    people: People
    tenant: Tenant
    predictors: dict[str, str]
    reference: str

    def serve(self, shadows: int) -> None:
        """Serve the old model, with so many shadows of the new one, each of a transform of its own."""
        live = self._target(OLD)
        routes = {INTENT: [{"name": "all", "live": live, "shadows": [self._target(NEW) for _ in range(shadows)]}]}
        body = {"reason": f"{shadows} shadows", "routes": routes}
        release = self.people.admin.post(f"tenants/{self.tenant.slug}/releases", body)
        self.people.admin.wait_until_served({self.tenant.slug: int(release["number"])}, 60.0)

    def run(self, per_second: float, seconds: float) -> Used:
        """Score single events over REST at this rate, open loop, until all of them are in the lake.

        A few go ahead, so that what is loaded once counts for none.
        """
        with Traffic([self.tenant], per_second):
            time.sleep(_AHEAD)
        self.people.admin.wait_until_kept(600.0)
        idle = self._idle()
        began, before = time.monotonic(), processor_seconds(self.data)
        lake, commits = self._lake(), self._commits()
        with Traffic([self.tenant], per_second) as traffic:
            time.sleep(seconds)
        self.people.admin.wait_until_kept(600.0)
        took = time.monotonic() - began
        if traffic.failed:
            raise RuntimeError(f"{len(traffic.failed)} requests failed; the first: {traffic.failed[0]}")
        after = processor_seconds(self.data)
        used = {role: max(0.0, after[role] - before[role] - idle[role] * took) for role in after}
        return Used(len(traffic.seconds), used, self._lake() - lake, self._commits() - commits, took)

    def fit_us(self) -> float:
        """Microseconds of processor time of Celery for each recorded event that a fit reads."""
        fleet.record(self.people, [self.tenant], _RECORDED, lambda _: None)
        before = processor_seconds(self.data)["worker"]
        source = {"kind": "recorded", "days": 14}
        admin = self.people.admin
        request = admin.fit(self.tenant.slug, INTENT, self.predictors[OLD], self.reference, source)
        done = admin.wait_for_fit(self.tenant.slug, request, 600.0)
        used = processor_seconds(self.data)["worker"] - before
        fitted = admin.get(f"tenants/{self.tenant.slug}/transforms/{done['transform']}")
        return 1e6 * used / int(fitted["report"]["n"])

    def merge_us(self) -> float:
        """Microseconds of processor time for each event that is written again when small files are merged."""
        seconds, events = fleet.manage(self.data, "shell", "--no-imports", "-c", _MERGE).split()[-2:]
        return 1e6 * float(seconds) / int(events)

    def _target(self, model: str) -> Json:
        predictor = self.predictors[model]
        transform = fleet.default_transform(self.people.admin, self.tenant, predictor, self.reference)
        return {"predictor": predictor, "transform": transform}

    def _idle(self, seconds: float = 10.0) -> dict[str, float]:
        """Seconds of processor time a second that each role takes with nothing to do."""
        before = processor_seconds(self.data)
        time.sleep(seconds)
        return {role: (value - before[role]) / seconds for role, value in processor_seconds(self.data).items()}

    def _lake(self) -> int:
        return sum(file.stat().st_size for file in (self.data / "lake").rglob("*.parquet"))

    def _commits(self) -> int:
        return sum(1 for _ in (self.data / "lake").glob("*/*/events/_delta_log/*.json"))


# Today's events are in many small files, as they were committed.
_MERGE = """
import time
from datetime import UTC, date, datetime, timedelta
from scoring.lake import delta, reading, upkeep
name, = delta.table_names(("events",))
today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
events = reading.count_events(name.tenant, name.intent, today, today + timedelta(days=1))
began = time.process_time()
upkeep.compact(name, window=timedelta(hours=1))
print(time.process_time() - began, events)
"""


def of_events_and_commits(runs: Sequence[Used]) -> tuple[float, float]:
    """Microseconds of a consumer for an event and for a commit, from two runs that differ in events a commit."""
    had = np.array([(run.events, run.commits) for run in runs], dtype=float)
    event, commit = np.linalg.solve(had, [1e6 * run.seconds.get("consumer", 0.0) for run in runs])
    return max(0.0, float(event)), max(0.0, float(commit))


@contextmanager
def bench() -> Iterator[Bench]:
    """A product that lives as long as the block."""
    with tempfile.TemporaryDirectory(prefix="muse-capacity-") as folder:
        data = Path(folder) / "data"
        with fleet.product_in(data, Path(folder) / "log") as (people, scoring):
            tenants, predictors, reference = fleet.set_up(people, scoring, 1, print)
            yield Bench(data, people, tenants[0], predictors, reference)


def measured(of: Bench, per_second: float, seconds: float) -> Costs:
    """All costs, at this rate of single events with one shadow and with none, and at a low rate."""
    memory = resident_mib(of.data)
    seldom, without = of.run(_SELDOM, seconds), of.run(per_second, seconds)
    event_us, commit_us = of_events_and_commits([seldom, without])
    of.serve(shadows=1)
    beside = of.run(per_second, seconds)
    return Costs(
        scoring_us=without.us("scoring"),
        database_us=without.us("database"),
        consumer_us=event_us,
        consumer_shadow_us=max(0.0, beside.us("consumer") - without.us("consumer")),
        commit_us=commit_us,
        lake_bytes=without.lake_bytes / without.events,
        lake_shadow_bytes=max(0.0, beside.lake_bytes / beside.events - without.lake_bytes / without.events),
        merge_us=of.merge_us(),
        fit_us=of.fit_us(),
        scoring_mib=memory["scoring"],
        consumer_mib=memory["consumer"],
        worker_mib=memory["worker"],
    )
