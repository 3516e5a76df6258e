"""Live traffic of many tenants, one event a request, with what became of every single one."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event, Thread

import httpx
import numpy as np

from benchmarks.fleet import Tenant
from muse_site.demo.profiles import INTENT
from muse_site.driving.client import ApiError, Json


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
        """Of the time that a request takes, in milliseconds."""
        return 1000.0 * float(np.quantile(self.seconds, level))

    def _run(self) -> None:
        rng = np.random.default_rng(5)
        began, number = time.monotonic(), 0
        while not self._stop.wait(max(0.0, began + number / self.per_second - time.monotonic())):
            tenant = self.tenants[number % len(self.tenants)]
            (event,) = tenant.simulator.at(np.array([time.time_ns() // 1000]), rng).events()
            self._send(tenant, event)
            number += 1

    def _send(self, tenant: Tenant, event: Json) -> None:
        began = time.monotonic()
        try:
            self.predictors[tenant.slug] = tenant.scoring.score(INTENT, event)["predictor"]
        except (ApiError, httpx.TransportError) as error:
            self.failed.append(f"{tenant.slug}: {error}")
        self.seconds.append(time.monotonic() - began)
