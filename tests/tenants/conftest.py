"""Two tenants, people with roles in them, and a REST client for each."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tenants.models import Person, Tenant
from tenants.roles import Role
from tenants.services import create_personal_token
from tests.factories import make_person, make_tenant

Api = Callable[[Person], "RestClient"]


class RestClient:
    """Calls the control plane with a personal token; `json` is sent and read."""

    def __init__(self, token: str) -> None:
        self._client = Client(headers={"authorization": f"Bearer {token}"}, raise_request_exception=False)

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(path: str, json: object = None) -> Any:
            sent = {} if json is None else {"data": json, "content_type": "application/json"}
            return getattr(self._client, method)(f"/api/v1/{path}", **sent)

        return call


@pytest.fixture
def acme(db: None) -> Tenant:
    return make_tenant("acme")


@pytest.fixture
def globex(db: None) -> Tenant:
    return make_tenant("globex")


@pytest.fixture
def platform_admin(db: None) -> Person:
    return make_person("root@vendor.example", Role.ADMIN)


@pytest.fixture
def acme_admin(acme: Tenant) -> Person:
    return make_person("admin@acme.example", Role.ADMIN, acme)


@pytest.fixture
def acme_viewer(acme: Tenant) -> Person:
    return make_person("viewer@acme.example", Role.VIEWER, acme)


@pytest.fixture
def api() -> Api:
    def as_person(person: Person) -> RestClient:
        return RestClient(create_personal_token(person=person, name="tests", actor=None)[1])

    return as_person
