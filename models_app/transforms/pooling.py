"""What other tenants' events say of a predictor: the best start for a tenant that has no events of its own.

It runs within a request, so it is bounded: MOST_TENANTS are read, in an order that says nothing of them, of each no
more than its part of MOST_EVENTS and MOST_OF_A_TENANT, drawn by event id, until SECONDS are over.
"""

import hashlib
import time
from collections import defaultdict
from collections.abc import Sequence
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
from scoring.lake.sampling import Sample
from tenants.models import Intent
from tenants.scope import platform_scope

DAYS = 28
MOST_TENANTS, MOST_EVENTS, MOST_OF_A_TENANT, SECONDS = 40, 1_000_000, 100_000, 10.0


@dataclass(frozen=True)
class Pool:
    """Probabilities that the predictor gave for other tenants' events: `samples`, an array for each that has any.

    `alike`: how many tenants are served so, read or not.
    """

    samples: tuple[FloatArray, ...]
    alike: int

    @property
    def probabilities(self) -> FloatArray:
        """All of them (n,)."""
        return np.concatenate([np.empty(0), *self.samples])

    @property
    def unread(self) -> str:
        """That there are more, where so."""
        read = len(self.samples)
        return f"{read:,} of {self.alike:,} such tenants were read." if read < self.alike else ""


def pooled(intent: Intent, predictor: PredictorVersion) -> Pool:
    """Events of the last DAYS of other tenants' intents with equal features, scored by the predictor, live or shadow.

    It looks beyond the caller's scope: what leaves here names no tenant.
    """
    begun, now, samples = time.monotonic(), timezone.now(), []
    with platform_scope():
        alike = _served_alike(intent, predictor.key)
        chosen = sorted(alike, key=lambda tenant: _place(predictor.key, tenant))[:MOST_TENANTS]
        most = min(MOST_OF_A_TENANT, MOST_EVENTS // max(1, len(chosen)))
        for tenant in chosen:
            samples.append(_drawn(tenant, alike[tenant], predictor.key, now, most))
            if time.monotonic() - begun > SECONDS:
                break
    return Pool(tuple(sample for sample in samples if len(sample)), len(alike))


def _drawn(tenant_id: int, intents: Sequence[str], predictor: str, now: datetime, most: int) -> FloatArray:
    """About `most` of a tenant's events, of all its intents by the same share."""
    window = (now - timedelta(days=DAYS), now)
    total = sum(reading.count_events(tenant_id, name, *window, predictor) for name in intents)
    sample = Sample(predictor, most / total) if total > most else None
    return np.concatenate([reading.probabilities(tenant_id, name, predictor, *window, sample) for name in intents])


def _place(seed: str, tenant_id: int) -> str:
    """Where a tenant stands: always at the same place, but neither the eldest first nor the largest."""
    return hashlib.sha256(f"{seed} {tenant_id}".encode()).hexdigest()


def _served_alike(intent: Intent, predictor: str) -> dict[int, list[str]]:
    """By tenant: other tenants' intents that are served with the predictor and take the same features."""
    features, found = features_of(intent), defaultdict(list)
    for pointer in releases.current_of(predictor).exclude(tenant=intent.tenant_id).iterator(20):
        for name, part in documents.decode(pointer.release.document).intents.items():
            if part.features == features and predictor in _predictors(part):
                found[pointer.tenant_id].append(name)
    return dict(found)


def _predictors(part: documents.Intent) -> set[str]:
    return {target.predictor for route in part.routes for target in (route.live, *route.shadows)}
