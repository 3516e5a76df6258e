"""Live traffic: a few payments a second for each tenant, one request each, until told to stop."""

import time
from datetime import UTC, datetime
from threading import Event, Thread

import httpx
import numpy as np

from muse_site.demo.profiles import INTENT
from muse_site.demo.simulator import Simulator
from muse_site.driving.client import ApiError, Scoring

_STEP = 0.5
_AFTER_FAILURE = 2.0


class Traffic:
    """One tenant's traffic. `scored` and `failed` count requests; `problem` is the last failure."""

    def __init__(self, scoring: Scoring, simulator: Simulator, per_second: float) -> None:
        self.scored = self.failed = 0
        self.problem = ""
        self._scoring = scoring
        self._simulator = simulator
        self._per_second = per_second
        self._rng = np.random.default_rng()

    def start(self, stop: Event) -> Thread:
        thread = Thread(target=self._run, args=(stop,), name=f"traffic of {self._simulator.profile.slug}", daemon=True)
        thread.start()
        return thread

    def _run(self, stop: Event) -> None:
        while not stop.wait(_STEP):
            try:
                self._step()
            except (ApiError, httpx.TransportError) as error:
                self.failed += 1
                self.problem = str(error)
                stop.wait(_AFTER_FAILURE)

    def _step(self) -> None:
        """The payments of the half second that is over."""
        count = int(self._rng.poisson(self._per_second * _STEP))
        if not count:
            return
        now = int(time.time() * 1_000_000)
        midnight = int(datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1_000_000)
        moments = np.sort(self._rng.integers(max(midnight, now - int(_STEP * 1e6)), now + 1, count))
        for event in self._simulator.at(moments, self._rng).events():
            self._scoring.score(INTENT, event)
            self.scored += 1
