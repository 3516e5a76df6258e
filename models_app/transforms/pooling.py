"""What other tenants' events say of a predictor: the best start for a tenant that has no events of its own.

It runs within a request, so it is bounded: MOST_TENANTS are read, in an order that says nothing of them, of each no
more than its part of MOST_EVENTS and MOST_OF_A_TENANT, drawn by event id, until SECONDS are over.
"""

import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.utils import timezone

from models_app.catalog.models import PredictorVersion
from models_app.intents.to_document import features_of
from scoring import releases
from scoring.engine import document as documents
from scoring.engine.probability import FloatArray
from scoring.lake import reading
from scoring.lake.routed import Routed
from scoring.lake.sampling import Sample
from tenants.models import Intent
from tenants.scope import platform_scope

DAYS = 28
MOST_TENANTS, MOST_EVENTS, MOST_OF_A_TENANT, SECONDS = 40, 1_000_000, 100_000, 10.0


@dataclass(frozen=True)
class Pool:
    """Probabilities that the predictor gave for other tenants' events: `samples`, an array for each that has any.

    `unread`: how many more tenants are served so, of which nothing was read.
    """

    samples: tuple[FloatArray, ...]
    unread: int = 0

    @property
    def probabilities(self) -> FloatArray:
        """All of them (n,)."""
        return np.concatenate([np.empty(0), *self.samples])

    @property
    def bounded(self) -> str:
        """Say how many more tenants there are of which nothing was read; empty where none."""
        return f"Of {self.unread:,} more such tenants nothing was read." if self.unread else ""


def pooled(intent: Intent, predictor: PredictorVersion, routed: Routed | None = None) -> Pool:
    """Events of the last DAYS of other tenants' intents with equal features, scored by the predictor, live or shadow.

    Where it is for some routes, only events that they would answer; else only intents of which the predictor sees all
    events, for some of their routes are not like the whole.

    It looks beyond the caller's scope: what leaves here names no tenant.
    """
    begun, now = time.monotonic(), timezone.now()
    samples: list[FloatArray] = []
    with platform_scope():
        alike = _served_alike(intent, predictor.key, any if routed else all)
        most = min(MOST_OF_A_TENANT, MOST_EVENTS // max(1, min(MOST_TENANTS, len(alike))))
        waiting = sorted(alike, key=lambda tenant: _place(predictor.key, tenant), reverse=True)
        while waiting and len(samples) < MOST_TENANTS and time.monotonic() - begun < SECONDS:
            tenant = waiting.pop()
            sample = _drawn(tenant, alike[tenant], predictor.key, routed, now, most)
            samples += [sample] if len(sample) else []
    return Pool(tuple(samples), len(waiting))


def _drawn(
    tenant_id: int, intents: Sequence[str], predictor: str, routed: Routed | None, now: datetime, most: int
) -> FloatArray:
    """About `most` of a tenant's events, of all its intents by the same share."""
    window = (now - timedelta(days=DAYS), now)
    total = sum(reading.count_events(tenant_id, name, *window, predictor, routed) for name in intents)
    sample = Sample(predictor, most / total) if total > most else None
    drawn = [reading.probabilities(tenant_id, name, predictor, *window, sample, routed) for name in intents]
    return np.concatenate(drawn)


def _place(seed: str, tenant_id: int) -> str:
    """Return the key that tenants are ordered by: always the same, and neither by age nor by size."""
    return hashlib.sha256(f"{seed} {tenant_id}".encode()).hexdigest()


def _served_alike(intent: Intent, predictor: str, on: Callable[[Iterable[bool]], bool]) -> dict[int, list[str]]:
    """Return, by tenant, other tenants' intents with the same features and the predictor `on` any or all routes."""
    features, found = features_of(intent), defaultdict(list)
    for pointer in releases.current_of(predictor).exclude(tenant=intent.tenant_id).iterator(20):
        for name, part in documents.decode(pointer.release.document).intents.items():
            if part.features == features and on(predictor in _predictors(route) for route in part.routes):
                found[pointer.tenant_id].append(name)
    return dict(found)


def _predictors(route: documents.Route) -> set[str]:
    return {target.predictor for target in (route.live, *route.shadows)}
