"""What went wrong with what acts by itself, among what needs attention."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from models_app.monitoring import attention
from models_app.refreshes.models import RefreshPolicy
from models_app.transforms.models import Fit
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import World, make_intent, make_person, serve
from tests.watching import make_refresh, make_trial

pytestmark = pytest.mark.django_db
FAILED = {"state": "failed", "outcome": "", "refused": [], "error": "there are no such events"}


@pytest.fixture
def world() -> World:
    return serve("acme")


def troubles() -> list[tuple[str, int]]:
    """Their kinds and numbers, for somebody who sees all tenants."""
    with platform_scope():
        found = attention.troubles(make_person(role=Role.VIEWER), shared=True, most=20)
    return [(row.kind, row.number) for row in found]


def test_troubles__of_refreshes__are_the_latest_of_each_policy_if_it_failed_or_was_held_back(world: World) -> None:
    held_back = make_refresh(world.intent)
    make_refresh(world.intent, **FAILED)  # the one before
    other = make_intent(world.tenant, "transfers")
    make_refresh(other, outcome="", state="running", finished_at=None)
    failed = make_refresh(other, **FAILED)
    mended = make_intent(world.tenant, "refunds")
    make_refresh(mended, outcome="", refused=[])
    make_refresh(mended, **FAILED)
    assert set(troubles()) == {("held back", held_back.pk), ("refresh", failed.pk)}


def test_troubles__of_refreshes_long_ago_or_switched_off__are_none(world: World) -> None:
    make_refresh(world.intent, finished_at=timezone.now() - attention.LATELY - timedelta(hours=1))
    make_refresh(make_intent(world.tenant, "transfers"))
    with platform_scope():
        RefreshPolicy.objects.filter(intent__name="transfers").update(enabled=False)
    assert troubles() == []


def test_troubles__of_a_refresh_whose_fit_failed__are_one(world: World) -> None:
    failed = make_refresh(world.intent, **FAILED)
    parts = {"tenant": world.tenant, "intent": world.intent, "predictor": world.predictor, "source": {}}
    with platform_scope():
        Fit.objects.create(
            **parts, reference=world.transform.reference, refresh=failed, state="failed", finished_at=timezone.now()
        )
    assert troubles() == [("refresh", failed.pk)]


def test_troubles__of_trials__are_those_that_failed(world: World) -> None:
    make_trial(world)
    failed = make_trial(world, state="failed", outcome="", against=[], error="it is no longer a shadow")
    assert troubles() == [("trial", failed.pk)]


def test_home__of_who_sees_the_tenant__links_them(world: World) -> None:
    make_refresh(world.intent)
    make_refresh(make_intent(world.tenant, "transfers"), **FAILED)
    make_trial(world, state="failed", outcome="")
    client = Client()
    person = make_person(role=Role.VIEWER, tenant=world.tenant)
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    text = client.get("/").content.decode()
    for words in ("A refresh was held back", "A refresh failed", "A trial failed"):
        assert words in text
    for page in ("card-payments/refreshes", "transfers/refreshes", "card-payments/trials"):
        assert f"/tenants/acme/intents/{page}" in text
