"""Thousands of requests that are made of each service's own document: each answer is one that it documents."""

from typing import Any

import pytest
from pytest_django import Settings

from muse_site import settings_scoring
from tenants.roles import Role
from tenants.services import create_personal_token
from tests.documents import EVENT
from tests.factories import make_person
from tests.isolation.wall import CONSOLE, SCORING, Wall
from tests.nasty.conformance import Conformance, schema_of

STRANGERS = {
    "nobody": {},
    "a bad token": {"Authorization": "Bearer muse_nobody_nothing"},
    "no bearer": {"Authorization": "Basic eDp5"},
}


def held(conformance: Conformance) -> None:
    """Tell the numbers, and fail for what is not as documented."""
    print(dict(sorted(conformance.statuses.items())), *conformance.wrong.values(), sep="\n", flush=True)
    assert conformance.statuses
    assert list(conformance.wrong.values()) == []


@pytest.fixture
def scoring(wall: Wall, settings: Settings) -> Wall:
    settings.ROOT_URLCONF = SCORING
    settings.MIDDLEWARE = [name for name in settings_scoring.MIDDLEWARE if "whitenoise" not in name]
    settings.ALLOWED_HOSTS = ["*"]
    return wall


@pytest.fixture
def console(wall: Wall, settings: Settings) -> Wall:
    settings.ROOT_URLCONF = CONSOLE
    settings.ALLOWED_HOSTS = ["*"]
    return wall


def of_theirs(wall: Wall) -> dict[str, Any]:
    """What is there of the other tenant, by the names that paths and bodies have for it."""
    named = {"predictor": wall.theirs.predictor.key, "model": wall.theirs.model.key}
    named |= {"reference": wall.theirs.transform.reference.key, "replaced": wall.theirs.predictor.key}
    return wall.parameters | named


def platform_token() -> str:
    return create_personal_token(person=make_person(role=Role.ADMIN), name="tests", actor=None)[1]


def test_console_api__asked_by_the_platforms_admin__answers_as_documented(console: Wall) -> None:
    conformance = Conformance({"Authorization": f"Bearer {platform_token()}"}, of_theirs(console))
    conformance.ask_all(schema_of())
    held(conformance)


def test_console_api__asked_by_a_tenants_admin__answers_as_documented(console: Wall) -> None:
    known = of_theirs(console) | {"tenant": "acme", "intent": console.ours.intent.name, "number": 1, "change": 1}
    conformance = Conformance({"Authorization": f"Bearer {console.token}"}, known)
    conformance.ask_all(schema_of())
    held(conformance)


def test_console_api__asked_for_one_thing_after_the_other__answers_as_documented(console: Wall) -> None:
    conformance = Conformance({"Authorization": f"Bearer {platform_token()}"}, of_theirs(console))
    conformance.tell_stories(schema_of())
    held(conformance)


@pytest.mark.parametrize("stranger", STRANGERS)
def test_console_api__asked_by_a_stranger__answers_as_documented_and_never_well(console: Wall, stranger: str) -> None:
    conformance = Conformance(STRANGERS[stranger], of_theirs(console))
    conformance.ask_all(schema_of())
    held(conformance)
    assert not {status for status in conformance.statuses if status < 400}


def test_scoring_api__asked_by_a_tenant__answers_as_documented(scoring: Wall) -> None:
    known = {"intent": scoring.ours.intent.name, "features": EVENT, "context": {"channel": "web"}}
    conformance = Conformance(scoring.ours.authorization, known)
    conformance.ask_all(schema_of())
    held(conformance)


@pytest.mark.parametrize("stranger", STRANGERS)
def test_scoring_api__asked_by_a_stranger__answers_as_documented_and_never_well(scoring: Wall, stranger: str) -> None:
    conformance = Conformance(STRANGERS[stranger], {})
    conformance.ask_all(schema_of())
    held(conformance)
    assert not {status for status in conformance.statuses if status < 400}
