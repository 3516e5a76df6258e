"""What a field for a key offers as one types."""

import pytest
from django.test import Client
from pytest_django import Settings

from tenants.roles import Role
from tests.factories import World, make_person, make_predictor, serve


@pytest.fixture
def world(db: None) -> World:
    return serve("acme")


def _of(world: World, address: str, role: Role, platform: bool) -> tuple[int, str]:
    client = Client()
    person = make_person(role=role, tenant=None if platform else world.tenant)
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    answer = client.get(address)
    return answer.status_code, answer.content.decode()


def test_choices__by_name_and_version__are_those_that_match(world: World) -> None:
    make_predictor(world.model, name="cards")
    make_predictor(world.model, name="loans")
    status, options = _of(world, "/choices/predictors?field=replaced&replaced=car", Role.ANALYST, platform=True)
    assert status == 200
    assert "cards@1" in options
    assert "loans@1" not in options
    assert "cards@1" in _of(world, "/choices/predictors?field=x&x=cards@1", Role.ANALYST, platform=True)[1]
    assert "cards@1" not in _of(world, "/choices/predictors?field=x&x=cards@2", Role.ANALYST, platform=True)[1]


def test_choices__of_a_tenant__are_its_own_for_its_own_people(world: World) -> None:
    make_predictor(world.model, name="cards")
    address = "/tenants/acme/choices/predictors"
    options = _of(world, address, Role.ANALYST, platform=False)[1]
    assert world.predictor.key in options
    assert "cards@1" not in options
    assert "cards@1" in _of(world, address, Role.ANALYST, platform=True)[1]


@pytest.mark.parametrize(
    "address", ["/choices/secrets", *(f"/tenants/acme/choices/{kind}" for kind in ("secrets", "models"))]
)
def test_choices__of_what_is_not_offered__are_404(world: World, settings: Settings, address: str) -> None:
    assert _of(world, address, Role.ADMIN, platform=False)[0] == 404


@pytest.mark.parametrize("typed", ["%00", "@", "x@99999999999999999999", "%25_", "é" * 500])
def test_choices__for_anything_typed__answer(world: World, typed: str) -> None:
    assert _of(world, f"/choices/references?field=x&x={typed}", Role.VIEWER, platform=True)[0] == 200
