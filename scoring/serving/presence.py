"""What a scoring process says of itself in Postgres, for people, and when keys were last used."""

import os
import socket
import time
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from scoring.models import ServingProcess
from scoring.serving import metrics
from scoring.serving.days import Days
from scoring.serving.latency import Latencies
from scoring.serving.refused import Refused
from scoring.serving.state import Held
from tenants.scope import platform_scope
from tenants.services import note_refused

SAY_EVERY = 5.0
KEYS_EVERY = 30.0
DEAD_AFTER = timedelta(hours=1)

_USED = """
UPDATE tenants_apikey AS key SET last_used_at = used.at
FROM unnest(%s::bigint[], %s::timestamptz[]) AS used(id, at)
WHERE key.id = used.id AND (key.last_used_at IS NULL OR key.last_used_at < used.at)
"""


def machine_name() -> str:
    """This machine's slot, stable over restarts."""
    return str(settings.ENV["MUSE_MACHINE_SLOT"] or socket.gethostname())


class Presence:
    """One process's row, and what requests note for it: latencies, refused requests, events of the day, uses of keys.

    `used[key id] = seconds since 1970`; `refused[key id]`: the same, and the address outside of the key's networks.
    """

    def __init__(self) -> None:
        self.latencies = Latencies()
        self.refused_requests = Refused()
        self.days = Days()
        self.used: dict[int, float] = {}
        self.refused: dict[int, tuple[float, str | None]] = {}
        self._started_at = timezone.now()
        self._last_write = self._keys_at = 0.0

    def say(self, held: Held, lost_events: int, *, now: bool) -> None:
        """Write the row where it is due, or `now`. Raises database errors."""
        metrics.timed(self.latencies.sort())
        if not now and time.monotonic() - self._last_write < SAY_EVERY:
            return
        self.refused_requests.write()
        self.days.tell()
        if not self._last_write:
            ServingProcess.objects.filter(seen_at__lt=timezone.now() - DEAD_AFTER).delete()
        ServingProcess.objects.bulk_create(
            [self._row(held, lost_events)],
            update_conflicts=True,
            unique_fields=["name"],
            update_fields=[
                "machine", "pid", "started_at", "seen_at", "releases", "failures", "latencies", "lost_events",
            ],
        )  # fmt: skip
        self._last_write = time.monotonic()

    def note_used_keys(self) -> None:
        """Write when keys were last used, and from where in vain, not more often than every 30 s."""
        if not (self.used or self.refused) or time.monotonic() - self._keys_at < KEYS_EVERY:
            return
        used, self.used = self.used, {}
        refused, self.refused = self.refused, {}
        times = [datetime.fromtimestamp(at, UTC) for at in used.values()]
        with platform_scope(), connection.cursor() as cursor:
            cursor.execute(_USED, [list(used), times])
        for key, (at, address) in refused.items():
            note_refused(key, datetime.fromtimestamp(at, UTC), address)
        self._keys_at = time.monotonic()

    def _row(self, held: Held, lost_events: int) -> ServingProcess:
        failures = held.failures_by_slug()
        return ServingProcess(
            name=f"{machine_name()}/{os.getpid()}",
            machine=machine_name(),
            pid=os.getpid(),
            started_at=self._started_at,
            seen_at=timezone.now(),
            releases=held.numbers_by_slug(),
            failures={slug: {"number": each.number, "reason": each.reason} for slug, each in failures.items()},
            latencies=self._latencies(held),
            lost_events=lost_events,
        )

    def _latencies(self, held: Held) -> dict[str, dict[str, list[float]]]:
        by_slug: dict[str, dict[str, list[float]]] = {}
        for (tenant, intent), quantiles in self.latencies.quantiles().items():
            if tenant in held.slugs:
                by_slug.setdefault(held.slugs[tenant], {})[intent] = quantiles
        return by_slug
