"""Keys that may be used from some networks only: how these are written, and which addresses are in them."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tenants import networks
from tenants.address import address_in
from tenants.models import ApiKey, AuditEntry, Person
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import create_api_key, create_personal_token, note_refused, restrict_api_key, rotate_api_key
from tests.factories import make_api_key, make_person, make_tenant


@pytest.mark.parametrize(
    ("allowed", "where", "is_held"),
    [
        ("192.0.2.0/24", "192.0.2.7", True),
        ("192.0.2.0/24", "192.0.3.7", False),
        ("192.0.2.7/32", "192.0.2.7", True),
        ("2001:db8::/32", "2001:db8:1::1", True),
        ("2001:db8::/32", "2001:db9::1", False),
        ("192.0.2.0/24", "::ffff:192.0.2.7", True),
        ("0.0.0.0/0", "2001:db8::1", False),
        ("192.0.2.0/24", None, False),
    ],
)
def test_address__in_a_network_or_not__is_held(allowed: str, where: str | None, is_held: bool) -> None:
    assert networks.holds([allowed], where) == is_held


def environ(caller: str, forwarded: str = "") -> dict[str, str]:
    return {"REMOTE_ADDR": caller, "HTTP_X_FORWARDED_FOR": forwarded}


@pytest.mark.parametrize(
    ("proxies", "trusted", "sent", "found"),
    [
        (0, [], environ("203.0.113.9", "192.0.2.7"), "203.0.113.9"),
        (1, [], environ("10.0.0.1", "192.0.2.7"), "192.0.2.7"),
        (1, [], environ("10.0.0.1", "192.0.2.7, 203.0.113.9"), "203.0.113.9"),
        (2, [], environ("10.0.0.1", "203.0.113.9"), "10.0.0.1"),
        (1, ["10.0.0.0/8"], environ("10.0.0.1", "192.0.2.7"), "192.0.2.7"),
        (1, ["10.0.0.0/8"], environ("203.0.113.9", "192.0.2.7"), "203.0.113.9"),
        (1, [], environ("10.0.0.1", "nonsense"), None),
        (1, [], environ("10.0.0.1"), None),
        (0, [], environ(""), None),
    ],
)
def test_address__behind_proxies__is_what_our_own_ones_say(
    settings: Settings, proxies: int, trusted: list[str], sent: dict[str, str], found: str | None
) -> None:
    settings.ENV = {**settings.ENV, "MUSE_PROXY_NETWORKS": trusted}
    assert address_in(sent, proxies) == found


@pytest.fixture
def admin(db: None) -> Person:
    return make_person(role=Role.ADMIN)


def rest(admin: Person) -> Client:
    token = create_personal_token(person=admin, name="tests", actor=None)[1]
    return Client(headers={"authorization": f"Bearer {token}"})


def test_networks__of_a_key__are_kept_each_once_and_in_order(admin: Person) -> None:
    asked = ["2001:db8::/32", "192.0.2.7", " 10.0.0.0/8", "192.0.2.7/32", ""]
    tenant = make_tenant()
    with platform_scope():
        key, _ = create_api_key(tenant=tenant, name="web", scopes=["score"], networks=asked, actor=admin)
        assert key.networks == ["10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32"]
        assert rotate_api_key(key=key, overlap=timedelta(0), actor=admin)[0].networks == key.networks


@pytest.mark.parametrize("text", ["192.0.2.0/33", "web shop", "192.0.2.7/24", "192.0.2.0-192.0.2.9", "fe80::1%eth0/64"])
def test_network__that_is_none__is_named(admin: Person, text: str) -> None:
    with platform_scope(), pytest.raises(ValidationError) as refused:
        create_api_key(tenant=make_tenant(), name="web", scopes=["score"], networks=[text], actor=admin)
    (said,) = refused.value.message_dict["networks"]
    assert text[:10] in said
    assert ("did you mean 192.0.2.0/24" in said) == (text == "192.0.2.7/24")


def test_networks__changed_by_rest__hold_and_are_in_the_audit_trail(admin: Person) -> None:
    tenant = make_tenant()
    key, _ = make_api_key(tenant)
    url = f"/api/v1/tenants/{tenant.slug}/keys/{key.pk}/networks"
    answer = rest(admin).put(url, {"networks": ["192.0.2.0/24"]}, "application/json")
    assert (answer.status_code, answer.json()["networks"]) == (200, ["192.0.2.0/24"])
    refused = rest(admin).put(url, {"networks": ["192.0.2.7/24"]}, "application/json")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "networks")
    with platform_scope():
        entry = AuditEntry.objects.get(act="restrict key")
    assert entry.details == {"before": [], "networks": ["192.0.2.0/24"]}


def test_networks__of_a_key__take_who_manages_the_tenant(db: None) -> None:
    tenant = make_tenant()
    key, _ = make_api_key(tenant)
    analyst = make_person(role=Role.ANALYST, tenant=tenant)
    url = f"/api/v1/tenants/{tenant.slug}/keys/{key.pk}/networks"
    assert rest(analyst).put(url, {"networks": []}, "application/json").status_code == 403


def explain(text: str, where: str) -> Any:
    client = Client(headers={"authorization": f"Bearer {text}"})
    return client.get("/api/v1/events/nothing", REMOTE_ADDR=where)


def test_key__used_elsewhere_at_the_console__is_403_and_noted_once_an_hour(db: None) -> None:
    tenant = make_tenant()
    key, text = make_api_key(tenant, networks=["192.0.2.0/24"])
    assert explain(text, "192.0.2.7").status_code == 404
    for where in ("203.0.113.9", "203.0.113.10"):
        answer = explain(text, where)
        assert answer.status_code == 403
        assert f"may not be used from {where}" in answer.json()["detail"]
        assert "192.0.2" not in answer.content.decode()
    with platform_scope():
        (entry,) = AuditEntry.objects.filter(act="refuse key")
        key.refresh_from_db()
    assert (entry.tenant_id, entry.details["address"]) == (tenant.pk, "203.0.113.9")
    assert key.refused_from == "203.0.113.10"


def test_refusal__of_a_key_that_is_gone__is_nothing(db: None) -> None:
    note_refused(0, timezone.now(), "203.0.113.9")
    with platform_scope():
        assert not AuditEntry.objects.filter(act="refuse key").exists()


def test_page_of_keys__shows_networks_and_changes_them(admin: Person) -> None:
    tenant = make_tenant()
    key, _ = make_api_key(tenant, networks=["192.0.2.0/24"])
    client = Client()
    client.force_login(admin, "django.contrib.auth.backends.ModelBackend")
    page = f"/tenants/{tenant.slug}/keys"
    assert "192.0.2.0/24" in client.get(page).content.decode()
    sent = {"act": "restrict", "key": key.pk, "networks": "10.0.0.0/8\r\n2001:db8::/32"}
    assert client.post(page, sent).status_code == 302
    with platform_scope():
        assert ApiKey.objects.get().networks == ["10.0.0.0/8", "2001:db8::/32"]
    sent = {"act": "create", "called": "shop", "scopes": "score", "networks": "anywhere"}
    assert "expected a network" in client.post(page, sent).content.decode()


def test_networks__unchanged__say_nothing(admin: Person) -> None:
    tenant = make_tenant()
    key, _ = make_api_key(tenant, networks=["192.0.2.0/24"])
    with platform_scope():
        restrict_api_key(key=key, networks=["192.0.2.0/24"], actor=admin)
        assert not AuditEntry.objects.filter(act="restrict key").exists()
