"""What a load needs, and what events were measured to cost, as tables and as a page of the documentation."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.capacity_needs import Costs, Load, Needs, needs
from models_app.statistics.in_words import percent

_HEAD = """\
# What a load needs

Processor time of an event, as the product took it on one machine with two cores, multiplied to a load that no machine
here could bear: {events:,.0f} events a year, {mean:,.0f} a second, {peak:,.0f} at the daily peak ({times:g} times the
mean); {tenants} tenants with {shadows} shadows each; events kept for {months:g} months.
"""
_NOTES = """\
Costs grow with events, but for those of commits: each consumer writes to each tenant's table every {flush:g} seconds,
whatever is in it, so commits grow with consumers times tenants. An event that comes alone costs scoring more than one
of many, for each wakes a process; [at full load](performance.md) it takes about a third of what was measured here.
One machine does not tell what a network adds, what an object store charges for so many requests, what a second copy
of each database takes. No machine is reckoned to fail: take one more than you need.

Not in the memory: models and releases, about 6 times the size of the model files that a process serves. The lake's size
goes by the features that are kept; the measured events have {features}, all of them kept. The shadows of the
measurement are one model more, with transforms of their own.

With another load, or what events cost on your machine:

    python benchmarks/capacity.py --events-a-year 1e9 --tenants 20 --shadows 1
    python benchmarks/capacity.py --measure --check 50 --report docs/capacity.md
"""
_COSTS = {
    "scoring_us": "scoring, an event over REST, µs of a core",
    "database_us": "Postgres and Valkey meanwhile, an event, µs",
    "consumer_us": "event consumer, an event, µs",
    "consumer_shadow_us": "the same for each shadow, µs",
    "commit_us": "event consumer, a commit to a table, µs",
    "fit_us": "Celery, an event that a fit reads, µs",
    "merge_us": "Celery, an event written again while files are merged, µs",
    "lake_bytes": "lake, an event, bytes",
    "lake_shadow_bytes": "the same for each shadow, bytes",
    "scoring_mib": "memory of a scoring process, MiB",
    "consumer_mib": "memory of an event consumer, MiB",
    "worker_mib": "memory of a Celery process, MiB",
}


@dataclass(frozen=True)
class Check:
    """Cores in use at a part of the peak: `came` is events a second, `measured` and `foretold` are cores."""

    part: float
    came: float
    measured: float
    foretold: float

    def __str__(self) -> str:
        return (
            f"Run at a {self.part:g}th of the peak ({self.came:,.0f} events a second, with shadows), scoring, consumer "
            f"and databases took {self.measured:.3f} cores; foretold were {self.foretold:.3f}, a ratio of "
            f"{self.measured / self.foretold:.2f}."
        )


def page(load: Load, costs: Costs, check: Check | None) -> str:
    """The page of the documentation."""
    from muse_site.demo.profiles import FEATURES

    head = _HEAD.format(
        events=load.events_a_year, mean=load.mean_rate, peak=load.peak_rate, times=load.peak, tenants=load.tenants,
        shadows=load.shadows, months=load.retention_months,
    )  # fmt: skip
    notes = _NOTES.format(flush=load.flush_seconds, features=len(FEATURES))
    return "\n".join([head, tables(load, costs, check), "", notes])


def tables(load: Load, costs: Costs, check: Check | None) -> str:
    """What is needed, what it was multiplied from, and what a run at a part of the load has shown."""
    values = costs.as_json()
    parts = [
        _table("needed", _needed(load, needs(load, costs))),
        _table("measured", {title: f"{values[name]:,.1f}" for name, title in _COSTS.items()}),
    ]
    return "\n\n".join([*parts, str(check)] if check else parts)


def _needed(load: Load, found: Needs) -> dict[str, str]:
    return {
        "scoring processes": f"{found.scoring_processes:,}",
        "event consumers, a core each": f"{found.consumers:,}",
        f"Celery processes: refits on {load.refit_days:g} days in nights of {load.night_hours:g} hours, merging files":
            f"{found.celery_processes:,}",
        "cores of Postgres and Valkey": f"{found.database_cores:,.1f}",
        f"**cores in all**, {percent(load.busy)} busy at the peak": f"**{found.cores:,}**",
        "memory of scoring, consumers and Celery": f"{found.memory_gib:,.1f} GiB",
        "lake": f"{found.lake_tib:,.1f} TiB",
        f"its files, merged to {load.file_mib:g} MiB": f"{found.lake_files:,}",
        f"commits a day, each table's every {load.flush_seconds:g} s": f"{found.commits_a_day:,.0f}",
        f"money a million events, at {load.money_a_core_hour:g} a core hour": f"{found.money_a_million:.4f}",
    }  # fmt: skip


def _table(title: str, rows: Mapping[str, str]) -> str:
    return "\n".join([f"| {title} | |", "| --- | ---: |", *(f"| {name} | {value} |" for name, value in rows.items())])
