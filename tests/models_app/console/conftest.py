"""A tenant that is served, and people at their browsers, without one: Django's test client."""

from collections.abc import Callable

import pytest
from django.test import Client

from tenants.models import Tenant
from tests.factories import World, make_person, serve


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
