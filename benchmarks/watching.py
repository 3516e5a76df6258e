"""What it costs to look at many tenants every hour, in processor time, as a share of one core.

    python benchmarks/watching.py [--tenants 300] [--hours 2] [--json OUT]

A Postgres and a Valkey of the benchmark's own, in a temporary folder, get as many tenants of 1,600 events a day and of
30 features (benchmarks/watching_world.py). Then hours pass: the periodic tasks order looks and judge incidents, twelve
times an hour as they are due, and each look is done by the task that a worker runs. Counted is the processor time of
this process, which is worker and scheduler at once, and of all processes of Postgres. Not counted are the event
consumer, which counts hours beside its other work, and what Celery takes to hand a message over.

The first look of a day makes anew what the weeks before tell, and reads labels; the others do not. So an hour of each
sort is told, and the mean of a day's 24.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil

# In place of this folder, whose modules have names that libraries have too.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

WANTED, OF_TENANTS = 0.02, 300  # share of a core at most, for so many
_A_DAY, _AN_HOUR = 24, 3_600.0
_DUE = 12  # times an hour that the periodic tasks run


@dataclass(frozen=True)
class Cost:
    """Seconds of processor time that one hour took."""

    worker: float
    postgres: float

    @property
    def both(self) -> float:
        return self.worker + self.postgres


@dataclass(frozen=True)
class Found:
    """What hours of so many `tenants` took: the `first` of a day, and `others` in the mean; `incidents` were opened."""

    tenants: int
    first: Cost
    others: Cost
    incidents: int = 0

    @property
    def mean(self) -> Cost:
        """Of a day's hours."""
        first, others = asdict(self.first), asdict(self.others)
        return Cost(**{name: (first[name] + (_A_DAY - 1) * others[name]) / _A_DAY for name in first})

    @property
    def share(self) -> float:
        """Of one core, for OF_TENANTS."""
        return self.mean.both / _AN_HOUR * OF_TENANTS / self.tenants

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"mean": asdict(self.mean), "share_of_a_core_for_300": self.share}

    def as_text(self) -> str:
        rows = {"the first hour of a day": self.first, "every other hour": self.others, "the mean of a day": self.mean}
        lines = [f"| {name} | {each.worker:.1f} | {each.postgres:.1f} | {1000 * each.both / self.tenants:.0f} |"
                 for name, each in rows.items()]  # fmt: skip
        head = f"| an hour's looks at {self.tenants:,} tenants | worker, s | Postgres, s | both, ms a look |"
        told = f"{self.share:.2%} of a core for {OF_TENANTS} tenants, {WANTED:.0%} wanted at most"
        return "\n".join([head, "| --- | --- | --- | --- |", *lines, f"\n{told}; {self.incidents} incidents opened"])


def main() -> None:
    options = _options()
    with _servers() as postgres:
        found = _measured(options, postgres)
    if options.json:
        options.json.write_text(json.dumps(found.as_json(), indent=1))
    print(f"\n{found.as_text()}")
    sys.exit("missed" if found.share > WANTED else None)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenants", type=int, default=OF_TENANTS)
    parser.add_argument("--hours", type=int, default=2, help="that are counted, after the first of a day")
    parser.add_argument("--events", type=int, default=1_600, help="of each tenant a day")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures there, too")
    return parser.parse_args()


@contextmanager
def _servers() -> Iterator[psutil.Process]:
    """A database that is migrated, and a broker; Django is set up with them."""
    from muse_site.embedded import Postgres, Valkey, remove_run_directory

    with tempfile.TemporaryDirectory(prefix="muse-benchmark-") as folder:
        postgres, valkey = Postgres(Path(folder)), Valkey(Path(folder), ephemeral=True)
        try:
            postgres.start()
            valkey.start()
            _configure(folder, postgres.app_url, postgres.owner_url, valkey.url)
            yield psutil.Process(int((postgres.cluster / "postmaster.pid").read_text().split()[0]))
        finally:
            valkey.stop()
            postgres.stop()
            remove_run_directory(Path(folder))


def _configure(folder: str, app_url: str, owner_url: str, broker: str) -> None:
    import django
    from django.core.management import call_command

    os.environ.update(MUSE_DATA=folder, DATABASE_URL=app_url, DATABASE_OWNER_URL=owner_url, REDIS_URL=broker)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "muse_site.settings")
    django.setup()
    call_command("migrate", database="owner", interactive=False, verbosity=0)


def _measured(options: argparse.Namespace, postgres: psutil.Process) -> Found:
    from benchmarks.watching_world import MIDNIGHT, Size, copy_monitor, fill

    served = fill(Size(options.tenants, options.events))
    _look(served[0].tenant, MIDNIGHT)  # of the day before
    copy_monitor(served)
    _analyse()
    _say(f"{len(served)} tenants are made")
    first, *others = [
        _hour(postgres, MIDNIGHT + timedelta(hours=1 + hour), len(served)) for hour in range(options.hours + 1)
    ]
    return Found(len(served), first, _mean(others), _incidents())


def _look(tenant: int, until: Any) -> None:
    from models_app.monitors.models import Look
    from models_app.tasks import run_work
    from tenants.models import Intent
    from tenants.scope import tenant_scope

    with tenant_scope(tenant):
        look = Look.objects.create(tenant_id=tenant, intent=Intent.objects.get(tenant_id=tenant), until=until)
    run_work(*look.arguments)


def _hour(postgres: psutil.Process, until: Any, tenants: int) -> Cost:
    """What the hour up to then takes: its looks, and the periodic tasks as often as they are due."""
    from models_app.monitors.models import Look
    from models_app.monitors.order import SETTLED, order_looks
    from models_app.monitors.over_intents import judge_incidents
    from models_app.tasks import run_work
    from tenants.scope import platform_scope

    before = _seconds(postgres)
    ordered = sum(order_looks(now=until + SETTLED) for _ in range(_DUE))
    with platform_scope():
        looks = list(Look.objects.filter(until=until))
    for look in looks:
        run_work(*look.arguments)
    for _ in range(_DUE):
        judge_incidents(now=until + SETTLED)
    after = _seconds(postgres)
    with platform_scope():
        done = Look.objects.filter(until=until, state=Look.State.SUCCEEDED).count()
    assert ordered == done == tenants, f"{ordered} looks were ordered and {done} done, at {tenants} tenants"
    cost = Cost(after.worker - before.worker, after.postgres - before.postgres)
    _say(f"the hour up to {until:%H:%M}: {cost.worker:.1f} s of the worker, {cost.postgres:.1f} s of Postgres")
    return cost


def _seconds(postgres: psutil.Process) -> Cost:
    """Processor time so far: of this process, and of Postgres with all that it has started."""
    times = [each.cpu_times() for each in (postgres, *postgres.children(recursive=True))]
    ended = times[0].children_user + times[0].children_system
    return Cost(time.process_time(), ended + sum(each.user + each.system for each in times))


def _mean(costs: Sequence[Cost]) -> Cost:
    return Cost(*(sum(getattr(each, name) for each in costs) / len(costs) for name in ("worker", "postgres")))


def _incidents() -> int:
    from models_app.incidents.models import Incident
    from tenants.scope import platform_scope

    with platform_scope():
        return Incident.objects.count()


def _analyse() -> None:
    """Analyse the tables, as autovacuum would have done by then."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")


_BEGAN = time.monotonic()


def _say(text: str) -> None:
    print(f"{time.monotonic() - _BEGAN:6.1f} s  {text}", flush=True)


if __name__ == "__main__":
    main()
