"""A tenant in use, and two of its admins."""

import pytest
from django.test import Client

from tenants.models import Person
from tenants.roles import Role
from tenants.services import create_personal_token
from tests.factories import World, make_person, serve

AT = "/api/v1/tenants/acme/policy"


@pytest.fixture
def world(db: None) -> World:
    return serve("acme")


@pytest.fixture
def author(world: World) -> Person:
    return make_person("author@acme.example", Role.ADMIN, world.tenant)


@pytest.fixture
def second(world: World) -> Person:
    return make_person("second@acme.example", Role.ADMIN, world.tenant)


class Caller:
    """The REST API with a person's token."""

    def __init__(self, person: Person) -> None:
        token = create_personal_token(person=person, name="tests", actor=None)[1]
        self.client = Client(headers={"authorization": f"Bearer {token}"})

    def __call__(self, method: str, path: str, body: object = None, status: int = 200) -> dict:
        sent = {} if method == "GET" else {"data": body or {}, "content_type": "application/json"}
        answer = getattr(self.client, method.lower())(path, **sent)
        assert answer.status_code == status, answer.content
        return dict(answer.json())
