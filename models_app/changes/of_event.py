"""What is live and what is proposed say of one recorded event, as a change request's evidence computes it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from django.db.models import OuterRef, Q, Subquery

from models_app.changes.evidence.models import Evidence
from models_app.changes.evidence.run import changed_intents
from models_app.changes.models import ChangeRequest
from models_app.changes.selectors import concerning
from models_app.transforms.replay import Replay
from models_app.work.lease import CannotBeDone
from scoring.engine import document as documents
from scoring.engine.document import ReleaseDocument, Target
from scoring.engine.mapping import QuantileMapping
from scoring.engine.routing import first_match
from scoring.lake.names import TYPES
from scoring.models import Release
from tenants.models import Tenant

MOST = 3  # change requests that are asked, the newest first

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Said:
    """By one document: the `predictor` that answers the event, its probability, and the score.

    `how`: recorded live, recorded as a shadow, or replayed. Both numbers are None where `why_not` says why.
    `reached`: the thresholds that the score reaches, as this document has them.
    """

    predictor: str
    probability: float | None
    score: float | None
    how: str = ""
    why_not: str = ""
    reached: tuple[str, ...] = ()


@dataclass(frozen=True)
class BothSides:
    """A side is None where it does not serve the event's intent."""

    change: ChangeRequest
    live: Said | None
    proposed: Said | None

    @property
    def new_alerts(self) -> list[str]:
        """Thresholds at which the event alerts by what is proposed alone; none where a side is not known."""
        return _without(self.proposed, self.live)

    @property
    def dropped_alerts(self) -> list[str]:
        return _without(self.live, self.proposed)


def both_sides(tenant: Tenant, row: Row, number: int | None = None) -> list[BothSides]:
    """By the open change requests that change the event's intent, and by that of this number, which comes first.

    `row`: what was recorded, as `reading.find_event` gives it.
    """
    changes = _asked(tenant, row["intent"], number)
    live = _documents(tenant, {each.against for each in changes})
    found = []
    for change in changes:
        proposed, before = documents.decode(change.document), live.get(change.against)
        if row["intent"] in changed_intents(before, proposed):
            found.append(BothSides(change, _said(before, row), _said(proposed, row)))
    return found[:MOST]


def _asked(tenant: Tenant, intent: str, number: int | None) -> Sequence[Any]:
    """Each with the digest of the release that its latest evidence holds it `against`."""
    latest = Evidence.objects.filter(change_request=OuterRef("pk"), state=Evidence.State.SUCCEEDED).order_by("-id")
    open_ones = concerning(intent) & Q(state__in=ChangeRequest.OPEN)
    rows = ChangeRequest.objects.filter(open_ones | Q(number=number), tenant=tenant)
    rows = rows.annotate(against=Subquery(latest.values("live_digest")[:1])).exclude(against=None)
    found = list(rows.select_related("tenant").order_by("-number")[: 2 * MOST])
    return sorted(found, key=lambda each: each.number != number)


def _documents(tenant: Tenant, digests: Iterable[str]) -> dict[str, ReleaseDocument]:
    rows = Release.objects.filter(tenant=tenant, digest__in=set(digests)).order_by("digest", "-number")
    return {row.digest: documents.decode(row.document) for row in rows.distinct("digest")}


def _said(document: ReleaseDocument | None, row: Row) -> Said | None:
    if document is None or row["intent"] not in document.intents:
        return None
    intent = document.intents[row["intent"]]
    context = {name: value for name, value in row["context"].items() if value is not None}
    target = first_match(intent.routes, context).live
    try:
        probability, how = _probability(document, intent, target, row)
    except (CannotBeDone, ValueError, LookupError, OSError) as error:  # a model's file may be gone, too
        return Said(target.predictor, None, None, why_not=str(error))
    transform = document.transforms[str(target.transform)]
    score = QuantileMapping(transform.x, transform.y).one(probability)
    reached = tuple(each.name for each in intent.thresholds if score >= each.score)
    return Said(target.predictor, probability, score, how, reached=reached)


def _probability(document: ReleaseDocument, intent: documents.Intent, target: Target, row: Row) -> tuple[float, str]:
    """As it was recorded, else as it is replayed; both have the same bits. Raises CannotBeDone."""
    if row["predictor"] == target.predictor and row["probability"] is not None:
        return row["probability"], "recorded live"
    for shadow in row["shadows"] or []:
        if shadow["predictor"] == target.predictor and shadow["probability"] is not None:
            return shadow["probability"], "recorded as a shadow"
    replay = Replay(target.predictor, intent.features, document.predictors[target.predictor], document.models)
    probability = float(replay.probabilities_where_kept(_as_table(replay.types, row["features"]))[0])
    if probability != probability:
        raise CannotBeDone("what it needs of the event was not kept")
    return probability, "replayed"


def _as_table(types: Mapping[str, str], features: Row) -> pa.Table:
    """One row, of the columns that a replay takes. Raises CannotBeDone for a value that has another type by now."""
    try:
        return pa.table(
            {
                column: pa.array([features.get(column.partition(".")[2])], TYPES["feature"][type_])
                for column, type_ in types.items()
            }
        )
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        raise CannotBeDone("a feature had another type when the event was recorded") from None


def _without(one: Said | None, other: Said | None) -> list[str]:
    if one is None or other is None or one.score is None or other.score is None:
        return []
    return [each for each in one.reached if each not in other.reached]
