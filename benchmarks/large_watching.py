"""The rows of what watches and acts by itself in a large installation: monitors, incidents, refreshes and trials."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from django.utils import timezone

from models_app.changes.models import ChangeRequest
from models_app.changes.standing_approvals.models import BoundsApproval, StandingApproval
from models_app.incidents.models import Incident
from models_app.monitors.models import Monitor
from models_app.refreshes.models import Refresh, RefreshPolicy
from models_app.successors.models import SuccessorPolicy, Trial
from models_app.transforms.models import Transform
from tenants.models import Intent, Person

SIGNAL = {"of": "feature", "name": "amount", "a_year": 1e-6, "since": 495_000, "ratio": 1.0, "how": "nulls"}
OF_REFRESH, OF_TRIAL = 2, 3  # the numbers of the change requests that come of them: of each tenant one


def incidents(intents: Sequence[Intent]) -> list[Incident]:
    """A data fault of every intent, and what its monitor has seen."""
    now, known = timezone.now(), {"a_year": SIGNAL["a_year"], "signals": [SIGNAL]}
    Monitor.objects.bulk_create(Monitor(tenant=each.tenant, intent=each, looked_at=now, **known) for each in intents)
    return Incident.objects.bulk_create(
        Incident(tenant=each.tenant, intent=each, kind="data fault", subject="amount", since=now, seen_at=now, **known)
        for each in intents
    )


def standing_approvals(transforms: Sequence[Transform], people: Sequence[Person]) -> None:
    """One for the intent of each transform, approved by another than who wrote it."""
    until = timezone.now() + timedelta(days=90)
    numbers: dict[int, int] = {}
    rows = []
    for each, author in zip(transforms, cycle(people), strict=False):
        numbers[each.tenant_id] = numbers.get(each.tenant_id, 0) + 1
        rows.append(
            StandingApproval(
                tenant=each.tenant, number=numbers[each.tenant_id], intent=each.intent, predictor=each.predictor,
                reference=each.reference, rate_tolerance=0.1, mapping_tolerance=0.05, until=until, author=author,
                edited_by=author, reason="alert rates keep themselves",
            )
        )  # fmt: skip
    approvals = StandingApproval.objects.bulk_create(rows)
    BoundsApproval.objects.bulk_create(
        BoundsApproval(tenant=each.tenant, standing_approval=each, person=who, digest=each.digest)
        for each, who in zip(approvals, cycle(people[1:]), strict=False)
    )


def refreshes(
    count: int, known: Sequence[Incident], intents: Sequence[Intent], changes: Sequence[ChangeRequest], who: Person
) -> None:
    """So many of each intent, one a day; with the latest a change request waits, for one intent of each tenant."""
    now = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    policies = RefreshPolicy.objects.bulk_create(
        RefreshPolicy(tenant=each.tenant, intent=each, since=now - timedelta(days=365), set_by=who) for each in intents
    )
    incident, waiting = {each.intent_id: each.pk for each in known}, _by_tenant(changes, OF_REFRESH)
    Refresh.objects.bulk_create(
        (
            Refresh(tenant=policy.tenant, policy=policy, due=now - timedelta(days=ago), finished_at=now, **outcome)
            for policy in policies
            for ago, outcome in enumerate(
                _outcomes(count, incident[policy.intent_id], waiting.pop(policy.tenant_id, None))
            )
        ),
        batch_size=2_000,
    )


def _outcomes(count: int, incident: int, change: ChangeRequest | None) -> Iterator[dict[str, Any]]:
    """Of an intent's refreshes, the latest first."""
    against = {"refused": [f"incident {incident} (data fault) goes on"], "held_back_by": [incident]}
    held_back = {"state": "succeeded", "outcome": "held back", "progress": 1.0, **against}
    if change is not None:
        yield {"state": "succeeded", "outcome": "waits", "progress": 1.0, "change_request": change}
    for ago in range(count - (change is not None)):
        yield {"state": "failed", "error": "there are no such events"} if ago % 3 == 2 else held_back


def trials(
    count: int, transforms: Sequence[Transform], changes: Sequence[ChangeRequest], people: Sequence[Person]
) -> None:
    """So many of the intent of each transform, one after the other: its predictor beside that of the next one."""
    now = timezone.now()
    policies = SuccessorPolicy.objects.bulk_create(
        SuccessorPolicy(tenant=each.tenant, intent=each.intent, since=now - timedelta(days=365), set_by=people[0])
        for each in transforms
    )
    waiting, shadows = _by_tenant(changes, OF_TRIAL), cycle([*transforms[1:], *transforms[:1]])
    Trial.objects.bulk_create(
        (
            Trial(
                tenant=policy.tenant, policy=policy, live=live.predictor, shadow=shadow.predictor, found=_found(),
                finished_at=now, **_times(now, policy, ago), **_came_of(waiting.pop(policy.tenant_id, None)),
            )
            for policy, live, shadow in zip(policies, transforms, shadows, strict=False)
            for ago in range(count)
        ),
        batch_size=2_000,
    )  # fmt: skip


def _times(now: datetime, policy: SuccessorPolicy, ago: int) -> dict[str, datetime]:
    end = now - policy.length * ago
    return {"begin": end - policy.length, "end": end, "due": end}


def _came_of(change: ChangeRequest | None) -> dict[str, Any]:
    if change is not None:
        return {"state": "succeeded", "outcome": "waits", "change_request": change}
    return {"state": "succeeded", "outcome": "not better", "against": ["at “review” it catches less"]}


def _found() -> dict[str, Any]:
    """What labels told: two thresholds, at each of which both caught about half."""
    change = {"value": -0.1, "low": -0.2, "high": 0.0}
    contest = {"rate": 0.05, "live": 0.5, "shadow": 0.4, "change": change}
    contests = [{"threshold": each, **contest} for each in ("review", "decline")]
    return {"events": 100_000, "positive": 5_000, "against": [], "is_known": True, "contests": contests}


def _by_tenant(changes: Sequence[ChangeRequest], number: int) -> dict[int, ChangeRequest]:
    return {each.tenant_id: each for each in changes if each.number == number}
