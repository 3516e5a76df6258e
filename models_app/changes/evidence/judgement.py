"""How an intent's evidence judges, as its settings say now: what is read for it, and by which rule labels count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from models_app.changes.evidence.sides import Recorded
from models_app.intents import judgement
from models_app.statistics.clusters import Codes
from models_app.statistics.evidence.labels import LabelRule
from models_app.statistics.evidence.parts import Values
from models_app.statistics.evidence.segments import CONTEXT, FEATURE
from scoring.engine.probability import FloatArray
from tenants.models import Intent

_DAY = 86_400_000_000  # microseconds


@dataclass(frozen=True)
class Judgement:
    """`entity`, `amount`: as the intent names them, "" where it does not; `segments`: what divides events.

    `columns`: of the event log, for these.
    """

    entity: str
    amount: str
    labels: LabelRule
    columns: Mapping[str, tuple[str, str]]
    segments: Sequence[judgement.Column] = ()


def judgement_of(tenant_id: int, name: str) -> Judgement:
    """Of an intent in the caller's scope."""
    intent = Intent.objects.get(tenant_id=tenant_id, name=name)
    named = {"entity": judgement.entity_column(intent), "amount": judgement.amount_column(intent)}
    segments = judgement.segment_columns(intent)
    named |= {_segment(place): (each.path, each.type) for place, each in enumerate(segments)}
    return Judgement(
        entity=intent.entity,
        amount=intent.amount,
        labels=LabelRule(
            maturity_days=float(intent.label_maturity_days),
            unlabelled_negative=intent.unlabelled_means == Intent.Unlabelled.NEGATIVE,
        ),
        columns={each: column for each, column in named.items() if column is not None},
        segments=segments,
    )


def entities(recorded: Recorded, judged: Judgement) -> Codes | None:
    """A number for each event (n,), the same for events of one entity; an event without has one of its own.

    None where the intent names none, or no event has any.
    """
    if "entity" not in judged.columns:
        return None
    column = recorded.values("entity").cast(pa.string())
    column = pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
    if column.null_count == len(column):
        return None
    codes = np.array(pc.fill_null(column.dictionary_encode().indices, -1), dtype=np.int64)
    alone = codes < 0
    codes[alone] = codes.max() + 1 + np.arange(np.count_nonzero(alone))
    return codes


def amounts(recorded: Recorded, judged: Judgement) -> FloatArray | None:
    """What each event is worth (n,), NaN where it does not say; None where the intent names none, or no event does."""
    if "amount" not in judged.columns:
        return None
    column = recorded.values("amount").cast(pa.float64())
    return None if column.null_count == len(column) else np.array(column.to_numpy(zero_copy_only=False))


def segment_values(recorded: Recorded, judged: Judgement) -> dict[str, Values]:
    """By name, what the events have of what divides them; nothing of what no event has."""
    found = {each.name: (each, recorded.values(_segment(place))) for place, each in enumerate(judged.segments)}
    return {name: _values(each, column) for name, (each, column) in found.items() if column.null_count < len(column)}


def _values(of: judgement.Column, column: pa.Array) -> Values:
    source = CONTEXT if of.is_of_context else FEATURE
    if of.is_number:
        numbers = np.array(column.cast(pa.float64()).to_numpy(zero_copy_only=False))
        return Values(source, numbers=numbers, may_be_none=of.may_be_none)
    texts = column.cast(pa.string()).dictionary_encode()
    codes = np.array(pc.fill_null(texts.indices, -1), dtype=np.int64)
    return Values(source, names=tuple(texts.dictionary.to_pylist()), codes=codes, may_be_none=of.may_be_none)


def _segment(place: int) -> str:
    return f"segment.{place}"


def labelled_after(recorded: Recorded) -> FloatArray:
    """Days (n,) from when an event occurred to when what its label says was first reported; NaN without a label."""
    reported, occurred = (recorded.column(each).astype("datetime64[us]") for each in ("reported_at", "occurred_at"))
    days: FloatArray = (reported - occurred) / np.timedelta64(_DAY, "us")
    return days
