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
    `commit_us`: of a consumer's commit to a table, however many events are in it. `fit_us`, `merge_us`: of a recorded
    event that a fit reads, or that is written again when files are merged. `scoring_mib`, `consumer_mib`, `worker_mib`:
    memory of a process.
    """

    scoring_us: float
    database_us: float
    consumer_us: float
    consumer_shadow_us: float
    commit_us: float
    lake_bytes: float
    lake_shadow_bytes: float
    fit_us: float
    merge_us: float
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
    so that latencies stay. `flush_seconds`: each consumer commits to each tenant's table so often. `merges`: how often
    an event is written again, on average, while the files of its day are merged hour by hour. `file_mib`: the size that
    they are merged to.
    """

    events_a_year: float = 55e9
    peak: float = 5.0
    tenants: int = 300
    shadows: int = 3
    retention_months: float = 13.0
    refit_days: float = 28.0
    night_hours: float = 6.0
    busy: float = 0.6
    flush_seconds: float = 60.0
    merges: float = 12.0
    file_mib: float = 128.0
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
    """Processes that use one core each, cores used at the peak (not those that stand ready), memory, lake and money.

    `used_cores` are those of scoring, consumers and databases. `commits_a_day`: to all tables, by all consumers.
    """

    scoring_processes: int
    consumers: int
    celery_processes: int
    database_cores: float
    used_cores: float
    cores: int
    memory_gib: float
    lake_tib: float
    lake_files: int
    commits_a_day: float
    money_a_million: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def needs(load: Load, costs: Costs) -> Needs:
    """Return what this load needs. Costs grow with events, but for those of commits, which grow with tables as well.

    Raises ValueError where commits alone would fill each consumer: then it must flush less often.
    """
    event_bytes = costs.lake_bytes + load.shadows * costs.lake_shadow_bytes
    scoring_used, database_used = (load.peak_rate * us / 1e6 for us in (costs.scoring_us, costs.database_us))
    events_used = load.peak_rate * (costs.consumer_us + load.shadows * costs.consumer_shadow_us) / 1e6
    commits_used = load.tenants / load.flush_seconds * costs.commit_us / 1e6  # of each consumer
    if commits_used >= load.busy:
        raise ValueError(f"{load.tenants} tables every {load.flush_seconds:g} s are more than a consumer can commit to")
    scoring, consumers = ceil(scoring_used / load.busy), ceil(events_used / (load.busy - commits_used))
    celery = ceil(_fit_cores(load, costs) + load.mean_rate * load.merges * costs.merge_us / 1e6)
    cores = scoring + consumers + celery + ceil(database_used / load.busy)
    memory = scoring * costs.scoring_mib + consumers * costs.consumer_mib + celery * costs.worker_mib
    return Needs(
        scoring_processes=scoring,
        consumers=consumers,
        celery_processes=celery,
        database_cores=database_used / load.busy,
        used_cores=scoring_used + database_used + events_used + consumers * commits_used,
        cores=cores,
        memory_gib=memory / 1024,
        lake_tib=load.mean_rate * load.retention_months * MONTH * event_bytes / MIB**2,
        lake_files=_files(load, event_bytes),
        commits_a_day=consumers * load.tenants * DAY / load.flush_seconds,
        money_a_million=cores * load.money_a_core_hour / 3_600 / load.mean_rate * 1e6,
    )


def _fit_cores(load: Load, costs: Costs) -> float:
    """Cores that refit every tenant within the night."""
    return load.mean_rate * DAY * load.refit_days * costs.fit_us / 1e6 / (load.night_hours * 3_600)


def _files(load: Load, event_bytes: float) -> int:
    """Files after merging: each tenant's day is at least one."""
    a_day = load.mean_rate * DAY * event_bytes / load.tenants
    return ceil(load.retention_months * MONTH / DAY) * load.tenants * ceil(a_day / (load.file_mib * MIB))
