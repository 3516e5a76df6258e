"""The processes of the product, declared in the order in which they start."""

import os
import shutil
import signal
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

from muse_site.embedded import Postgres, Valkey
from muse_site.supervisor.process import Process

_DJANGO = [sys.executable, "-m", "django"]
_BACKGROUND = 5  # what nobody waits for stands back behind what clients and people wait for
_LONG_WORK = 10  # as far as batches, and behind the consumer, which has to keep up with them
_CELERY = [sys.executable, "-m", "celery", "-A", "muse_site"]


@dataclass(frozen=True)
class Product:
    """What `up` needs to know. An empty URL means the embedded service of the data directory."""

    data_directory: Path
    project_directory: Path
    database_url: str = ""
    database_owner_url: str = ""
    redis_url: str = ""
    host: str = "127.0.0.1"
    scoring_port: int = 8100
    console_port: int = 8000
    scoring_workers: int = 2
    console_workers: int = 1
    celery_concurrency: int = 2

    def processes(self) -> list[Process]:
        """All processes, in order."""
        return [
            *_at_once("databases", self._embedded()),
            *_at_once("tables", [self._migrations(), self._assets()]),
            *_at_once("services", [*self._services(), *self._background()]),
        ]

    def _embedded(self) -> list[Process]:
        postgres, valkey = Postgres(self.data_directory), Valkey(self.data_directory)
        return [
            *([] if self.database_url else [_postgres(postgres)]),
            *([] if self.redis_url else [_valkey(valkey)]),
        ]

    def _migrations(self) -> Process:
        argv = [*_DJANGO, "prepare_database"]
        return Process(name="migrations", argv=argv, env=self._env(), once=True)

    def _assets(self) -> Process:
        """Copies scripts and styles to where the services send them from; a start that finds them there is quicker."""
        argv = [*_DJANGO, "collect_assets"]
        return Process(name="assets", argv=argv, env=self._env(), once=True)

    def _services(self) -> list[Process]:
        return [
            # Of which one scores and the others wait for their turns, or refuse: two at once would take twice as long.
            *self._service("scoring", self.scoring_port, self.scoring_workers, threads=64),
            *self._service("console", self.console_port, self.console_workers, threads=4),
        ]

    def _service(self, name: str, port: int, workers: int, *, threads: int) -> list[Process]:
        """Processes of their own on one socket: one that dies or is renewed takes none of the others with it."""
        argv = [sys.executable, "-m", "muse_site.service", name, "--threads", str(threads)]
        service = self._measured(name, argv)
        once = (
            cache(service.prepare) if service.prepare else None
        )  # what they have measured together outlives each of them
        service = replace(service, listens=(self.host, port), group=name, prepare=once)
        names = [f"{name}-{number}" for number in range(1, workers + 1)] if workers > 1 else [name]
        return [replace(service, name=each) for each in names]

    def _background(self) -> list[Process]:
        schedule = str(self.data_directory / "celerybeat-schedule")
        worker = [*_CELERY, "worker", "--loglevel", "INFO", "--concurrency", str(self.celery_concurrency)]
        beat = [*_CELERY, "beat", "--loglevel", "INFO", "-s", schedule, "--pidfile", ""]
        return [
            self._measured("consumer", [*_DJANGO, "consume_events"], _BACKGROUND),
            self._measured("guard", [*_DJANGO, "guard_releases"], _BACKGROUND),
            self._measured("worker", worker, _LONG_WORK),
            self._measured("beat", beat, _BACKGROUND),
        ]

    def _measured(self, name: str, argv: list[str], nice: int = 0) -> Process:
        """A process that writes its metrics to a folder of its own, which is emptied at each start."""
        metrics = self.data_directory / "metrics" / name
        env = self._env() | {"PROMETHEUS_MULTIPROC_DIR": str(metrics)}
        return Process(name=name, argv=argv, env=env, prepare=partial(_empty, metrics), nice=nice, watched=True)

    def _env(self) -> dict[str, str]:
        return {
            "MUSE_DATA": str(self.data_directory),
            "DJANGO_SETTINGS_MODULE": "muse_site.settings",
            "PYTHONPATH": os.pathsep.join([str(self.project_directory), os.environ.get("PYTHONPATH", "")]),
            "PYTHONUNBUFFERED": "1",
            **self._urls(),
        }

    def _urls(self) -> dict[str, str]:
        postgres = Postgres(self.data_directory)
        if self.database_url:
            databases = (self.database_url, self.database_owner_url or self.database_url)
        else:
            databases = (postgres.app_url, postgres.owner_url)
        redis = self.redis_url or Valkey(self.data_directory).url
        urls = {"DATABASE_URL": databases[0], "DATABASE_OWNER_URL": databases[1], "REDIS_URL": redis}
        return urls | {f"{name}_FILE": "" for name in urls}  # which have been read, where there are any


def _at_once(stage: str, processes: Iterable[Process]) -> list[Process]:
    return [replace(each, stage=stage) for each in processes]


def _postgres(postgres: Postgres) -> Process:
    def prepare() -> None:
        postgres.stop()  # one that a killed supervisor has left
        postgres.prepare()

    return Process(
        name="postgres",
        argv=postgres.command(),
        healthy=postgres.alive,
        prepare=prepare,
        ready=postgres.provision,
        renewed=False,
        stop_signal=signal.SIGINT,
    )


def _valkey(valkey: Valkey) -> Process:
    def prepare() -> None:
        valkey.stop()
        valkey.prepare()

    return Process(name="valkey", argv=valkey.command(), healthy=valkey.alive, prepare=prepare, renewed=False)


def _empty(directory: Path) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
