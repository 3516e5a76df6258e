"""A tenant that is served, a change request, and people at their browsers, without one: Django's test client."""

from collections.abc import Callable

import pytest
from django.test import Client

from models_app.changes.models import ChangeRequest
from tenants.models import Person, Tenant
from tenants.roles import Role
from tests.factories import World, make_change, make_person, serve
from tests.models_app.console.findings import add_findings


@pytest.fixture
def world(db: None) -> World:
    return serve("acme")


@pytest.fixture
def visit(db: None) -> Callable[..., Client]:
    """`visit("analyst")`: logged in with the role for the whole platform; `visit("viewer", tenant)`: for one tenant."""

    def arrive(role: str, tenant: Tenant | None = None) -> Client:
        client = Client()
        client.force_login(make_person(role=role, tenant=tenant), "django.contrib.auth.backends.ModelBackend")
        return client

    return arrive


@pytest.fixture
def author(db: None) -> Person:
    return make_person("ana@example.com", Role.APPROVER)


@pytest.fixture
def change(world: World, author: Person) -> ChangeRequest:
    """A draft whose evidence has found that alerts rise by half."""
    change = make_change(world, author)
    add_findings(change, shift=1.5)
    return change
