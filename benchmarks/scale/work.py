"""Long work on many recorded events, by the product as its users have it done: over REST, by Celery workers."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from benchmarks import fleet
from benchmarks.fleet import NEW, OLD, People, Tenant
from benchmarks.roles import forget_peaks, peak_mib, processor_seconds
from benchmarks.scale.alone import Took
from benchmarks.scale.lake import DAYS, Wanted
from muse_site.demo.profiles import INTENT
from muse_site.driving.client import Json, path_of
from muse_site.driving.running import ROOT

_WAIT = 1_800.0


@dataclass(frozen=True)
class Cost:
    """What one piece of work took, all its processes together, and the MiB that the largest of them ever held."""

    took: Took
    peak_mib: float


@dataclass(frozen=True)
class Product:
    """A product that runs, its data folder, tenants, predictors by model, and the reference."""

    data: Path
    people: People
    tenants: list[Tenant]
    predictors: dict[str, str]
    reference: str

    def record(self, tenant: Tenant, events: int, *, shadow: bool = False, repeated: bool = False) -> Path:
        """Give a tenant so many recorded events, with the new model's answers as a shadow or not; its event table.

        `repeated` as Wanted has it.
        """
        admin = self.people.admin
        live = next(admin.pages(f"tenants/{tenant.slug}/transforms"))["id"]
        number = admin.get(f"tenants/{tenant.slug}")["id"]
        wanted = Wanted(number, INTENT, events, self.predictors[OLD], live, repeated=repeated)
        if shadow:
            beside = fleet.default_transform(admin, tenant, self.predictors[NEW], self.reference)
            wanted = replace(wanted, shadow=self.predictors[NEW], shadow_transform=beside)
        env = {**os.environ, "MUSE_DATA": str(self.data), "DJANGO_SETTINGS_MODULE": "muse_site.settings"}
        argv = [sys.executable, "-m", "benchmarks.scale.lake", json.dumps(asdict(wanted))]
        subprocess.run(argv, cwd=ROOT, env=env, check=True)
        return self.data / "lake" / str(number) / INTENT / "events"

    def fit(self, tenant: Tenant) -> Cost:
        """A fit on all recorded events of the live predictor."""
        with self._measured() as before:
            source = {"kind": "recorded", "days": DAYS + 1.0}
            asked = self.people.admin.fit(tenant.slug, INTENT, self.predictors[OLD], self.reference, source)
            done = self.people.admin.wait_for_fit(tenant.slug, asked, _WAIT)
        return self._cost(done, before)

    def workers(self, change: str) -> None:
        """Have one Celery worker less (`pool_shrink`), or one more (`pool_grow`)."""
        env = {**os.environ, "MUSE_DATA": str(self.data), **fleet.OWN_SERVICES}
        argv = [sys.executable, "-m", "celery", "-A", "muse_site", "control", "--timeout", "10", change, "1"]
        subprocess.run(argv, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)

    def propose(self, tenant: Tenant) -> Json:
        """A change request that has the shadow answer."""
        shadow = next(self.people.admin.pages(f"tenants/{tenant.slug}/transforms"))
        live = {"predictor": self.predictors[NEW], "transform": shadow["id"]}
        routes = {INTENT: [{"name": "all", "live": live}]}
        change = self.people.analyst.propose_change(tenant.slug, "The new model", "it finds more fraud", routes)
        self.people.analyst.wait_for_evidence(change, _WAIT)
        return change

    def evidence(self, change: Json) -> Cost:
        """Its evidence, on all recorded events."""
        with self._measured() as before:
            self.people.analyst.post(f"{path_of(change)}/evidence", {"days": DAYS + 1.0})
            done = self.people.analyst.wait_for_evidence(change, _WAIT)
        return self._cost(done, before)

    @contextmanager
    def _measured(self) -> Iterator[float]:
        forget_peaks(self.data, "worker")
        yield processor_seconds(self.data)["worker"]

    def _cost(self, done: Json, before: float) -> Cost:
        began, ended = (datetime.fromisoformat(done[name]) for name in ("started_at", "finished_at"))
        used = processor_seconds(self.data)["worker"] - before
        return Cost(Took((ended - began).total_seconds(), used), peak_mib(self.data, "worker"))


@contextmanager
def product(tenants: int, env: Mapping[str, str] | None = None) -> Iterator[Product]:
    """A product with so many tenants and these settings, which lives as long as the block."""
    with tempfile.TemporaryDirectory(prefix="muse-scale-") as folder:
        data = Path(folder) / "data"
        with fleet.product_in(data, Path(folder) / "log", env) as (people, scoring):
            made, predictors, reference = fleet.set_up(people, scoring, tenants, print)
            yield Product(data, people, made, predictors, reference)
