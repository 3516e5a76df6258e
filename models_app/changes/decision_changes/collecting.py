"""Writing down which events change sides: rows as evidence is computed, kept with it once it succeeds."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from math import isfinite

from models_app.changes.decision_changes.models import DecisionChange
from models_app.changes.evidence.models import Evidence
from models_app.statistics.evidence import Observations, ThresholdQuestion
from models_app.statistics.evidence.decision_changes import decision_changes
from models_app.statistics.evidence.observations import UNLABELLED

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AT_ONCE = 2_000

Side = DecisionChange.Side


def collected(intent: str, seen: Observations, thresholds: Iterable[ThresholdQuestion]) -> list[DecisionChange]:
    """Rows of an intent that are not saved yet, nor of any evidence."""
    return [
        _row(intent, seen, found.threshold.name, int(row), Side.NEW if is_new else Side.DROPPED)
        for found in decision_changes(seen, thresholds)
        for row, is_new in zip(found.rows, found.is_new, strict=True)
    ]


def keep(evidence: Evidence, rows: Sequence[DecisionChange]) -> None:
    """Save them with the evidence, in the caller's transaction, in place of those of the change request's earlier."""
    earlier = {"evidence__change_request": evidence.change_request_id, "evidence__lt": evidence.pk}
    DecisionChange.objects.filter(**earlier).delete()
    for row in rows:
        row.tenant_id, row.evidence = evidence.tenant_id, evidence
    DecisionChange.objects.bulk_create(rows, batch_size=_AT_ONCE)


def _row(intent: str, seen: Observations, threshold: str, row: int, side: str) -> DecisionChange:
    assert seen.before is not None
    before, after = float(seen.before[row]), float(seen.after[row])
    return DecisionChange(
        intent=intent,
        threshold=threshold,
        side=side,
        event_id=str(seen.event_ids[row]),
        occurred_at=_EPOCH + timedelta(microseconds=int(seen.occurred_at[row])),
        score_before=before,
        score_after=after,
        move=abs(after - before),
        amount=_amount(seen, row),
        context={name: str(values[row]) for name, values in seen.contexts.items() if values[row]},
        label=_label(seen, row),
    )


def _amount(seen: Observations, row: int) -> float | None:
    amount = float("nan") if seen.amounts is None else float(seen.amounts[row])
    return amount if isfinite(amount) else None


def _label(seen: Observations, row: int) -> int | None:
    label = int(seen.labels[row]) if len(seen.labels) else UNLABELLED
    return None if label == UNLABELLED else label
