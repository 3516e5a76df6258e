"""The control plane's REST API of tenants, members, keys, audit."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from tenants import selectors
from tenants.api.problems import handle
from tenants.models import ApiKey, Membership, Person, Tenant
from tenants.scope import platform_scope
from tests.factories import make_api_key, make_person
from tests.tenants.conftest import Api

pytestmark = pytest.mark.django_db


def fields(answer: Any) -> set[str]:
    return {error["field"] for error in answer.json()["errors"]}


# ---- who calls


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer musep_no_token"}, {"authorization": "Basic YTpi"}])
def test_any__without_a_live_token__is_401_with_a_challenge(db: None, headers: dict[str, str]) -> None:
    answer = Client(headers=headers).get("/api/v1/me")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="MUSE"'
    assert answer["Content-Type"] == "application/problem+json"


def test_any__with_a_clients_key__is_401(acme: Tenant) -> None:
    headers = {"authorization": f"Bearer {make_api_key(acme)[1]}"}
    assert Client(headers=headers).get("/api/v1/tenants").status_code == 401


def test_any__with_a_session_only__is_401(platform_admin: Person) -> None:
    client = Client()
    client.force_login(platform_admin, "django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/v1/tenants").status_code == 401


def test_me__person_with_two_roles__lists_them(acme: Tenant, platform_admin: Person, api: Api) -> None:
    with platform_scope():
        Membership.objects.create(person=platform_admin, tenant=acme, role="viewer")
    body = api(platform_admin).get("me").json()
    assert body["email"] == "root@vendor.example"
    assert [(role["tenant"], role["role"]) for role in body["roles"]] == [(None, "admin"), ("acme", "viewer")]
    assert "publish" in body["roles"][0]["acts"]


def test_address__that_is_not_there__is_a_problem_document(platform_admin: Person, api: Api) -> None:
    answer = api(platform_admin).get("nothing/here")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_error__same_row_made_at_the_same_moment__is_409(acme: Tenant) -> None:
    with platform_scope(), pytest.raises(IntegrityError) as error, transaction.atomic():
        Tenant.objects.create(slug="acme", name="Again")
    answer = handle(error.value, {})
    assert answer is not None
    assert answer.status_code == 409


# ---- tenants


def test_tenants__listed__are_the_callers(acme: Tenant, globex: Tenant, acme_viewer: Person, api: Api) -> None:
    body = api(acme_viewer).get("tenants").json()
    assert (body["count"], [row["slug"] for row in body["results"]]) == (1, ["acme"])


def test_tenants__pages__are_limited_and_linked(acme: Tenant, globex: Tenant, platform_admin: Person, api: Api) -> None:
    rest = api(platform_admin)
    body = rest.get("tenants?limit=1").json()
    assert (body["count"], len(body["results"]), body["previous"]) == (2, 1, None)
    assert body["next"].endswith("/api/v1/tenants?limit=1&offset=1")
    for strange in ("limit=0", "limit=x", "offset=-1", f"offset={10**30}", "limit=100000"):
        assert rest.get(f"tenants?{strange}").status_code == 200


def test_create_tenant__by_platform_admin__is_there(platform_admin: Person, api: Api) -> None:
    rest = api(platform_admin)
    limits = {"quota_per_second": 100, "retention_days": 90}
    answer = rest.post("tenants", {"slug": "initech", "name": "Initech", **limits})
    assert answer.status_code == 201
    assert {name: rest.get("tenants/initech").json()[name] for name in limits} == limits
    assert rest.post("tenants", {"slug": "initech", "name": "Again"}).status_code == 422


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, {"slug", "name"}),
        ({"slug": "Not a slug", "name": "x"}, {"slug"}),
        ({"slug": "a", "name": "x", "quota_per_second": 0}, {"quota_per_second"}),
        ({"slug": "a", "name": "x", "retention_days": 0}, {"retention_days"}),
        ({"slug": "a", "name": "x", "quota": 5}, {"quota"}),
        ({"slug": "a", "name": "nul\x00"}, {"name"}),
        ([], {"body"}),
    ],
)
def test_create_tenant__bad_body__is_422_naming_the_field(
    platform_admin: Person, api: Api, body: object, named: set[str]
) -> None:
    answer = api(platform_admin).post("tenants", body)
    assert (answer.status_code, fields(answer)) == (422, named)
    with platform_scope():
        assert not Tenant.objects.exists()


def test_change_tenant__roles__decide(acme: Tenant, acme_admin: Person, acme_viewer: Person, api: Api) -> None:
    assert api(acme_viewer).patch("tenants/acme", {"name": "X"}).status_code == 403
    assert api(acme_admin).patch("tenants/acme", {"quota_per_second": 5}).status_code == 403
    assert api(acme_admin).patch("tenants/acme", {"retention_days": 5}).status_code == 403
    assert api(acme_admin).patch("tenants/acme", {"name": "X"}).json()["name"] == "X"
    assert api(acme_admin).post("tenants", {"slug": "mine", "name": "Mine"}).status_code == 403
    assert api(acme_admin).delete("tenants/acme").status_code == 405


# ---- members


def test_members__added_and_removed__gain_and_lose_access(acme: Tenant, acme_admin: Person, api: Api) -> None:
    ana = make_person("ana@example.com")
    assert api(ana).get("tenants/acme").status_code == 404
    added = api(acme_admin).post("tenants/acme/members", {"email": "Ana@example.com", "role": "analyst"})
    assert added.status_code == 201
    assert api(ana).get("tenants/acme").status_code == 200
    listed = api(acme_admin).get("tenants/acme/members").json()["results"]
    assert [row["email"] for row in listed] == ["admin@acme.example", "ana@example.com"]
    assert api(acme_admin).delete(f"tenants/acme/members/{added.json()['id']}").status_code == 204
    assert api(ana).get("tenants/acme").status_code == 404


def test_members__unknown_person_or_role__is_422(acme: Tenant, acme_admin: Person, api: Api) -> None:
    answer = api(acme_admin).post("tenants/acme/members", {"email": "nobody@example.com", "role": "king"})
    assert (answer.status_code, fields(answer)) == (422, {"email", "role"})


def test_members__of_the_platform__are_not_listed(platform_admin: Person, acme: Tenant, api: Api) -> None:
    assert api(platform_admin).get("tenants/acme/members").json()["count"] == 0


# ---- keys


def test_keys__created__are_shown_once(acme: Tenant, acme_admin: Person, api: Api) -> None:
    rest = api(acme_admin)
    answer = rest.post("tenants/acme/keys", {"name": "shop", "scopes": ["score", "read"]})
    assert answer.status_code == 201
    text = answer.json()["key"]
    assert text.startswith(answer.json()["prefix"] + "_")
    listed = rest.get("tenants/acme/keys")
    assert listed.json()["results"][0]["scopes"] == ["read", "score"]
    assert text.rpartition("_")[2] not in listed.content.decode()
    assert "secret_hash" not in listed.content.decode()


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"name": "x", "scopes": []}, {"scopes"}),
        ({"name": "x", "scopes": ["all"]}, {"scopes[0]"}),
        ({"name": "x", "scopes": ["score"], "expires_at": "2001-01-01T00:00:00Z"}, {"expires_at"}),
        ({"name": "x", "scopes": ["score"], "expires_at": "soon"}, {"expires_at"}),
    ],
)
def test_keys__bad_body__is_422_naming_the_field(
    acme: Tenant, acme_admin: Person, api: Api, body: object, named: set[str]
) -> None:
    answer = api(acme_admin).post("tenants/acme/keys", body)
    assert (answer.status_code, fields(answer)) == (422, named)


def test_keys__rotated_then_revoked__end(acme: Tenant, acme_admin: Person, api: Api) -> None:
    rest, (key, _) = api(acme_admin), make_api_key(acme)
    new = rest.post(f"tenants/acme/keys/{key.pk}/rotate", {"overlap_seconds": 60})
    assert (new.status_code, new.json()["replaces"]) == (201, key.pk)
    assert rest.post(f"tenants/acme/keys/{key.pk}/rotate", {}).status_code == 422
    assert rest.post(f"tenants/acme/keys/{key.pk}/revoke", {"reason": "leaked"}).json()["revoked_at"]
    with platform_scope():
        live = list(selectors.live_api_keys().values_list("pk", flat=True))
    assert live == [new.json()["id"]]
    assert rest.get("tenants/acme/audit").json()["results"][0]["reason"] == "leaked"


def test_keys__by_viewer__can_be_seen_and_not_made(acme: Tenant, acme_viewer: Person, api: Api) -> None:
    assert api(acme_viewer).get("tenants/acme/keys").status_code == 200
    assert api(acme_viewer).post("tenants/acme/keys", {"name": "x", "scopes": ["score"]}).status_code == 403
    with platform_scope():
        assert not ApiKey.objects.exists()


# ---- audit


def test_audit__of_a_tenant__has_its_acts_and_who_did_them(
    acme: Tenant, globex: Tenant, acme_admin: Person, api: Api
) -> None:
    rest = api(acme_admin)
    rest.patch("tenants/acme", {"name": "ACME"})
    (entry,) = rest.get("tenants/acme/audit").json()["results"]
    assert (entry["act"], entry["person"], entry["tenant"]) == ("change tenant", "admin@acme.example", "acme")
    assert entry["details"]["after"] == {"name": "ACME"}
    assert entry["address"] == "127.0.0.1"


def test_audit__of_everything__is_for_platform_roles(acme_admin: Person, platform_admin: Person, api: Api) -> None:
    assert api(acme_admin).get("audit").status_code == 404
    entries = api(platform_admin).get("audit").json()["results"]
    assert [(entry["act"], entry["tenant"], entry["person"]) for entry in entries] == [
        ("create token", None, None),
        ("create token", None, None),
    ]
