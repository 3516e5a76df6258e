"""Reading which events change sides."""

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from models_app.changes.decision_changes.models import DecisionChange
from models_app.changes.evidence.models import Evidence

# What they are sorted by, in REST and on their page: name → field.
ORDERS = {
    "move": "move",
    "occurred": "occurred_at",
    "before": "score_before",
    "after": "score_after",
    "amount": "amount",
}


def decision_changes(evidence: Evidence | None) -> QuerySet[DecisionChange]:
    """Those that this evidence has found, the farthest moved first; each with the `evidence_digest`."""
    rows = DecisionChange.objects.none() if evidence is None else DecisionChange.objects.filter(evidence=evidence)
    return rows.annotate(evidence_digest=F("evidence__digest"))


def farthest(evidence: Evidence, most: int) -> list[DecisionChange]:
    """On each side of each threshold so many at the most."""
    own = Window(RowNumber(), partition_by=["intent", "threshold", "side"], order_by=["-move", "pk"])
    rows = DecisionChange.objects.filter(evidence=evidence).annotate(place=own).filter(place__lte=most)
    return list(rows.order_by("intent", "threshold", "-side", "place"))
