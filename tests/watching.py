"""Rows for tests of what watches, and of what acts by itself: incidents, monitors, refreshes, trials, and their bounds.

Each factory works in the scope that it needs, as those of factories.py do.
"""

from datetime import timedelta

from django.utils import timezone

from models_app.changes.standing_approvals.models import StandingApproval
from models_app.incidents.models import Incident
from models_app.monitors.models import Monitor
from models_app.refreshes.models import Refresh, RefreshPolicy
from models_app.successors.models import SuccessorPolicy, Trial
from tenants.models import Intent, Person
from tenants.scope import platform_scope
from tests.factories import World, make_person

SIGNAL = {
    "of": "feature", "name": "amount", "a_year": 1e-6, "since": 495_000, "ratio": 1.0, "transform": None,
    "how": "nulls",
}  # fmt: skip


def make_incident(intent: Intent, **fields: object) -> Incident:
    """A data fault of its amount, which goes on."""
    defaults = {"kind": "data fault", "subject": "amount", "a_year": SIGNAL["a_year"], "signals": [SIGNAL]}
    times = {"since": timezone.now() - timedelta(hours=3), "seen_at": timezone.now()}
    with platform_scope():
        return Incident.objects.create(tenant_id=intent.tenant_id, intent=intent, **defaults | times | fields)


FOUND = {
    "events": 1000, "positive": 50, "against": [], "is_known": True,
    "contests": [
        {"threshold": "review", "rate": 0.05, "live": 0.5, "shadow": 0.4,
         "change": {"value": -0.1, "low": -0.2, "high": 0.0}}
    ],
}  # fmt: skip


def make_refresh(intent: Intent, **fields: object) -> Refresh:
    """One that was held back, of the intent's policy, which is made with the first."""
    now = timezone.now()
    with platform_scope():
        person = Person.objects.filter(email="refreshes@example.com").first()
        person = person or make_person("refreshes@example.com", "analyst")
        policy, _ = RefreshPolicy.objects.get_or_create(
            intent=intent, defaults={"tenant_id": intent.tenant_id, "since": now, "set_by": person}
        )
        due = now - timedelta(days=policy.refreshes.count())
        ended = {"state": "succeeded", "outcome": "held back", "refused": ["incident 1 (risk) goes on"]}
        ended |= {"finished_at": now}
        return Refresh.objects.create(tenant_id=intent.tenant_id, policy=policy, **{"due": due} | ended | fields)


def make_trial(world: World, **fields: object) -> Trial:
    """One that the world's own predictor did not win, of the intent's policy, which is made with the first."""
    now, intent = timezone.now(), world.intent
    with platform_scope():
        person = Person.objects.filter(email="trials@example.com").first()
        person = person or make_person("trials@example.com", "analyst")
        policy, _ = SuccessorPolicy.objects.get_or_create(
            intent=intent, defaults={"tenant_id": intent.tenant_id, "since": now, "set_by": person}
        )
        end = now - policy.length * policy.trials.count()
        times = {"begin": end - policy.length, "end": end, "due": end}
        ended = {"state": "succeeded", "outcome": "not better", "against": ["at “review” it catches less"]}
        ended |= {"finished_at": now}
        of = {"tenant_id": intent.tenant_id, "policy": policy, "live": world.predictor, "shadow": world.predictor}
        return Trial.objects.create(**of | times | {"found": FOUND} | ended | fields)


def make_standing_approval(world: World, person: Person | None = None) -> StandingApproval:
    """Bounds for refreshes of the world's intent, proposed by the person, and approved by nobody."""
    person = person or make_person(role="analyst")
    with platform_scope():
        return StandingApproval.objects.create(
            tenant=world.tenant, number=world.tenant.standing_approvals.count() + 1, intent=world.intent,
            predictor=world.predictor, reference=world.transform.reference, rate_tolerance=0.1,
            mapping_tolerance=0.05, until=timezone.now() + timedelta(days=30), reason="because", author=person,
            edited_by=person,
        )  # fmt: skip


def make_monitor(intent: Intent, **fields: object) -> Monitor:
    """That has seen the amount's data fault."""
    defaults = {"looked_at": timezone.now(), "signals": [SIGNAL], "a_year": SIGNAL["a_year"]}
    with platform_scope():
        return Monitor.objects.create(tenant_id=intent.tenant_id, intent=intent, **defaults | fields)
