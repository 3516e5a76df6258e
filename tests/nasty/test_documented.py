"""Requests made from the OpenAPI documents themselves: every answer is one of those that they promise."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as examples
from pytest_django import Settings
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from muse_site import settings_scoring
from tenants.models import Membership
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import create_personal_token
from tests.factories import make_person
from tests.isolation.wall import CONSOLE, SCORING, Wall

ALL = os.environ.get("NASTY") == "all"
EACH = 100 if ALL else 6  # requests of an operation and a caller
SEED = 20_261_129
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
BOUNDS = examples(
    max_examples=EACH,
    phases=[Phase.generate],
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
load_all_checks()


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Requests stay in the test's transaction: a server would close the connection behind each."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def tokens(wall: Wall) -> dict[str, str | None]:
    """Callers: one who may do all, one who may do all of the tenant that addresses name, one of another, and nobody."""
    with platform_scope():
        member = Membership.objects.get(pk=wall.parameters["member"]).person
    return {
        "platform": create_personal_token(person=make_person(role=Role.ADMIN), name="x", actor=None)[1],
        "its own": create_personal_token(person=member, name="x", actor=None)[1],
        "another's": wall.token,
        "nobody": None,
    }


def document(configuration: str, settings: Settings, known: dict[str, Any]) -> Any:
    """The service's own document; of path parameters, what is there is named more often than what is not."""
    settings.ROOT_URLCONF = configuration
    if configuration == SCORING:
        settings.MIDDLEWARE = [name for name in settings_scoring.MIDDLEWARE if "whitenoise" not in name]
    found = schemathesis.openapi.from_wsgi("/api/v1/schema?format=json", get_wsgi_application())

    @found.hook
    def map_path_parameters(context: Any, path_parameters: dict[str, Any]) -> dict[str, Any]:
        return {name: known.get(name, value) for name, value in (path_parameters or {}).items()}

    return found


def failures(found: Any, operation: Any, headers: dict[str, str]) -> list[str]:
    failed: list[str] = []

    @seed(SEED)
    @BOUNDS
    @given(operation.as_strategy())
    def send(case: Any) -> None:
        with transaction.atomic():
            try:
                case.call_and_validate(headers=headers, checks=list(CHECKS))
            except Exception as error:
                failed.append(f"{operation.label}: {error}")
            transaction.set_rollback(True)

    send()
    return failed


@pytest.mark.parametrize("caller", ["platform", "its own", "another's", "nobody"])
def test_console_api__called_by_its_document__answers_as_it_says(wall: Wall, settings: Settings, caller: str) -> None:
    token = tokens(wall)[caller]
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    found = document(CONSOLE, settings, {name: str(value) for name, value in wall.parameters.items()})
    failed = [each for operation in found.get_all_operations() for each in failures(found, operation.ok(), headers)]
    print(*failed[:20], sep="\n======\n")
    assert failed == []
