"""An intent's way to its first score, and the line that its client pastes."""

import json
import shlex
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from models_app.console.intents.curl_example import call
from scoring.engine import document
from scoring.engine.features import FeatureEncoder
from scoring.models import HourStatistics
from tenants.models import ApiKey, Intent
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import make_api_key, make_intent, make_tenant, make_transform, serve

SETUP = "/tenants/{}/intents/card-payments/setup"


@pytest.fixture
def admin(visit: Callable[..., Client]) -> Client:
    return visit(Role.ADMIN)


def steps(client: Client, tenant: str) -> str:
    page = client.get(SETUP.format(tenant))
    assert page.status_code == 200
    return page.content.decode()


def test_setup__of_a_new_intent__says_what_comes_next(admin: Client) -> None:
    tenant = make_tenant("acme")
    make_intent(tenant, features=document_features())
    page = steps(admin, "acme")
    assert "2 of 6 steps" in page
    assert "transforms?intent=card-payments#cold_start" in page
    assert "answered with 404" in page
    assert "YOUR_KEY" in page


def test_setup__with_a_transform__leads_on_to_a_release(admin: Client) -> None:
    world = serve("acme")
    with platform_scope():
        other = make_intent(world.tenant, "refunds")
        make_transform(other, world.predictor)
    page = admin.get("/tenants/acme/intents/refunds/setup").content.decode()
    assert "Make a change request; another person approves it." in page
    assert "new-change?intent=refunds" in page


def test_setup__served_with_a_key__waits_for_the_first_event_and_sees_it(admin: Client) -> None:
    world = serve("acme")
    waiting = steps(admin, "acme")
    assert "5 of 6 steps" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    with platform_scope():
        HourStatistics.objects.create(
            tenant=world.tenant, intent="card-payments", hour=hour, transform=world.transform.pk, events=1
        )
    answer = admin.get(SETUP.format("acme"), headers={"HX-Request": "true", "HX-Target": "live"})
    assert answer["HX-Refresh"] == "true"
    assert "Setup complete" in steps(admin, "acme")


def test_setup__new_key__is_in_the_line_this_once(admin: Client) -> None:
    serve("acme")
    sent = {"act": "create", "called": "web shop", "scopes": ["score"]}
    answer = admin.post(SETUP.format("acme"), sent).content.decode()
    assert "Bearer muse_" in answer
    assert "every 2s" not in answer
    assert "Bearer muse_" not in steps(admin, "acme")


def test_setup__with_a_key_that_cannot_score__still_asks_for_one(admin: Client) -> None:
    world = serve("acme")
    with platform_scope():
        ApiKey.objects.filter(tenant=world.tenant).update(expires_at=timezone.now() - timedelta(days=1))
    make_api_key(world.tenant, scopes=["read"])
    assert "4 of 6 steps" in steps(admin, "acme")


@pytest.mark.parametrize(
    "feature",
    [
        {"name": "a"},
        {"name": "a", "minimum": 10.0},
        {"name": "a", "maximum": -3.0},
        {"name": "a", "type": "integer", "minimum": 2.5, "maximum": 9.0},
        {"name": "a", "type": "integer", "maximum": -2.5},
        {"name": "a", "type": "boolean"},
        {"name": "a", "type": "category", "categories": ["it's", "b"]},
    ],
)
def test_call__any_schema__sends_what_it_accepts(feature: dict[str, Any]) -> None:
    words = shlex.split(call("console.example.com:8000", Intent(name="cards", features=[feature])).replace("\\\n", " "))
    sent = json.loads(words[words.index("-d") + 1])
    FeatureEncoder((document.Feature(**feature),)).one(sent["features"])


def test_call__console_reached_by_ipv6__keeps_the_host() -> None:
    assert "curl http://[::1]:" in call("[::1]:8000", Intent(name="cards", features=[]))


def document_features() -> tuple[document.Feature, ...]:
    return (document.Feature("amount"), document.Feature("hour", type="integer"))


def test_tenant__with_an_intent_that_nobody_serves__leads_to_its_setup(admin: Client) -> None:
    tenant = make_tenant("acme")
    make_intent(tenant, features=document_features())
    page = admin.get("/tenants/acme").content.decode()
    assert "/tenants/acme/intents/card-payments/setup" in page
    assert "New intent" in page


def test_tenants__listed__tell_what_there_is_of_each(admin: Client) -> None:
    serve("acme")
    make_tenant("globex")
    live = admin.get("/tenants?release=live").content.decode()
    assert "/tenants/acme/releases/1" in live
    assert "globex" not in live
    assert "globex" in admin.get("/tenants?release=none").content.decode()
    page = admin.get("/tenants?sort=-intents").content.decode()
    assert page.index("acme") < page.index("globex")
