"""The console's pages on the server: each opens with few queries, as many for many rows as for few."""

import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from models_app.console.urls import urlpatterns
from models_app.incidents.models import Incident
from models_app.replacements.models import Replacement
from models_app.transforms.models import Fit, Sample
from scoring.lake.explain import explain_event
from tenants.models import AuditEntry, Tenant
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import (
    World,
    add_evidence,
    make_api_key,
    make_change,
    make_delivery,
    make_intent,
    make_person,
    make_replacement,
    make_transform,
    make_webhook,
    serve,
)
from tests.watching import make_incident, make_monitor, make_refresh, make_standing_approval, make_trial

MOST = 40  # about fifteen of them find out who looks, and open and close the scope
PAGES = [str(each.pattern) for each in urlpatterns if "event_id" not in str(each.pattern)]  # that one is of the lake


@pytest.fixture
def world(db: None, settings: Settings, tmp_path: Path) -> World:
    settings.MEDIA_ROOT, settings.LAKE = tmp_path, str(tmp_path / "lake")
    world = serve("acme")
    add_rows(world)
    return world


@pytest.fixture
def client(db: None) -> Client:
    client = Client()
    client.force_login(make_person(role=Role.ADMIN), "django.contrib.auth.backends.ModelBackend")
    return client


def add_rows(world: World) -> None:
    """A row more in each list."""
    person = make_person(role=Role.VIEWER, tenant=world.tenant)
    make_api_key(world.tenant)
    for tenant in (world.tenant, None):
        make_delivery(make_webhook(tenant))
    serve()
    with platform_scope():
        intent = make_intent(world.tenant, f"intent-{world.tenant.intents.count()}")
        make_monitor(intent)
        make_incident(intent)
        make_refresh(world.intent, change_request=make_change(world))
        make_standing_approval(world, person)
        make_trial(world, change_request=make_change(world))
        transform = make_transform(intent, world.predictor)
        common = {"tenant": world.tenant, "created_by": person}
        Sample.objects.create(name="s", digest="0" * 64, size=1, column="p", rows=1, **common)
        parts = {"intent": intent, "predictor": world.predictor, "reference": transform.reference}
        Fit.objects.create(source={"kind": "recorded", "days": 1.0}, **parts, **common)
    change = make_change(world, author=person)
    add_evidence(change)
    make_replacement(world, change)
    world.publish()


def address(pattern: str, world: World) -> str:
    with platform_scope():
        fit, replacement = Fit.objects.earliest("pk").pk, Replacement.objects.earliest("pk").pk
        incident = Incident.objects.filter(tenant=world.tenant).earliest("pk").pk
        entry = AuditEntry.objects.filter(tenant=world.tenant).latest("pk").pk
    shared = {"models": world.model, "references": world.transform.reference}
    name = shared.get(pattern.split("/")[0], world.predictor).name
    place = {"tenant": "acme", "intent": world.intent.name, "fit": fit, "proposal": replacement, "name": name}
    place |= {"transform": world.transform.pk, "change": 1, "number": 1, "version": 1, "kind": "predictors"}
    place |= {"incident": incident, "entry": entry, "of": "intent", "key": world.intent.pk}
    return "/" + re.sub(r"<\w+:(\w+)>", lambda found: str(place[found[1]]), pattern)


@pytest.mark.parametrize("pattern", PAGES)
def test_page__with_more_rows__takes_no_more_queries(world: World, client: Client, pattern: str) -> None:
    url, counts = address(pattern, world), []
    client.get("/")
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(url)
        assert answer.status_code == 200
        counts.append(len(captured))
        add_rows(world)
        add_rows(world)
    assert counts[0] == counts[1] <= MOST


def test_event__that_is_not_there__is_404_and_the_search_says_so(world: World, client: Client) -> None:
    assert explain_event(world.tenant.pk, "nothing") is None
    assert client.get("/tenants/acme/events/nothing").status_code == 404
    assert b"No event of this tenant has this id." in client.get("/tenants/acme/events?id=nothing").content


@pytest.mark.parametrize(
    ("path", "act", "sent", "message"),
    [
        ("tenants", "create", {"slug": "No Slug", "called": "x"}, "Use lower-case letters"),
        ("tenants", "create", {"slug": "acme", "called": "x"}, "already exists"),
        ("tenants/acme/new-intent", "create", {"called": "x", "features-0-minimum": "3"}, "Feature 1, Name:"),
        ("references/new/beta", "create", {"called": "r", "a": "2", "b": "-3"}, "greater than or equal to 0"),
        ("predictors/new", "compose", {"called": "p", "aggregation": "mean", "members-0-model": "no@1"}, "no@1"),
        ("tenants/acme/policy", "save", {"tolerance": "2"}, "This field is required"),
        ("tenants/acme/policy", "save", {"tolerance": "200"}, "less than or equal to 100"),
        ("tenants/acme/policy", "save", {"tolerances-0-threshold": "x/y", "tolerances-0-tolerance": "5"}, "x/y"),
        (
            "tenants/acme/members",
            "give",
            {"email": "nobody@example.com", "role": "viewer"},
            "no user has the e-mail",
        ),
        ("tenants/acme/new-fit", "fit", {"days": "x"}, "Enter a number"),
    ],
)
def test_act__with_bad_input__says_so_at_its_field(
    world: World, client: Client, path: str, act: str, sent: dict[str, str], message: str
) -> None:
    answer = client.post(f"/{path}", {"act": act, **sent})
    assert answer.status_code == 422
    assert message in answer.content.decode()


def test_act__that_the_page_does_not_know__is_404(world: World, client: Client) -> None:
    assert client.post("/tenants", {"act": "explode"}).status_code == 404


def test_act__without_the_role__is_refused_and_not_offered(world: World) -> None:
    client = Client()
    viewer = make_person(role=Role.VIEWER, tenant=world.tenant)
    client.force_login(viewer, "django.contrib.auth.backends.ModelBackend")
    assert b'id="create"' not in client.get("/tenants/acme/keys").content
    sent = {"act": "create", "called": "x", "scopes": ["score"]}
    answer = client.post("/tenants/acme/keys", sent)
    assert answer.status_code == 403
    assert "You need the Admin role for Acme" in answer.content.decode()


def test_account__of_a_person_of_one_tenant__offers_tokens_of_their_own(world: World) -> None:
    client = Client()
    client.force_login(make_person(role=Role.VIEWER, tenant=world.tenant), "django.contrib.auth.backends.ModelBackend")
    assert b'id="create"' in client.get("/account").content
    assert b"musep_" in client.post("/account", {"act": "create", "called": "laptop"}).content


def test_people__locked_and_unlocked__are_offered_the_other(world: World, client: Client) -> None:
    person = make_person("vera@example.com", Role.VIEWER, world.tenant)
    for state, other in (("locked", "Unlock"), ("active", "Lock")):
        assert client.post("/people", {"act": "switch", "email": person.email, "state": state}).status_code == 302
        person.refresh_from_db()
        assert person.is_active == (state == "active")
        page = " ".join(client.get(f"/people?q={person.email}").content.decode().split())
        assert f"> {other} </button>" in page
    with platform_scope():
        assert AuditEntry.objects.filter(act="change person").count() == 2


def test_log_in__with_a_wrong_password__says_so_in_plain_words(db: None) -> None:
    sent = {"username": make_person().email, "password": "wrong"}
    page = " ".join(Client().post("/admin/login/", sent).content.decode().split())
    assert "The e-mail address or the password is wrong." in page
    assert "staff" not in page


def test_tenant__renamed_by_its_own_admin__keeps_its_limits(world: World) -> None:
    client = Client()
    admin = make_person(role=Role.ADMIN, tenant=world.tenant)
    client.force_login(admin, "django.contrib.auth.backends.ModelBackend")
    sent = {"act": "change", "called": "Acme Corp", "quota_per_second": "", "retention_days": ""}
    client.post("/tenants/acme", sent)
    with platform_scope():
        assert Tenant.objects.get(slug="acme").name == "Acme Corp"
    client.post("/tenants/acme", sent | {"retention_days": "5"})
    with platform_scope():
        assert Tenant.objects.get(slug="acme").retention_days is None
