"""What other tenants' events say of a predictor: the best start for a tenant that has no events of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from models_app.catalog.models import PredictorVersion
from models_app.intents.to_document import features_of
from scoring import releases
from scoring.engine import document as documents
from scoring.lake import reading
from tenants.models import Intent
from tenants.scope import platform_scope

DAYS = 28
ENOUGH = 1_000_000  # events, with which no more tenants are read


@dataclass(frozen=True)
class Pool:
    """Probabilities (n,) that the predictor gave for other tenants' events, and how many tenants those are of."""

    probabilities: NDArray[np.float64]
    tenants: int


def pooled(intent: Intent, predictor: PredictorVersion) -> Pool:
    """Events of the last DAYS of other tenants' intents with equal features, scored by the predictor, live or shadow.

    It looks beyond the caller's scope: what leaves here names no tenant.
    """
    now, found, tenants = timezone.now(), [], set()
    with platform_scope():
        for tenant_id, name in _served_alike(intent, predictor.key):
            found.append(_read(tenant_id, name, predictor.key, now))
            tenants |= {tenant_id} if len(found[-1]) else set()
            if sum(map(len, found)) >= ENOUGH:
                break
    return Pool(np.concatenate(found) if found else np.empty(0), len(tenants))


def _read(tenant_id: int, intent: str, predictor: str, now: datetime) -> NDArray[np.float64]:
    return reading.probabilities(tenant_id, intent, predictor, now - timedelta(days=DAYS), now)


def _served_alike(intent: Intent, predictor: str) -> Iterator[tuple[int, str]]:
    """Other tenants' intents that are served with the predictor and take the same features."""
    features = features_of(intent)
    for pointer in releases.current_of(predictor).exclude(tenant=intent.tenant_id).order_by("tenant_id"):
        for name, part in documents.decode(pointer.release.document).intents.items():
            if part.features == features and predictor in _predictors(part):
                yield pointer.tenant_id, name


def _predictors(part: documents.Intent) -> set[str]:
    return {target.predictor for route in part.routes for target in (route.live, *route.shadows)}
