"""Many tenants as monitors find them: what the event consumer has counted, and their events and labels in the lake.

Events of one tenant are simulated, counted by the consumer's own code, and written to the lake as its commits leave
them: a day's in one file, and labels of the last days hour by hour. Every other tenant has copies of these rows and
links to these files, which cost whoever reads them the same.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from django.conf import settings
from django.db import connection, models
from scipy import special

from models_app.catalog.models import PredictorVersion, ReferenceDistribution
from models_app.intents.to_document import intent_part, thresholds_of
from models_app.monitors.models import Monitor
from models_app.statistics.days import merged
from models_app.statistics.fit import fit_mapping
from models_app.statistics.fitting_sample import fitting_sample
from models_app.statistics.references import BetaReference
from models_app.transforms import report
from models_app.transforms.models import Transform
from models_app.transforms.to_document import transform_part
from scoring.consumer import profiles
from scoring.lake import delta
from scoring.lake.columns import EVENT, LABEL
from scoring.models import DayStatistics, HourProfile
from tenants.models import Intent, Tenant
from tenants.scope import platform_scope

INTENT = "card-payments"
MIDNIGHT = datetime(2026, 6, 1, tzinfo=UTC)
HOURS = 24  # of events after that
REFERENCE = BetaReference(2.0, 8.0)
RATES = {"at-10%": 0.1, "at-5%": 0.05, "at-1%": 0.01, "at-0.5%": 0.005, "at-0.1%": 0.001}
_DAY = 86_400_000_000  # microseconds
_PAST_DAYS = 28
_LABELS_LATE = 7  # days
_LABELLED = 0.1  # of events that are no fraud; those that are, all
_FITTED = slice(-28, None)


@dataclass(frozen=True)
class Size:
    """`events`: of a tenant a day; `days`: of events before midnight."""

    tenants: int = 300
    events: int = 1_600
    features: int = 30
    days: int = 70


@dataclass(frozen=True)
class Served:
    """What a tenant is known by: its own id, its intent's, its transform's."""

    tenant: int
    intent: int
    transform: int


def fill(size: Size) -> list[Served]:
    """All tenants; the first of them is the one that was simulated."""
    rng = np.random.default_rng(16)
    with platform_scope():
        transforms = _transforms(size, _intents(size), _probabilities(rng, size.events * size.days))
        first = transforms[0]
        for day in range(-size.days, HOURS // 24):
            _write_day(rng, size, first, day)
        served = [Served(each.tenant_id, each.intent_id, each.pk) for each in transforms]
        for model in (HourProfile, DayStatistics):
            copy(model, served)
    _link(served)
    return served


def copy(model: type[models.Model], served: Sequence[Served]) -> None:
    """The rows of the first tenant for all others, in the caller's scope."""
    own = {"tenant_id": "other.tenant", "intent_id": "other.intent", "transform": "other.transform"}
    columns = [str(field.column) for field in model._meta.concrete_fields if not field.primary_key]
    chosen = ", ".join(own.get(column, f"kept.{column}") for column in columns)
    statement = f"""INSERT INTO {model._meta.db_table} ({", ".join(columns)})
        SELECT {chosen} FROM {model._meta.db_table} kept,
        unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS other (tenant, intent, transform)
        WHERE kept.tenant_id = %s"""
    others = [[getattr(each, name) for each in served[1:]] for name in ("tenant", "intent", "transform")]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*others, served[0].tenant])


def _intents(size: Size) -> list[Intent]:
    features = [{"name": f"feature_{place:02}", "type": "number"} for place in range(size.features)]
    thresholds = [{"name": name, "score": float(REFERENCE.score_at(rate))} for name, rate in RATES.items()]
    shared = {"features": features, "thresholds": thresholds, "context": [{"name": "channel", "type": "string"}]}
    rows = [Tenant(slug=f"client-{place:03}", name=f"Client {place:03}") for place in range(size.tenants)]
    return Intent.objects.bulk_create(
        Intent(tenant=tenant, name=INTENT, label_maturity_days=_LABELS_LATE, **shared)
        for tenant in Tenant.objects.bulk_create(rows)
    )


def _transforms(size: Size, intents: Sequence[Intent], probabilities: np.ndarray) -> list[Transform]:
    """One for each, fitted as a fit does it."""
    predictor = PredictorVersion.objects.create(name="cards", version=1)
    kept = {"name": "alerts", "version": 1, "kind": "beta", "parameters": {"a": REFERENCE.a, "b": REFERENCE.b}}
    reference = ReferenceDistribution.objects.create(**kept)
    days = [np.sort(each) for each in np.split(probabilities, size.days)[_FITTED]]
    thresholds, ordered = thresholds_of(intents[0]), merged(days)
    scores = sorted(each.score for each in thresholds)
    fitted = fit_mapping(ordered, REFERENCE, scores)
    sample = fitting_sample(ordered, [fitted.reaches(score) for score in scores], days)
    told = report.of_mapping(fitted, thresholds) | report.of_fitting_sample(sample)
    knots = {"kind": "custom", "x": list(fitted.x), "y": list(fitted.y), "report": told}
    return Transform.objects.bulk_create(
        Transform(tenant_id=each.tenant_id, intent=each, predictor=predictor, reference=reference, **knots)
        for each in intents
    )


def _write_day(rng: np.random.Generator, size: Size, transform: Transform, day: int) -> None:
    """Events of a day counted from midnight, their labels a week later, and what the consumer counts of them."""
    times = _times(rng, size.events, day)
    events = _events(rng, size, transform, times)
    _append(transform, "events", [events])
    labels = _labels(rng, events, times)
    _append(transform, "labels", [labels] if day < -_LABELS_LATE - 1 else _by_hour(labels))
    if day >= -_PAST_DAYS:
        _count(transform, events, day)


def _count(transform: Transform, events: pa.Table, day: int) -> None:
    intent, knots = intent_part(transform.intent, ()), transform_part(transform)
    name = delta.TableName(transform.tenant_id, INTENT, "events")
    notes = {"profiles": profiles.summarise(events, lambda *_: knots, lambda _: intent)}
    found = profiles.noted(notes)
    profiles.add(name, found)
    alerts = {name: sum(each.alerts[name] for each in found) for name in RATES}
    on = (MIDNIGHT + timedelta(days=day)).date()
    of = {"tenant_id": transform.tenant_id, "intent": INTENT, "transform": transform.pk}
    DayStatistics.objects.create(**of, day=on, events=len(events), alerts=alerts, thresholds=found[0].thresholds)


def _times(rng: np.random.Generator, count: int, day: int) -> np.ndarray:
    """When each event occurs, in microseconds: most by day."""
    hour = np.arange(24)
    weight = 1.0 + 0.8 * np.sin(2.0 * np.pi * (hour - 8) / 24.0)
    hours = rng.choice(24, count, p=weight / weight.sum()) + rng.random(count)
    start = int(MIDNIGHT.timestamp()) * 1_000_000 + day * _DAY
    return np.sort(start + (hours * _DAY / 24).astype(np.int64))


def _probabilities(rng: np.random.Generator, count: int) -> np.ndarray:
    """As spread as risk is: few are high."""
    return np.clip(rng.random(count) ** 6, 1e-9, 1.0 - 1e-9)


def _events(rng: np.random.Generator, size: Size, transform: Transform, times: np.ndarray) -> pa.Table:
    n = len(times)
    probability = _probabilities(rng, n)
    columns: dict[str, Any] = {
        "event_id": pa.array(times).cast(pa.string()),
        "occurred_at": times,
        "scored_at": times,
        "day": (times // _DAY).astype(np.int32),
        "release": np.ones(n, np.int32),
        "route": pa.repeat("all", n),
        "predictor": pa.repeat("cards@1", n),
        "transform": np.full(n, transform.pk),
        "outputs": pa.ListArray.from_arrays(np.arange(n + 1, dtype=np.int32), pa.array(probability)),
        "probability": probability,
        "score": special.betaincinv(REFERENCE.a, REFERENCE.b, probability ** (1.0 / 6.0)),
        "key": np.ones(n, np.int64),
        "shadows": pa.nulls(n, EVENT.field("shadows").type),
    }
    table = _table(columns, EVENT)
    for place in range(size.features):
        table = table.append_column(f"feature_feature_{place:02}", pa.array(rng.lognormal(4.0, 1.0, n)))
    channels = pa.array(["web", "app", "shop"]).take(pa.array(rng.integers(0, 3, n)))
    return table.append_column("context_channel", channels)


def _labels(rng: np.random.Generator, events: pa.Table, times: np.ndarray) -> pa.Table:
    is_fraud = rng.random(len(times)) < events["probability"].to_numpy() / 6.0
    (told,) = np.nonzero(is_fraud | (rng.random(len(times)) < _LABELLED))
    reported = times[told] + _LABELS_LATE * _DAY
    columns: dict[str, Any] = {
        "event_id": events["event_id"].combine_chunks().take(pa.array(told)),
        "label": is_fraud[told].astype(np.int32),
        "labelled_at": reported,
        "reported_at": reported,
        "day": (reported // _DAY).astype(np.int32),
        "key": np.ones(len(told), np.int64),
    }
    return _table(columns, LABEL)


def _table(columns: dict[str, Any], schema: pa.Schema) -> pa.Table:
    return pa.table({field.name: pa.array(columns[field.name]).cast(field.type) for field in schema}, schema=schema)


def _by_hour(labels: pa.Table) -> Iterator[pa.Table]:
    hours = labels["reported_at"].cast(pa.int64()).to_numpy() // (_DAY // 24)
    for hour in np.unique(hours):
        yield labels.filter(pa.array(hours == hour))


def _append(transform: Transform, kind: delta.Kind, tables: "Sequence[pa.Table] | Iterator[pa.Table]") -> None:
    name = delta.TableName(transform.tenant_id, INTENT, kind)
    for table in tables:
        delta.append(name, delta.open_table(name), table, {})


def _link(served: Sequence[Served]) -> None:
    """The lake's files of the first tenant as those of all others."""
    lake = Path(settings.LAKE)
    for each in served[1:]:
        shutil.copytree(lake / str(served[0].tenant), lake / str(each.tenant), copy_function=os.link)


def copy_monitor(served: Sequence[Served]) -> None:
    """What is known of the first tenant's intent as what is known of all others'."""
    with platform_scope():
        copy(Monitor, served)
