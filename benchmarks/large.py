"""The rows of a large installation, written straight to the database: for how the console does at size.

What pages list is there in its number and with the sizes that rows have; no file and no event stands behind it.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle, islice
from typing import Any

import numpy as np
from django.utils import timezone

from benchmarks import large_watching
from models_app.catalog.models import ModelVersion, PredictorMember, PredictorVersion, ReferenceDistribution
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest, Review
from models_app.replacements.models import Replacement, ReplacementLine
from models_app.transforms.models import Fit, Transform
from scoring.engine import document as documents
from scoring.models import CurrentRelease, DayStatistics, HourStatistics, KeyDay, MinuteStatistics, Release
from tenants.audit_terms import AuditAction, SubjectType
from tenants.models import ApiKey, AuditEntry, Intent, Membership, Person, Tenant
from tenants.scope import platform_scope

FEATURES = [{"name": f"feature_{place:02}", "type": "number"} for place in range(30)]
THRESHOLDS = [
    {"name": "review", "score": 0.7, "action": "review"},
    {"name": "decline", "score": 0.9, "action": "decline"},
]
KNOTS = 400
MODEL = "model-000@1"
KEYS, DAY_QUOTA = ("web shop", "back office"), 5_000_000  # of each tenant, and of each key


@dataclass(frozen=True)
class Size:
    """How many of each. `refreshes`, `trials`, `minutes` of statistics: of each intent; `acts`: in the audit trail.

    `key_days`: on which each key let events in.
    """

    tenants: int = 300
    intents: int = 1_000
    models: int = 5_000
    changes: int = 2_000
    fits: int = 3_000
    refreshes: int = 60
    trials: int = 12
    people: int = 400
    minutes: int = 60
    key_days: int = 90
    acts: int = 20_000


def fill(size: Size) -> None:
    """Write them all, in one transaction."""
    with platform_scope():
        people = _people(size)
        tenants = _tenants(size, people)
        intents = _intents(size, tenants)
        predictors = _predictors(_models(size))
        transforms = _transforms(intents, predictors)
        releases = _releases(tenants, intents, transforms, people)
        changes = _changes(size, releases, people)
        _replacement(changes, predictors, people)
        _fits(size, transforms, people)
        _minutes(size, intents, transforms)
        _hours(intents, transforms)
        _days(intents, transforms)
        _key_days(size, tenants)
        _watching(size, intents, transforms[::3], changes, people)
        _acts(size, changes, people)


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _people(size: Size) -> list[Person]:
    rows = [Person(email=f"member-{place}@example.com", name=f"Person {place}") for place in range(size.people)]
    return Person.objects.bulk_create(rows)


def _tenants(size: Size, people: Sequence[Person]) -> list[Tenant]:
    tenants = Tenant.objects.bulk_create(
        Tenant(slug=f"client-{place:03}", name=f"Client {place:03}", quota_per_day=len(KEYS) * DAY_QUOTA)
        for place in range(size.tenants)
    )
    roles = cycle(["viewer", "analyst", "approver", "admin"])
    members = zip(people, cycle(tenants), roles, strict=False)
    Membership.objects.bulk_create(Membership(person=who, tenant=tenant, role=role) for who, tenant, role in members)
    ApiKey.objects.bulk_create(
        ApiKey(
            tenant=tenant,
            name=name,
            prefix=_digest(tenant.slug, name)[:12],
            secret_hash=_digest(name),
            scopes=["score"],
            quota_per_day=DAY_QUOTA,
        )
        for tenant in tenants
        for name in KEYS
    )
    return tenants


def _intents(size: Size, tenants: Sequence[Tenant]) -> list[Intent]:
    shared = {"features": FEATURES, "thresholds": THRESHOLDS, "context": []}
    owners = zip(range(size.intents), cycle(tenants), strict=False)
    return Intent.objects.bulk_create(Intent(tenant=tenant, name=f"intent-{j:04}", **shared) for j, tenant in owners)


def _models(size: Size) -> list[ModelVersion]:
    now = timezone.now()
    parity = {"inputs": [[0.5] * len(FEATURES)] * 20, "outputs": [0.5] * 20}
    quantiles = [[level, level**2] for level in np.linspace(0, 1, 200)]
    return ModelVersion.objects.bulk_create(
        ModelVersion(
            name=f"model-{j // 10:03}", version=1 + j % 10, file_format="onnx", features=FEATURES, beta=0.5,
            uploaded_digest=_digest("up", j), uploaded_bytes=100_000, digest=_digest("model", j), state="usable",
            parity=parity, validation_quantiles=quantiles, checked_at=now,
        )
        for j in range(size.models)
    )  # fmt: skip


def _predictors(models: Sequence[ModelVersion]) -> list[PredictorVersion]:
    """Create predictors, each of every second model and the model after it."""
    pairs = list(zip(models[::2], models[1::2], strict=False))
    predictors = PredictorVersion.objects.bulk_create(
        PredictorVersion(name=f"predictor-{j // 10:03}", version=1 + j % 10) for j in range(len(pairs))
    )
    PredictorMember.objects.bulk_create(
        PredictorMember(predictor=predictor, position=place, model=model, beta=model.beta)
        for predictor, pair in zip(predictors, pairs, strict=True)
        for place, model in enumerate(pair)
    )
    return predictors


def _transforms(intents: Sequence[Intent], predictors: Sequence[PredictorVersion]) -> list[Transform]:
    """Three for each intent: the knots and report that a fit leaves."""
    reference = ReferenceDistribution.objects.create(
        name="large", version=1, kind="beta", parameters={"a": 2.0, "b": 8.0}
    )
    x = np.linspace(0, 1, KNOTS)
    knots: dict[str, Any] = {
        "kind": "custom",
        "x": x.tolist(),
        "y": np.sqrt(x).tolist(),
        "report": {"verdict": "enough", "n": 100_000},
    }
    of = zip((intent for intent in intents for _ in range(3)), cycle(predictors), strict=False)
    return Transform.objects.bulk_create(
        (
            Transform(
                tenant=intent.tenant,
                intent=intent,
                predictor=predictor,
                reference=reference,
                **knots,
            )
            for intent, predictor in of
        ),
        batch_size=500,
    )


def _releases(
    tenants: Sequence[Tenant], intents: Sequence[Intent], transforms: Sequence[Transform], people: Sequence[Person]
) -> list[Release]:
    """Three for each tenant, the third its current one."""
    mine: dict[int, list[Transform]] = {tenant.pk: [] for tenant in tenants}
    for transform in transforms[::3]:
        mine[transform.tenant_id].append(transform)
    rows = []
    for tenant in tenants:
        text = documents.encode(_document(tenant, mine[tenant.pk])).decode()
        common = {"tenant": tenant, "document": text, "digest": _digest(text), "published_by": people[0]}
        rows += [Release(number=number, reason="as approved", **common) for number in (1, 2, 3)]
    releases = Release.objects.bulk_create(rows)
    CurrentRelease.objects.bulk_create(CurrentRelease(tenant=each.tenant, release=each) for each in releases[2::3])
    return releases


def _document(tenant: Tenant, transforms: Sequence[Transform]) -> documents.ReleaseDocument:
    features = tuple(documents.Feature(each["name"]) for each in FEATURES)
    names = tuple(each["name"] for each in FEATURES)
    thresholds = tuple(documents.Threshold(str(each["name"]), float(str(each["score"]))) for each in THRESHOLDS)
    keys = {each.pk: each.predictor.key for each in transforms}
    return documents.ReleaseDocument(
        tenant=tenant.slug,
        intents={
            each.intent.name: documents.Intent(
                features=features,
                thresholds=thresholds,
                routes=(documents.Route("all", documents.Target(keys[each.pk], each.pk)),),
            )
            for each in transforms
        },
        predictors={
            key: documents.Predictor((documents.Member("model-000@1", 0.5, 1.0),), "mean") for key in keys.values()
        },
        transforms={
            str(each.pk): documents.Transform("custom", "large@1", tuple(each.x), tuple(each.y)) for each in transforms
        },
        models={MODEL: documents.Model(_digest("model", 0), names, 1)},
    )


def _changes(size: Size, releases: Sequence[Release], people: Sequence[Person]) -> list[ChangeRequest]:
    """Over tenants in turn; a third waits for review, with evidence and a comment each."""
    current, now = releases[2::3], timezone.now()
    states = cycle(["in review", "draft", "rejected"])
    numbered = zip(range(size.changes), cycle(current), states, cycle(people), strict=False)
    changes = ChangeRequest.objects.bulk_create(
        (
            ChangeRequest(
                tenant=live.tenant, number=1 + j // len(current), state=state, title=f"Let model {j} answer",
                author=author, edited_by=author, reason="it finds more fraud", based_on=live, document=live.document,
                digest=_digest("c", j), expires_at=now + timedelta(days=1 + j % 14),
                submitted_at=now if state == "in review" else None,
            )
            for j, live, state, author in numbered
        ),
        batch_size=200,
    )  # fmt: skip
    _evidence(changes, current)
    Review.objects.bulk_create(
        Review(tenant=each.tenant, change_request=each, person=who, decision="comment", text="looks right")
        for each, who in zip(changes, cycle(people[1:]), strict=False)
    )
    return changes


def _replacement(
    changes: Sequence[ChangeRequest], predictors: Sequence[PredictorVersion], people: Sequence[Person]
) -> None:
    """Create one replacement for all tenants: each has a line, with the first of its change requests."""
    source = {"kind": "either", "days": 14.0, "as_of": timezone.now().isoformat()}
    old, new = predictors[:2]
    replacement = Replacement.objects.create(
        title="A better model",
        reason="it finds more fraud",
        author=people[0],
        replaced=old,
        predictor=new,
        source=source,
    )
    ReplacementLine.objects.bulk_create(
        ReplacementLine(
            tenant=each.tenant, replacement=replacement, intents=["intent"], state="succeeded", progress=1.0,
            verdict=verdict, change_request=each,
        )
        for each, verdict in zip(changes, cycle(["pass", "fail", "not enough events"]), strict=False)
        if each.number == 1
    )  # fmt: skip


def _evidence(changes: Sequence[ChangeRequest], current: Sequence[Release]) -> None:
    live, now = {each.tenant_id: each.digest for each in current}, timezone.now()
    verdicts = cycle(["pass", "fail", "not enough events"])
    figure = {"data": [{"x": list(range(200)), "y": [0.5] * 200}] * 3, "layout": {"title": {"text": "A figure"}}}
    text = json.dumps({"intents": [], "verdict": {}})
    Evidence.objects.bulk_create(
        (
            Evidence(
                tenant=each.tenant, change_request=each, document_digest=each.digest, live_digest=live[each.tenant_id],
                start=now - timedelta(days=14), end=now, state="succeeded", progress=1.0, result=text, verdict=verdict,
                digest=_digest(text, each.pk), sentence="Alerts at ‘decline’ stay where they are.",
                figures={f"intent/{j}": figure for j in range(8)}, finished_at=now,
            )
            for each, verdict in zip(changes, verdicts, strict=False)
        ),
        batch_size=100,
    )  # fmt: skip


def _fits(size: Size, transforms: Sequence[Transform], people: Sequence[Person]) -> None:
    states = cycle(["failed", "cancelled", "queued"])
    source = {"kind": "recorded", "days": 14.0, "as_of": timezone.now().isoformat()}
    of = zip(islice(cycle(transforms), size.fits), states, cycle(people), strict=False)
    Fit.objects.bulk_create(
        Fit(
            tenant=each.tenant, intent=each.intent, predictor=each.predictor, reference=each.reference, source=source,
            state=state, created_by=who, error="only 50 events" if state == "failed" else "",
        )
        for each, state, who in of
    )  # fmt: skip


def _watching(
    size: Size,
    intents: Sequence[Intent],
    transforms: Sequence[Transform],
    changes: Sequence[ChangeRequest],
    people: Sequence[Person],
) -> None:
    """What each intent is watched by, and what it does by itself; `transforms`: one of each."""
    known = large_watching.incidents(intents)
    large_watching.standing_approvals(transforms, people)
    large_watching.refreshes(size.refreshes, known, intents, changes, people[0])
    large_watching.trials(size.trials, transforms, changes, people)


def _minutes(size: Size, intents: Sequence[Intent], transforms: Sequence[Transform]) -> None:
    MinuteStatistics.objects.bulk_create(_minutes_of(size, intents, transforms), batch_size=2_000)


def _minutes_of(size: Size, intents: Sequence[Intent], transforms: Sequence[Transform]) -> Iterator[MinuteStatistics]:
    """Spread over the last day."""
    start = timezone.now().replace(second=0, microsecond=0) - timedelta(days=1)
    step = 1_440 / max(1, size.minutes)
    for intent, transform in zip(intents, transforms[::3], strict=True):
        by: dict[str, Any] = {"tenant": intent.tenant, "intent": intent.name, "release": 3}
        by |= {"predictor": transform.predictor.key, "transform": transform.pk}
        for place in range(size.minutes):
            yield MinuteStatistics(
                minute=start + timedelta(minutes=int(place * step)), events=200, alerts={"review": 10, "decline": 2},
                histogram=[4] * 50, **by,
            )  # fmt: skip


def _hours(intents: Sequence[Intent], transforms: Sequence[Transform]) -> None:
    """Write the hourly statistics of the last week."""
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    scores = {str(each["name"]): each["score"] for each in THRESHOLDS}
    HourStatistics.objects.bulk_create(
        (
            HourStatistics(
                tenant=intent.tenant, intent=intent.name, transform=transform.pk, hour=now - timedelta(hours=back),
                events=12_000, alerts={"review": 600 + 7 * back, "decline": 120}, histogram=[240] * 50,
                thresholds=scores,
            )
            for intent, transform in zip(intents, transforms[::3], strict=True)
            for back in range(7 * 24)
        ),
        batch_size=2_000,
    )  # fmt: skip


def _days(intents: Sequence[Intent], transforms: Sequence[Transform]) -> None:
    """Write the daily statistics of the last week, by when events occurred."""
    today = timezone.now().date()
    scores = {str(each["name"]): each["score"] for each in THRESHOLDS}
    DayStatistics.objects.bulk_create(
        (
            DayStatistics(
                tenant=intent.tenant, intent=intent.name, transform=transform.pk, day=today - timedelta(days=back),
                events=288_000, alerts={"review": 14_400 + 168 * back, "decline": 2_880}, thresholds=scores,
            )
            for intent, transform in zip(intents, transforms[::3], strict=True)
            for back in range(7)
        ),
        batch_size=2_000,
    )  # fmt: skip


def _key_days(size: Size, tenants: Sequence[Tenant]) -> None:
    """What each key let in on each of the last days: of every tenth tenant nearly what its quotas allow."""
    near, today = {each.pk for each in tenants[::10]}, timezone.now().date()
    KeyDay.objects.bulk_create(
        (
            KeyDay(
                tenant_id=tenant, key_id=key, day=today - timedelta(days=back),
                events=int((0.9 if tenant in near else 0.1) * DAY_QUOTA),
            )
            for key, tenant in ApiKey.objects.filter(tenant__in=tenants).values_list("pk", "tenant_id")
            for back in range(size.key_days)
        ),
        batch_size=2_000,
    )  # fmt: skip


def _acts(size: Size, changes: Sequence[ChangeRequest], people: Sequence[Person]) -> None:
    who = zip(range(size.acts), cycle(changes), cycle(people), strict=False)
    AuditEntry.objects.bulk_create(
        (
            AuditEntry(
                person=person,
                tenant=change.tenant,
                act=AuditAction.APPROVE,
                subject=str(change),
                subject_type=SubjectType.CHANGE_REQUEST,
                subject_id=change.pk,
                reason="looks right",
            )
            for _, change, person in who
        ),
        batch_size=2_000,
    )
