"""Keeping what was foretold of a release, as it goes live."""

from collections.abc import Iterable

from models_app.changes.evidence.models import Evidence
from models_app.changes.track_record.models import TrackRecord
from models_app.statistics.evidence import IntentEvidence, stored
from scoring.engine import document as documents
from scoring.models import Release


def keep_foretold(release: Release, evidence: Evidence | None) -> None:
    """A row for each threshold that the evidence foretells anything of, in the caller's transaction.

    Where an intent declares none, evidence is about 1 % of alerts: nobody counts those, so nothing is kept of them.
    """
    if evidence is not None:
        found, served = stored.read(evidence.result).intents, documents.decode(release.document).intents
        pairs = [(intent, served[intent.intent]) for intent in found if intent.intent in served]
        TrackRecord.objects.bulk_create(row for intent, part in pairs for row in _rows(release, intent, part))


def _rows(release: Release, intent: IntentEvidence, served: documents.Intent) -> Iterable[TrackRecord]:
    declared = {threshold.name for threshold in served.thresholds}
    for each in intent.thresholds:
        if each.name not in declared or not each.forecast.events:
            continue
        yield TrackRecord(
            tenant_id=release.tenant_id,
            release=release,
            intent=intent.intent,
            threshold=each.name,
            score=each.score,
            target=each.target,
            low=each.forecast.low,
            high=each.forecast.high,
            held_out=each.held_out.rate if each.held_out else None,
            since=release.published_at,
        )
