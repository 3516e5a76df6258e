"""Measurements of scoring, for Prometheus.

Requests only append to a queue; the watcher's thread counts what is in it. So no request waits for another's lock.
With PROMETHEUS_MULTIPROC_DIR set, processes share their numbers through files there. Labels have a tenant's number
and never its name, for whoever reaches the port can read this page.
"""

import os
import time
from bisect import bisect_left
from collections import Counter as Counts
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from scoring.engine.fallback import Degraded
from scoring.serving.state import Held

STAGES = ("read", "schema", "model", "transform", "record")
MOST_INTENTS = 200  # that have a time of their own in each process: each takes 0.2 ms of whoever asks for the page
OTHERS = ("others", "others")
_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0)
_SECONDS_OF_INTENT = (0.0002, 0.0005, 0.001, 0.005, 0.025, 0.25)  # few, for there are many intents
_SECONDS_OF_STAGE = (1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 0.001, 0.01, 0.1)


class ManyAtOnce(Histogram):
    """A histogram that takes many measurements together, at a fraction of what they cost one by one."""

    def observe_all(self, measured: Sequence[float]) -> None:
        self._sum.inc(sum(measured))
        for place, count in Counts(bisect_left(self._upper_bounds, each) for each in measured).items():
            self._buckets[place].inc(count)


_requests = Counter("muse_requests", "Requests answered.", ["endpoint", "status"])
_seconds = ManyAtOnce("muse_request_seconds", "Time to answer a request.", ["endpoint"], buckets=_SECONDS)
_of_intent = ManyAtOnce(
    "muse_score_seconds", "Time to score a single event.", ["tenant", "intent"], buckets=_SECONDS_OF_INTENT
)
_of_stage = ManyAtOnce(
    "muse_stage_seconds", "Time of a stage of scoring a single event.", ["stage"], buckets=_SECONDS_OF_STAGE
)
_refused = Counter("muse_requests_refused", "Requests of a tenant that were refused.", ["tenant", "reason"])
_elsewhere = Counter("muse_keys_used_elsewhere", "Requests refused, for their key may not be used from there.")
_events = Counter("muse_events_scored", "Events scored.")
_degraded = Counter(
    "muse_events_degraded", "Events that the live predictor did not answer.", ["tenant", "intent", "reason", "by"]
)
_lost = Counter("muse_events_lost", "Events that were scored and could not be recorded, for want of disk.")
_releases = Gauge("muse_releases_served", "Tenants that are served with a release.", multiprocess_mode="livemin")
_failures = Gauge("muse_releases_failed", "Tenants whose release does not load.", multiprocess_mode="livemax")
_number = Gauge(
    "muse_release_number", "The release that a tenant is served with.", ["tenant"], multiprocess_mode="livemin"
)
_since = Gauge(
    "muse_release_since_timestamp_seconds", "Since when a tenant is served with its release.", ["tenant"],
    multiprocess_mode="livemax",
)  # fmt: skip
_read_at = Gauge(
    "muse_configuration_read_timestamp_seconds", "When Postgres was last read.", multiprocess_mode="livemin"
)

_answered: deque[tuple[str, int, float]] = deque(maxlen=1_000_000)
_turned_away: deque[tuple[int, str, int]] = deque(maxlen=1_000_000)
_scored: deque[int] = deque(maxlen=1_000_000)
_not_live: deque[tuple[int, str, str, str, int]] = deque(maxlen=1_000_000)
_staged: deque[Sequence[float]] = deque(maxlen=100_000)
_own: set[tuple[int, str]] = set()
_lost_before = 0
_numbers: dict[int, int] = {}


def answered(endpoint: str, status: int, seconds: float) -> None:
    """Note a request that was answered."""
    _answered.append((endpoint, status, seconds))


def refused(tenant: int, reason: str, requests: int) -> None:
    """Note requests of a tenant that were refused, for a reason of `refused.REASONS`; none where that is empty."""
    if reason and requests:
        _turned_away.append((tenant, reason, requests))


def key_used_elsewhere() -> None:
    """Count a request with a key that may not be used from where it came."""
    _elsewhere.inc()


def scored(events: int) -> None:
    """Note events that were scored."""
    _scored.append(events)


def staged(ends: Sequence[float]) -> None:
    """Note when a single event began to be scored, and when each of the STAGES ended."""
    _staged.append(ends)


def timed(seconds: Mapping[tuple[int, str], Sequence[float]]) -> None:
    """Count how long single events took, by tenant and intent. Called from one thread only."""
    for place, measured in seconds.items():
        if len(_own) < MOST_INTENTS:
            _own.add(place)
        _of_intent.labels(*(place if place in _own else OTHERS)).observe_all(measured)


def degraded(tenant: int, intent: str, how: Degraded | None, events: int) -> None:
    """Note events that were answered in a degraded way; none where the live predictor answered."""
    if how is not None:
        _not_live.append((tenant, intent, how.reason, how.by, events))


def configuration_read(held: Held) -> None:
    """Note that Postgres was read, and what is served since."""
    _read_at.set(time.time())
    _releases.set(len(held.releases))
    _failures.set(len(held.failures))
    numbers = {tenant: release.number for tenant, release in held.releases.items()}
    for tenant in {tenant for tenant, _ in numbers.items() ^ _numbers.items()}:
        _number.labels(tenant).set(numbers.get(tenant, 0))
        _since.labels(tenant).set(time.time())
    _numbers.clear()
    _numbers.update(numbers)


def publish(lost: int) -> None:
    """Count what requests have noted; `lost` events since the process started. Called from one thread only."""
    global _lost_before
    answered = [_answered.popleft() for _ in range(len(_answered))]
    for (endpoint, status), count in Counts(each[:2] for each in answered).items():
        _requests.labels(endpoint, status).inc(count)
    for endpoint in {each[0] for each in answered}:
        _seconds.labels(endpoint).observe_all([each[2] for each in answered if each[0] == endpoint])
    _publish_stages()
    _publish_labelled(_turned_away, _refused)
    _publish_labelled(_not_live, _degraded)
    _events.inc(sum(_scored.popleft() for _ in range(len(_scored))))
    _lost.inc(max(0, lost - _lost_before))
    _lost_before = lost


def _publish_labelled(noted: deque[Any], counter: Counter) -> None:
    """Count what was noted: labels each, and how many."""
    for _ in range(len(noted)):
        *labels, count = noted.popleft()
        counter.labels(*labels).inc(count)


def _publish_stages() -> None:
    """Of events that went through each stage once: where a predictor fails, others are tried, or none."""
    noted = [_staged.popleft() for _ in range(len(_staged))]
    whole = [ends for ends in noted if len(ends) == len(STAGES) + 1]
    for place, stage in enumerate(STAGES):
        if whole:
            _of_stage.labels(stage).observe_all([ends[place + 1] - ends[place] for ends in whole])


def page() -> bytes:
    """All metrics of this service in Prometheus' text format, of all its processes."""
    directory = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not directory:
        return generate_latest(REGISTRY)
    _forget_dead(Path(directory))
    registry = CollectorRegistry()
    collect: Callable[[CollectorRegistry, str], Any] = MultiProcessCollector
    collect(registry, directory)
    consumer = Path(directory).with_name("consumer")  # answers no requests, so its numbers are shown here
    if consumer.is_dir():
        collect(registry, str(consumer))
    return generate_latest(registry)


def _forget_dead(directory: Path) -> None:
    """Drop what processes that live no more say of the present; what they have counted stays."""
    for path in directory.glob("gauge_live*_*.db"):
        pid = path.stem.rpartition("_")[2]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists() and Path("/proc/self").exists():
            path.unlink(missing_ok=True)
