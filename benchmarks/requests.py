"""Live traffic of many tenants, one event a request, with what became of every single one."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event, Thread

import httpx
import numpy as np

from benchmarks.fleet import Tenant
from muse_site.demo.profiles import INTENT
from muse_site.driving.client import ApiError, Json

_BLOCK = 100


@dataclass
class Traffic:
    """Requests to all tenants in turn, `per_second` in all.

    `seconds`: how long each took; `failed`: their errors; `predictors`: the one that answered last, by tenant.
    """

    tenants: Sequence[Tenant]
    per_second: float
    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    predictors: dict[str, str] = field(default_factory=dict)
    _stop: Event = field(default_factory=Event)

    def __enter__(self) -> "Traffic":
        self._thread = Thread(target=self._run, name="live traffic", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def quantile(self, level: float) -> float:
        """Return a quantile of the time that a request takes, in milliseconds."""
        return 1000.0 * float(np.quantile(self.seconds, level))

    def _run(self) -> None:
        rng = np.random.default_rng(5)
        events = [_drawn(tenant, rng) for tenant in self.tenants]
        began, number = time.monotonic(), 0
        while not self._stop.wait(max(0.0, began + number / self.per_second - time.monotonic())):
            which = number % len(self.tenants)
            self._send(self.tenants[which], next(events[which]))
            number += 1

    def _send(self, tenant: Tenant, event: Json) -> None:
        began = time.monotonic()
        try:
            self.predictors[tenant.slug] = tenant.scoring.score(INTENT, event)["predictor"]
        except (ApiError, httpx.TransportError) as error:
            self.failed.append(f"{tenant.slug}: {error}")
        self.seconds.append(time.monotonic() - began)


def _drawn(tenant: Tenant, rng: np.random.Generator) -> Iterator[Json]:
    """Events of now, without end, drawn in blocks: one by one it takes as long as scoring them."""
    while True:
        yield from tenant.simulator.at(np.full(_BLOCK, time.time_ns() // 1000), rng).events()
