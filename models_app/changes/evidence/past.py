"""How alert rates have differed from week to week: in this intent's past, and in that of all others."""

from datetime import timedelta

import msgspec
import numpy as np
from django.conf import settings
from django.utils import timezone

from models_app.changes.evidence.models import Evidence
from models_app.changes.evidence.sides import Recorded
from models_app.statistics.evidence import IntentEvidence
from models_app.statistics.evidence.observations import Past
from models_app.statistics.past_weeks import Contrast
from scoring.engine.document import ReleaseDocument
from tenants.scope import platform_scope

BEFORE = timedelta(days=42)  # the window; with one of 14 days that makes eight weeks
_RECENT = timedelta(days=120)
_MOST = 200  # pieces of evidence whose weeks are taken
_SHARE = 4  # weeks are counted, not examined: a part of the events that evidence may hold is enough


def events_before(
    tenant_id: int, intent: str, evidence: Evidence, proposed: ReleaseDocument, live: ReleaseDocument | None
) -> Past | None:
    """Events from before evidence's window, as far as the proposed predictors gave something for them.

    Nothing is replayed for this; None where there is no such event.
    """
    recorded = Recorded(
        tenant_id,
        intent,
        (evidence.start - BEFORE, evidence.start),
        [proposed] if live is None else [proposed, live],
        lambda text: None,
        limit=max(1, settings.ENV["MUSE_EVIDENCE_LIMIT"] // _SHARE),
        seed=evidence.document_digest,
    )
    if not len(recorded):
        return None
    _, score = recorded.side(proposed, replayed=False)
    occurred_at = recorded.column("occurred_at").astype("datetime64[us]").astype(np.int64)
    before = recorded.side(live, replayed=False)[1] if live and intent in live.intents else None
    return None if np.isnan(score).all() else Past(occurred_at, score, before)


def weeks_of_others(evidence: Evidence) -> tuple[Contrast, ...]:
    """Past weeks of other intents, of all tenants, from the latest evidence of each.

    It looks beyond the caller's scope: what leaves here are numbers that name nobody.
    """
    found: dict[tuple[int, str], list[Contrast]] = {}
    with platform_scope():
        rows = Evidence.objects.filter(created_at__gt=timezone.now() - _RECENT).exclude(past_weeks={})
        for tenant_id, weeks in rows.exclude(pk=evidence.pk).values_list("tenant_id", "past_weeks")[:_MOST]:
            for intent, stored in weeks.items():
                found.setdefault((tenant_id, intent), msgspec.convert(stored, list[Contrast]))
    own = {(evidence.tenant_id, intent) for intent in evidence.change_request.routes}
    return tuple(week for place, weeks in found.items() if place not in own for week in weeks)


def weeks_of(intents: list[IntentEvidence]) -> dict[str, list[dict[str, float]]]:
    """As JSON, by intent, for evidence of others to come."""
    weeks = {each.intent: [week for threshold in each.thresholds for week in threshold.past] for each in intents}
    return {intent: msgspec.to_builtins(own) for intent, own in weeks.items() if own}
