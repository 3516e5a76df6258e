"""What a load needs, by arithmetic from measured costs: each formula is one line, and none knows a machine."""

from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

YEAR = 365.25 * 86_400.0  # seconds
DAY = 86_400.0
MONTH = YEAR / 12
MIB = 1024.0**2


@dataclass(frozen=True)
class Costs:
    """What one event takes, as measured: microseconds of processor time, and bytes.

    `scoring_us` and `database_us`: of one event over REST, and what the databases do meanwhile. `consumer_us` and
    `lake_bytes`: of an event without shadows; `consumer_shadow_us` and `lake_shadow_bytes`: what each shadow adds.
    `fit_us`: of a recorded event that a fit reads. `scoring_mib`, `consumer_mib`, `worker_mib`: memory of a process.
    """

    scoring_us: float
    database_us: float
    consumer_us: float
    consumer_shadow_us: float
    lake_bytes: float
    lake_shadow_bytes: float
    fit_us: float
    scoring_mib: float
    consumer_mib: float
    worker_mib: float

    def as_json(self) -> dict[str, float]:
        return {name: float(value) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Load:
    """What is asked of the product.

    `peak`: the busiest time of a day against its mean. `refit_days`: the window of a nightly refit, of each intent's
    live route; `night_hours`: how long all of them may take. `busy`: the share of a core that may be used at the peak,
    so that latencies stay. `file_mib`: the size that the lake's files are compacted to.
    """

    events_a_year: float = 55e9
    peak: float = 5.0
    tenants: int = 300
    shadows: int = 3
    retention_months: float = 13.0
    refit_days: float = 28.0
    night_hours: float = 6.0
    busy: float = 0.6
    file_mib: float = 256.0
    money_a_core_hour: float = 0.04

    @property
    def mean_rate(self) -> float:
        """Events a second over a year."""
        return self.events_a_year / YEAR

    @property
    def peak_rate(self) -> float:
        return self.mean_rate * self.peak


@dataclass(frozen=True)
class Needs:
    """Processes that use one core each, cores used at the peak (not those that stand ready), memory, lake and money."""

    scoring_processes: int
    consumers: int
    celery_processes: int
    database_cores: float
    used_cores: float
    cores: int
    memory_gib: float
    lake_tib: float
    lake_files: int
    money_a_million: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def needs(load: Load, costs: Costs) -> Needs:
    """Return what this load needs, where each cost grows with the number of events and nothing else."""
    consumer_us = costs.consumer_us + load.shadows * costs.consumer_shadow_us
    event_bytes = costs.lake_bytes + load.shadows * costs.lake_shadow_bytes
    used = {name: load.peak_rate * us / 1e6 for name, us in
            {"scoring": costs.scoring_us, "consumer": consumer_us, "database": costs.database_us}.items()}  # fmt: skip
    scoring, consumers = (ceil(used[name] / load.busy) for name in ("scoring", "consumer"))
    celery = ceil(load.mean_rate * DAY * load.refit_days * costs.fit_us / 1e6 / (load.night_hours * 3_600))
    cores = scoring + consumers + celery + ceil(used["database"] / load.busy)
    memory = scoring * costs.scoring_mib + consumers * costs.consumer_mib + celery * costs.worker_mib
    lake = load.mean_rate * load.retention_months * MONTH * event_bytes
    a_day = load.mean_rate * DAY * event_bytes / load.tenants  # each tenant's day is at least a file
    return Needs(
        scoring_processes=scoring,
        consumers=consumers,
        celery_processes=celery,
        database_cores=used["database"] / load.busy,
        used_cores=sum(used.values()),
        cores=cores,
        memory_gib=memory / 1024,
        lake_tib=lake / MIB**2,
        lake_files=ceil(load.retention_months * MONTH / DAY) * load.tenants * ceil(a_day / (load.file_mib * MIB)),
        money_a_million=cores * load.money_a_core_hour / 3_600 / load.mean_rate * 1e6,
    )
