"""What a scoring process holds: how soon it serves many tenants, in how much memory, and how soon it knows a release.

    python -m benchmarks.held [--tenants 300] [--models 50] [--trees 200] [--processes 2] [--publishes 5] [--json OUT]

Each tenant is served by one of the models, which are shared, in a release of its own. Scoring processes start one after
the other, each on a port of its own, from an embedded Postgres. Then one tenant after the other gets a release with
another transform; told are the seconds until every process answers by it, and how many releases they loaded for it.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import httpx
import psutil

from benchmarks.held_world import INTENT, Tenant, names
from muse_site.driving.running import ROOT, free_ports
from muse_site.embedded import Postgres, Valkey, remove_run_directory

_MB = 2**20
_SERVED = "is served."  # what a process logs of each release that it has loaded
_START_SECONDS, _LIVE_SECONDS = 300.0, 60.0


@dataclass(frozen=True)
class Held:
    """Seconds, and MiB: `memory` is each process's own (PSS), `models` the sum of the files of all models."""

    models: float
    start: list[float]
    memory: list[float]
    live: list[float]
    loaded: list[int]

    def as_text(self) -> str:
        """Return the two rows, with what is wanted of them."""
        soon = f"{median(self.live):.2f} s ({min(self.live):.2f} to {max(self.live):.2f})"
        publish = f"live on all processes after {soon}, wanted 1; releases loaded for each: {sorted(set(self.loaded))}"
        most, start = 6 * self.models + 250, f"{max(self.start):.1f} s from start to ready, wanted 10"
        memory = f"{max(self.memory):.0f} MiB a process, wanted at most {most:.0f} (model files: {self.models:.1f})"
        return f"publish: {publish}\nmemory: {memory}; {start}"


@dataclass(frozen=True)
class Running:
    """A scoring process that answers."""

    process: psutil.Process
    port: int
    log: Path
    started: float

    def answer(self, tenant: Tenant) -> int:
        """Return the transform by which an event of this tenant is answered; 0 while it is not."""
        url, headers = f"http://127.0.0.1:{self.port}/api/v1/score", {"Authorization": f"Bearer {tenant.key}"}
        event = {"intent": INTENT, "features": dict.fromkeys(names(), 0.5)}
        try:
            answer = httpx.post(url, json=event, headers=headers, trust_env=False)
        except httpx.TransportError:
            return 0
        return int(answer.json()["transform"]) if answer.is_success else 0

    def loaded(self) -> int:
        """How many releases it has loaded since it began."""
        return self.log.read_text().count(_SERVED)

    def memory(self) -> float:
        """Of the process that serves, in MiB, with its share of what others have mapped too."""
        children = self.process.children(recursive=True) or [self.process]
        return max(each.memory_full_info().pss for each in children) / _MB


def measure(folder: Path, options: argparse.Namespace) -> Held:
    """All of it, in an empty folder."""
    env = _env(folder)
    with _databases(folder, env), ExitStack() as stack:
        os.environ.update(env)
        from benchmarks.held_world import make, publish  # needs Django's settings

        tenants, models = make(options.tenants, options.models, options.trees)
        ports = free_ports(options.processes)
        processes = [stack.enter_context(_scoring(folder, env, port, tenants)) for port in ports]
        memory = [each.memory() for each in processes]
        live, loaded = [], []
        for number, tenant in enumerate(tenants[: options.publishes]):
            before = [each.loaded() for each in processes]
            began = time.monotonic()
            transform = publish(tenant, 2 + number)
            _wait(lambda: all(each.answer(tenant) == transform for each in processes), _LIVE_SECONDS)  # noqa: B023
            live.append(time.monotonic() - began)
            loaded.append(max(now.loaded() - had for now, had in zip(processes, before, strict=True)))
        return Held(models / _MB, [each.started for each in processes], memory, live, loaded)


def _env(folder: Path) -> dict[str, str]:
    postgres = Postgres(folder)
    return {
        "MUSE_DATA": str(folder),
        "DATABASE_URL": postgres.app_url,
        "DATABASE_OWNER_URL": postgres.owner_url,
        "REDIS_URL": Valkey(folder).url,
        "MUSE_LOG_FORMAT": "console",
        "DJANGO_SETTINGS_MODULE": "muse_site.settings",
    }


@contextmanager
def _databases(folder: Path, env: dict[str, str]) -> Iterator[None]:
    postgres, valkey = Postgres(folder, ephemeral=True), Valkey(folder, ephemeral=True)
    postgres.start()
    try:
        valkey.start()
        migrate = [sys.executable, str(ROOT / "manage.py"), "migrate", "--database", "owner", "--noinput", "-v", "0"]
        subprocess.run(migrate, cwd=ROOT, env={**os.environ, **env}, check=True)
        yield
    finally:
        valkey.stop()
        postgres.stop()
        remove_run_directory(folder)


@contextmanager
def _scoring(folder: Path, env: dict[str, str], port: int, tenants: Sequence[Tenant]) -> Iterator[Running]:
    """A process that serves all tenants; it ends with the block."""
    argv = [sys.executable, "-m", "benchmarks.serving.host", "muse_site.wsgi_scoring", str(port), "1", "8"]
    log, began = folder / f"scoring-{port}.log", time.monotonic()
    with log.open("w") as out:
        child = subprocess.Popen(argv, cwd=ROOT, env={**os.environ, **env}, stdout=out, stderr=out)
    running = Running(psutil.Process(child.pid), port, log, 0.0)
    try:
        _wait(lambda: running.answer(tenants[-1]), _START_SECONDS)
        started = time.monotonic() - began
        if missing := [each.slug for each in tenants if not running.answer(each)]:
            raise RuntimeError(f"not served: {missing}")
        yield Running(running.process, port, log, started)
    finally:
        for each in [*running.process.children(recursive=True), running.process]:
            each.terminate()
        child.wait(30)


def _wait(ready: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing after {seconds:g} s")
        time.sleep(0.005)


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenants", type=int, default=300)
    parser.add_argument("--models", type=int, default=50, help="distinct ones")
    parser.add_argument("--trees", type=int, default=200, help="of a model, about")
    parser.add_argument("--processes", type=int, default=2, help="that score")
    parser.add_argument("--publishes", type=int, default=5)
    parser.add_argument("--json", type=Path, help="where to write all figures")
    return parser.parse_args(arguments)


def main() -> None:
    chosen = options()
    with tempfile.TemporaryDirectory(prefix="muse-held-") as name:
        held = measure(Path(name), chosen)
    print(held.as_text())
    if chosen.json:
        chosen.json.write_text(json.dumps(asdict(held), indent=1))


if __name__ == "__main__":
    main()
