"""Every GET of the control plane takes few queries, and as many for a page of many rows as for a page of few."""

import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from models_app.changes.evidence.models import Evidence
from models_app.changes.models import Review
from models_app.changes.track_record.models import TrackRecord
from models_app.incidents.models import Incident
from models_app.refreshes.models import Refresh
from models_app.replacements.models import Replacement
from models_app.successors.models import Trial
from models_app.transforms.models import Fit, Sample
from scoring.models import RefusedRequests
from tenants.audit_terms import AuditAction
from tenants.models import Person
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import create_personal_token, record
from tests.factories import (
    World,
    add_decision_change,
    add_line,
    make_api_key,
    make_change,
    make_delivery,
    make_intent,
    make_person,
    make_policy_change,
    make_replacement,
    make_transform,
    make_webhook,
    serve,
)
from tests.isolation.wall import CONSOLE, addresses
from tests.watching import make_incident, make_monitor, make_refresh, make_standing_approval, make_trial

MOST = 20  # about fifteen of them find out who calls, and open and close the scope
PATTERNS = [
    pattern
    for pattern, view in addresses(CONSOLE)
    if "GET" in getattr(getattr(view, "view_class", None), "permissions", {})
    and "/events/" not in pattern  # from the lake
]


@pytest.fixture
def world(db: None, settings: Settings, tmp_path: Path) -> World:
    settings.MEDIA_ROOT, settings.LAKE = tmp_path, str(tmp_path / "lake")
    world = serve("acme")
    _add_rows(world)
    return world


@pytest.fixture
def client(db: None) -> Client:
    token = create_personal_token(person=make_person(role=Role.ADMIN), name="tests", actor=None)[1]
    client = Client(headers={"authorization": f"Bearer {token}"})
    client.get("/api/v1/me")  # the first use of a token is noted, then not for a minute
    return client


def _add_rows(world: World) -> None:
    """A row more in each list."""
    person = make_person(role=Role.VIEWER, tenant=world.tenant)
    make_api_key(world.tenant)
    for tenant in (world.tenant, None):
        make_delivery(make_webhook(tenant))
    other = serve()
    with platform_scope():
        record(actor=person, act=AuditAction.CHANGE_TENANT, subject=world.tenant, tenant=world.tenant)
        intent = make_intent(world.tenant, f"intent-{world.tenant.intents.count()}")
        make_monitor(intent)
        make_incident(intent)
        make_refresh(world.intent, change_request=make_change(world))
        make_standing_approval(world, person)
        make_trial(world, change_request=make_change(world))
        transform = make_transform(intent, world.predictor)
        common = {"tenant": world.tenant, "created_by": person}
        sample = Sample.objects.create(name="s", digest="0" * 64, size=1, column="p", rows=1, **common)
        parts = {"intent": intent, "predictor": world.predictor, "reference": transform.reference}
        Fit.objects.create(source={"kind": "sample", "sample": sample.pk}, **parts, **common)
        change = make_change(world, author=person)
        add_decision_change(Evidence.objects.filter(change_request__number=1, tenant=world.tenant).latest("pk"))
        record_of = {"release": world.release, "intent": world.intent.name, "threshold": intent.name}
        TrackRecord.objects.create(
            tenant=world.tenant, **record_of, score=0.5, target=0.1, low=0.0, high=1.0, since=world.release.published_at
        )
        Review.objects.create(
            tenant=world.tenant, change_request=change, person=person, decision="comment", text="x", document_digest=""
        )
        hour = timezone.now().replace(minute=0, second=0, microsecond=0)
        RefusedRequests.objects.create(tenant=world.tenant, intent=intent.name, hour=hour, reason="quota", requests=1)
        for tenant in (world.tenant, None):
            make_policy_change(tenant, person)
        make_replacement(world, change)
        add_line(Replacement.objects.earliest("pk"), other, make_change(other, author=person))
    world.publish()


def _url(pattern: str, world: World) -> str:
    with platform_scope():
        trial = Trial.objects.filter(tenant=world.tenant).earliest("pk")
        refresh = Refresh.objects.filter(tenant=world.tenant).earliest("pk")
        incident = Incident.objects.filter(tenant=world.tenant).earliest("pk")
        fit, replacement = Fit.objects.filter(tenant=world.tenant).earliest("pk"), Replacement.objects.earliest("pk")
    shared = {"models": world.model, "predictors": world.predictor, "references": world.transform.reference}
    values = {
        "tenant": world.tenant.slug,
        "intent": world.intent.name,
        "transform": world.transform.pk,
        "fit": fit.pk,
        "incident": incident.pk,
        "refresh": refresh.pk,
        "trial": trial.pk,
        "approval": 1,
        "change": 1,
        "proposal": replacement.pk,
        "person": Person.objects.earliest("pk").pk,
        "number": 1,
        "other": 2,
        "name": next((row.name for kind, row in shared.items() if f"/{kind}/" in pattern), ""),
        "version": 1,
    }
    return "/" + re.sub(r"<\w+:(\w+)>", lambda found: str(values[found[1]]), pattern)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_get__with_more_rows__takes_no_more_queries(world: World, client: Client, pattern: str) -> None:
    url, counts = _url(pattern, world), []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(url)
        assert answer.status_code == 200, answer.content
        counts.append(len(captured))
        _add_rows(world)
        _add_rows(world)
    assert counts[0] == counts[1] <= MOST
