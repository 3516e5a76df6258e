"""What an hour's events were like: how features, context and probability were spread, and how many alerted.

Made from each batch's table, kept in its commit and counted from there, as the statistics by the minute are. What an
intent does not keep of its features is not in the table, and so not here. Events of long ago are no part of an hour.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scoring.consumer import counts
from scoring.engine import bins, document
from scoring.engine.bins import Spread
from scoring.engine.signatures import OF_AN_HOUR
from scoring.lake import delta
from scoring.lake.columns import kept_features
from scoring.lake.names import TYPES, Prefix, columns_of
from scoring.lake.signatures import signatures_of
from scoring.models import HourProfile

_HOUR = 3_600_000_000
_VALUES = 64  # that are told apart of a category or an attribute, of one batch

Spreads = dict[str, Spread]


class Profile(msgspec.Struct, forbid_unknown_fields=False):
    """Events that were scored in one hour (counted from 1970) by one transform of one release.

    `alerts`, and the score in `thresholds` that each was counted at; `beyond`: how many were riskier than all that the
    transform was fitted on. `probability`, and `features` and `context` by name: events by bin. `signatures` of some of
    the events that alert at any threshold (engine/signatures.py).
    """

    hour: int
    transform: int
    events: int
    alerts: dict[str, int]
    thresholds: dict[str, float]
    beyond: int
    probability: Spread
    features: Spreads
    context: Spreads
    signatures: list[list[int]] = []

    @property
    def key(self) -> tuple[datetime, int]:
        return datetime.fromtimestamp(self.hour * 3600, UTC), self.transform


def summarise(
    events: pa.Table,
    knots_of: Callable[[int, int], document.Transform | None],
    intent_of: Callable[[int], document.Intent],
) -> list[dict[str, object]]:
    """The notes of a batch's commit: one `Profile` for each hour, transform and release of its table of events.

    knots_of: by release and transform; intent_of: by release.
    """
    return [
        msgspec.to_builtins(_profile(own, hour, release, transform, knots_of(release, transform), intent_of(release)))
        for (hour, release, transform), own in _groups(_counted(events))
    ]


def noted(notes: Mapping[str, Any]) -> list[Profile]:
    """Return the profiles that a commit notes; former versions noted none."""
    return msgspec.convert(notes.get("profiles", []), list[Profile])


def add(name: delta.TableName, profiles: Sequence[Profile]) -> None:
    """Count them, in the caller's transaction."""
    place = {"tenant_id": name.tenant, "intent": name.intent}
    known = HourProfile.objects.filter(**place, hour__in={each.key[0] for each in profiles})
    rows = {(row.hour, row.transform): row for row in known}
    for each in profiles:
        hour, transform = each.key
        row = rows.setdefault(each.key, HourProfile(**place, hour=hour, transform=transform))
        counts.add(row, each)
        row.thresholds |= each.thresholds
        row.beyond += each.beyond
        row.probability = bins.together(row.probability, each.probability)
        row.features = bins.all_together(row.features, each.features)
        row.context = bins.all_together(row.context, each.context)
        row.signatures = sorted([*row.signatures, *each.signatures])[:OF_AN_HOUR]
    counts.store(
        HourProfile,
        rows.values(),
        ["hour", "transform"],
        ["thresholds", "beyond", "probability", "features", "context", "signatures"],
    )


def _counted(events: pa.Table) -> pa.Table:
    """Those that happen now, once each, and that the live predictor answered."""
    age = pc.subtract(events["scored_at"].cast(pa.int64()), events["occurred_at"].cast(pa.int64()))
    keep = pc.less_equal(age, counts.LATE)
    if "repeat" in events.column_names:
        keep = pc.and_(keep, pc.invert(pc.fill_null(events["repeat"], False)))
    if "degraded" in events.column_names:
        keep = pc.and_(keep, pc.is_null(events["degraded"]))
    return events.filter(keep)


def _groups(events: pa.Table) -> Iterator[tuple[tuple[int, int, int], pa.Table]]:
    """The events of each hour, release and transform."""
    hours = events["scored_at"].cast(pa.int64()).to_numpy() // _HOUR
    keys = np.column_stack([hours, events["release"].to_numpy(), events["transform"].to_numpy()])
    found, group = np.unique(keys, axis=0, return_inverse=True)
    for number, (hour, release, transform) in enumerate(found.tolist()):
        (rows,) = np.nonzero(group.ravel() == number)
        yield (hour, release, transform), events if len(found) == 1 else events.take(rows)


def _profile(
    events: pa.Table, hour: int, release: int, transform: int, knots: document.Transform | None, intent: document.Intent
) -> Profile:
    alerts, at = counts.alerts_at(events["score"].to_numpy(), intent.thresholds)
    probability = events["probability"].to_numpy()
    return Profile(
        hour,
        transform,
        events.num_rows,
        alerts,
        at,
        0 if knots is None else int(np.count_nonzero(probability > knots.x[-2])),
        _named(*np.unique(bins.of_probabilities(probability), return_counts=True)),
        _spreads(events, "feature", intent.features),
        _spreads(events, "context", intent.context),
        _signatures(events, min(at.values(), default=None), intent),
    )


def _spreads(
    events: pa.Table, prefix: Prefix, parts: Iterable[document.Feature | document.ContextAttribute]
) -> Spreads:
    """How the values of each of these features or attributes are spread, of those that the table has."""
    known = dict(zip(events.schema.names, events.schema.types, strict=True))
    found = {}
    for part in parts:
        for column in columns_of(prefix, part.name, known):
            if known[column] == TYPES[prefix][part.type]:
                found[part.name] = _spread(events[column].combine_chunks())
    return found


def _signatures(events: pa.Table, least: float | None, intent: document.Intent) -> list[list[int]]:
    """Of events that score at least so much: of many those whose signatures are the least, wherever they come."""
    if least is None:
        return []
    alerting = events.filter(pc.greater_equal(events["score"], least))
    known = dict(zip(events.schema.names, events.schema.types, strict=True))
    features = {
        part.name: alerting[column].combine_chunks()
        for part in kept_features(intent)
        for column in columns_of("feature", part.name, known)
        if known[column] == TYPES["feature"][part.type]
    }
    return sorted(signatures_of(features, alerting.num_rows).tolist())[:OF_AN_HOUR]


def _spread(values: pa.Array) -> Spread:
    """How many of the values are in each bin: of numbers by size, of all else by value."""
    present = values.drop_null()
    nulls = {bins.NONE: values.null_count} if values.null_count else {}
    if not (pa.types.is_floating(values.type) or pa.types.is_integer(values.type)):
        return _by_value(present.cast(pa.string())) | nulls
    numbers = present.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    finite = numbers[np.isfinite(numbers)]
    return _named(*np.unique(bins.of_numbers(finite), return_counts=True)) | nulls


def _by_value(values: pa.Array) -> Spread:
    found = Counter({f"={each['values']}": each["counts"] for each in values.value_counts().to_pylist()})
    kept = dict(found.most_common(_VALUES))
    rest = found.total() - sum(kept.values())
    return kept | ({bins.OTHER: rest} if rest else {})


def _named(found: Any, events: Any) -> Spread:
    return {str(each): count for each, count in zip(found.tolist(), events.tolist(), strict=True)}
