"""What was done about an incident, on its page and over REST."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from models_app.changes.models import ChangeRequest
from models_app.incidents.models import Incident
from models_app.monitoring.reactions import AFTERWARDS, Kind, reactions_to
from models_app.refreshes.models import Refresh
from scoring.services import publish_document
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import create_personal_token
from tests.factories import World, make_change, make_intent, make_person, serve
from tests.watching import make_incident, make_refresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return serve("acme")


@pytest.fixture
def incident(world: World) -> Incident:
    return make_incident(world.intent, kind="risk")


def held_back(world: World, incident: Incident) -> Refresh:
    refused = [f"incident {incident.pk} (risk) goes on"]
    return make_refresh(world.intent, refused=refused, held_back_by=[incident.pk])


def found(incident: Incident) -> list[tuple[str, int]]:
    with platform_scope():
        incident = Incident.objects.select_related("intent").get(pk=incident.pk)
        return [(each.kind, each.number) for each in reactions_to(incident)]


def test_reactions__to_an_incident__are_what_it_held_back_and_what_was_changed_since_the_latest_first(
    world: World, incident: Incident
) -> None:
    first = held_back(world, incident)
    second = make_refresh(world.intent, outcome="waits", change_request=make_change(world))
    change = make_change(world)
    with platform_scope():
        back = publish_document(
            tenant=world.tenant, document=world.release.document, actor=None, reason="y", republishes=world.release
        )
    assert found(incident) == [
        (Kind.ROLLBACK, back.number),
        (Kind.CHANGE, change.number),
        (Kind.REFRESH, second.pk),
        (Kind.HELD_BACK, first.pk),
    ]


def test_reactions__held_back_by_another_incident__are_no_more_than_what_followed(
    world: World, incident: Incident
) -> None:
    other = make_incident(world.intent)
    refresh = held_back(world, other)
    assert found(incident) == [(Kind.REFRESH, refresh.pk)]
    assert found(other) == [(Kind.HELD_BACK, refresh.pk)]


def test_reactions__of_another_intent_or_from_before_or_long_after__are_none(world: World, incident: Incident) -> None:
    make_refresh(make_intent(world.tenant, "transfers"))
    change, elsewhere = make_change(world), make_change(world)
    with platform_scope():
        ChangeRequest.objects.filter(pk=elsewhere.pk).update(routes={"transfers": []})
        ChangeRequest.objects.filter(pk=change.pk).update(created_at=incident.opened_at - timedelta(minutes=1))
    assert found(incident) == []
    make_change(world)  # long after it was closed
    with platform_scope():
        over = timezone.now() - AFTERWARDS - timedelta(minutes=1)
        opened = {"opened_at": over - timedelta(days=1)}
        Incident.objects.filter(pk=incident.pk).update(state="closed", closed_at=over, **opened)
        ChangeRequest.objects.filter(pk=change.pk).update(created_at=over + timedelta(hours=1))
    assert found(incident) == [(Kind.CHANGE, change.number)]


def test_incident__over_rest__tells_what_was_done_and_refreshes_name_it(world: World, incident: Incident) -> None:
    refresh = held_back(world, incident)
    token = create_personal_token(person=make_person(role=Role.VIEWER), name="tests", actor=None)[1]
    client, base = Client(headers={"authorization": f"Bearer {token}"}), "/api/v1/tenants/acme"
    (reaction,) = client.get(f"{base}/incidents/{incident.pk}").json()["reactions"]
    told: dict[str, Any] = {"what": "held back", "number": refresh.pk, "state": "held back", "change": None}
    assert told.items() <= reaction.items()
    (named,) = client.get(f"{base}/intents/card-payments/refreshes").json()["results"]
    assert named["held_back_by"] == [incident.pk]


def test_pages__of_an_incident_and_of_refreshes__link_each_other(world: World, incident: Incident) -> None:
    held_back(world, incident)
    change = make_change(world)
    client = Client()
    client.force_login(make_person(role=Role.VIEWER), "django.contrib.auth.backends.ModelBackend")
    text = client.get(f"/tenants/acme/incidents/{incident.pk}").content.decode()
    assert "What was done" in text
    assert 'href="/tenants/acme/intents/card-payments/refreshes"' in text
    assert f'href="/tenants/acme/changes/{change.number}"' in text
    text = client.get("/tenants/acme/intents/card-payments/refreshes").content.decode()
    assert f'href="/tenants/acme/incidents/{incident.pk}"' in text
