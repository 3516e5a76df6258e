"""A change that leaves an intent's alert rate where it is, and moves alerts from one channel to another, over REST."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from models_app.changes.policy import set_policy
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import World, make_person, serve, set_threshold
from tests.models_app.changes.evidence.test_sequences import SCORE, Analyst, alerting, publish, record_evenly


@pytest.fixture
def world(db: None, settings: Settings, tmp_path: Path) -> World:
    """With as many events on web as in shops, that live treats alike."""
    settings.LAKE, settings.SERVING_CACHE_DIR = str(tmp_path / "lake"), tmp_path / "serving"
    world = serve()
    set_threshold(world, SCORE)
    record_evenly(world, tmp_path / "segments", ("web", "shop"))
    publish(world, alerting(world, 1.0))
    return world


@pytest.fixture
def analyst(world: World) -> Analyst:
    return Analyst(world, make_person(role=Role.ANALYST, tenant=world.tenant))


def test_evidence__a_fifth_more_on_web_and_a_fifth_less_in_shops__fails_though_the_whole_stays(
    world: World, analyst: Analyst
) -> None:
    found = analyst.judged(analyst.propose(alerting(world, 0.8), web=alerting(world, 1.2)))
    details = found["verdict_details"]
    assert (found["verdict"], details["reason"]) == ("fail", "a segment moves")
    worst = details["threshold"]
    assert abs(worst["after"]["rate"] / worst["target"] - 1) < 0.02  # the whole is on target
    moving = {each["value"]: each for each in worst["moving"]}
    assert moving["web"]["beside"] == pytest.approx(0.2, abs=0.03)
    assert moving["shop"]["beside"] == pytest.approx(-0.2, abs=0.03)
    assert moving["web"]["low"] > moving["web"]["tolerance"] == 0.1
    assert "within channel = web alerts go from" in found["sentence"]
    (intent,) = found["result"]["intents"]
    assert {each["value"] for each in intent["thresholds"][0]["segments"]} == {"web", "shop"}


def test_evidence__of_the_same__passes_where_the_policy_lets_segments_move(world: World, analyst: Analyst) -> None:
    with platform_scope():
        set_policy(actor=None, tenant=world.tenant, changes={"segment_tolerance": 0.3})
    found = analyst.judged(analyst.propose(alerting(world, 0.8), web=alerting(world, 1.2)))
    assert found["verdict"] == "pass"
    assert found["verdict_details"]["threshold"]["moving"] == []


def test_change_page__where_segments_move__shows_them_on_the_card(world: World, analyst: Analyst) -> None:
    path = analyst.propose(alerting(world, 0.8), web=alerting(world, 1.2))
    analyst.judged(path)
    client = Client()
    client.force_login(
        make_person(role=Role.APPROVER, tenant=world.tenant), "django.contrib.auth.backends.ModelBackend"
    )
    page = client.get(f"/tenants/{world.tenant.slug}/{path}").content.decode()
    assert "Segments that move most" in page
    assert "channel = web" in page
    assert "±10 % allowed" in page
