"""What a field for a key offers as one types."""

from collections.abc import Callable

import pytest
from django.test import Client

from tenants.roles import Role
from tests.factories import World, make_predictor

Look = Callable[..., tuple[int, str]]


@pytest.fixture
def look(world: World, visit: Callable[..., Client]) -> Look:
    """`look(address, role, platform)`: status and text, for a role of the whole platform or of the world's tenant."""

    def at(address: str, role: Role, platform: bool) -> tuple[int, str]:
        answer = visit(role, None if platform else world.tenant).get(address)
        return answer.status_code, answer.content.decode()

    return at


def test_choices__by_name_and_version__are_those_that_match(world: World, look: Look) -> None:
    make_predictor(world.model, name="cards")
    make_predictor(world.model, name="loans")
    status, options = look("/choices/predictors?field=replaced&replaced=car", Role.ANALYST, platform=True)
    assert status == 200
    assert "cards@1" in options
    assert "loans@1" not in options
    assert "cards@1" in look("/choices/predictors?field=x&x=cards@1", Role.ANALYST, platform=True)[1]
    assert "cards@1" not in look("/choices/predictors?field=x&x=cards@2", Role.ANALYST, platform=True)[1]


def test_choices__of_a_tenant__are_its_own_for_its_own_people(world: World, look: Look) -> None:
    make_predictor(world.model, name="cards")
    address = "/tenants/acme/choices/predictors"
    options = look(address, Role.ANALYST, platform=False)[1]
    assert world.predictor.key in options
    assert "cards@1" not in options
    assert "cards@1" in look(address, Role.ANALYST, platform=True)[1]


@pytest.mark.parametrize(
    "address", ["/choices/secrets", *(f"/tenants/acme/choices/{kind}" for kind in ("secrets", "models"))]
)
def test_choices__of_what_is_not_offered__are_404(world: World, look: Look, address: str) -> None:
    assert look(address, Role.ADMIN, platform=False)[0] == 404


@pytest.mark.parametrize("typed", ["%00", "@", "x@99999999999999999999", "%25_", "é" * 500])
def test_choices__for_anything_typed__answer(world: World, look: Look, typed: str) -> None:
    assert look(f"/choices/references?field=x&x={typed}", Role.VIEWER, platform=True)[0] == 200
