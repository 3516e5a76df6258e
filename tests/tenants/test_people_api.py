"""People, their platform roles, and one's own tokens, over REST."""

import pytest
from django.test import Client

from tenants.models import Membership, Person, PersonalToken, Tenant
from tenants.scope import platform_scope
from tests.factories import make_person
from tests.tenants.conftest import Api

pytestmark = pytest.mark.django_db
NEW = {"email": "new@vendor.example", "name": "New", "password": "long and unusual 7", "role": "analyst"}


def test_people__created_with_a_role__can_do_what_it_allows(platform_admin: Person, api: Api) -> None:
    answer = api(platform_admin).post("people", NEW)
    assert (answer.status_code, answer.json()["role"]) == (201, "analyst")
    person = Person.objects.get(email=NEW["email"])
    assert person.check_password(NEW["password"])
    assert "fit" in api(person).get("me").json()["roles"][0]["acts"]


def test_people__weak_password__is_422_naming_it_and_stores_nothing(platform_admin: Person, api: Api) -> None:
    answer = api(platform_admin).post("people", NEW | {"password": "1234"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "password")
    assert not Person.objects.filter(email=NEW["email"]).exists()


def test_person__role_taken_and_shut_out__is_nobody_any_more(platform_admin: Person, api: Api) -> None:
    person = make_person(role="analyst")
    answer = api(platform_admin).patch(f"people/{person.pk}", {"role": None, "is_active": False})
    assert (answer.status_code, answer.json()["role"], answer.json()["is_active"]) == (200, None, False)
    with platform_scope():
        assert not Membership.objects.filter(person=person).exists()


def test_person__the_last_admin_would_go__is_refused(platform_admin: Person, api: Api) -> None:
    answer = api(platform_admin).patch(f"people/{platform_admin.pk}", {"is_active": False})
    assert answer.status_code == 422
    platform_admin.refresh_from_db()
    assert platform_admin.is_active


def test_people__asked_for_by_a_tenants_admin__are_not_there(acme: Tenant, api: Api) -> None:
    assert api(make_person(role="admin", tenant=acme)).get("people").status_code == 404


def test_token__made_and_revoked__works_in_between(acme: Tenant, api: Api) -> None:
    rest = api(make_person(role="viewer", tenant=acme))
    body = rest.post("tokens", {"name": "for a script"}).json()
    headers = {"authorization": f"Bearer {body['token']}"}
    assert Client(headers=headers).get("/api/v1/me").status_code == 200
    assert rest.post(f"tokens/{body['id']}/revoke", {}).status_code == 200
    assert Client(headers=headers).get("/api/v1/me").status_code == 401


def test_token__of_somebody_else__is_not_there(acme: Tenant, platform_admin: Person, api: Api) -> None:
    api(make_person(role="viewer", tenant=acme)).post("tokens", {"name": "theirs"})
    theirs = PersonalToken.objects.get(name="theirs")
    assert api(platform_admin).post(f"tokens/{theirs.pk}/revoke", {}).status_code == 404
