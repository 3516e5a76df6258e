"""An event's page says what is live and what is proposed say of it, also where the candidate never was a shadow."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from models_app.changes import reviewing
from models_app.changes.decision_changes.models import DecisionChange
from models_app.changes.decision_changes.selectors import farthest
from models_app.changes.evidence.models import Evidence
from models_app.changes.of_event import both_sides
from scoring.lake.reading import find_event
from scoring.store import artifacts
from tenants.scope import platform_scope
from tests.factories import World, make_model, make_predictor, make_transform, serve, set_threshold
from tests.models_app.changes.evidence.test_compute import computed, proposed
from tests.recorded import record_events

MOST = 17  # queries


@pytest.fixture(autouse=True)
def _places(settings: Settings, tmp_path: Path) -> None:
    settings.LAKE, settings.SERVING_CACHE_DIR = str(tmp_path / "lake"), tmp_path / "serving"


@pytest.fixture
def world(db: None, tmp_path: Path) -> World:
    world = serve("acme")
    set_threshold(world, 0.3)
    world = world.publish()
    record_events(world, tmp_path / "segments", count=300)
    return world


@pytest.fixture
def replayed(world: World) -> Evidence:
    """Of a candidate of another model, which nobody has recorded."""
    other = make_predictor(make_model(weights=[0.002, 0.05], beta=0.5), name="candidate")
    return computed(proposed(world, make_transform(world.intent, other)))


def moved(evidence: Evidence) -> DecisionChange:
    with platform_scope():
        return farthest(evidence, 1)[0]


def page_of(client: Client, row: DecisionChange, query: str = "") -> str:
    answer = client.get(f"/tenants/acme/events/{row.event_id}{query}")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_event__that_changes_sides_by_replay__has_both_scores_of_the_evidence_bit_for_bit(
    world: World, replayed: Evidence
) -> None:
    with platform_scope():
        rows = list(DecisionChange.objects.filter(evidence=replayed).order_by("-move")[:20])
        assert {row.side for row in rows} <= {"new alert", "dropped alert"}
        for row in rows:
            recorded = find_event(world.tenant.pk, row.event_id)
            assert recorded is not None
            (said,) = both_sides(world.tenant, recorded)
            assert said.live is not None
            assert said.proposed is not None
            assert (said.live.score, said.proposed.score) == (row.score_before, row.score_after)
            assert (said.live.how, said.proposed.how) == ("recorded live", "replayed")
            assert (said.new_alerts, said.dropped_alerts) == (
                (["review"], []) if row.side == "new alert" else ([], ["review"])
            )


def test_page__of_such_an_event__shows_both_models_and_what_that_decides(
    replayed: Evidence, visit: Callable[..., Client]
) -> None:
    row = moved(replayed)
    page = page_of(visit("viewer"), row)
    section = page[page.index("In change requests") :]
    phrases = [
        f"{row.score_before:.4f}",
        "recorded live",
        f"{row.score_after:.4f}",
        "candidate@1: probability",
        "replayed",
    ]
    places = [section.index(each) for each in [*phrases, f"{row.side} at ‘review’"]]
    assert places == sorted(places)


def test_page__once_the_change_is_withdrawn__tells_of_it_where_it_is_asked_about_alone(
    replayed: Evidence, visit: Callable[..., Client]
) -> None:
    with platform_scope():
        reviewing.withdraw(actor=None, change=replayed.change_request, reason="x")
    client, row = visit("viewer"), moved(replayed)
    assert "In change requests" not in page_of(client, row)
    assert "withdrawn" in page_of(client, row, "?change=1")
    assert "In change requests" not in page_of(client, row, "?change=x")


def test_page__whose_candidate_cannot_be_run__says_why(replayed: Evidence, visit: Callable[..., Client]) -> None:
    with platform_scope():
        model = make_model(weights=[0.002, 0.05], beta=0.5)  # the same file
    artifacts.default_storage.delete(f"{artifacts.FOLDER}/{model.digest}.onnx")
    assert "is not in the storage" in page_of(visit("viewer"), moved(replayed))


def test_page__with_a_change_request__takes_few_queries(replayed: Evidence, visit: Callable[..., Client]) -> None:
    client, row = visit("viewer"), moved(replayed)
    page_of(client, row)
    with CaptureQueriesContext(connection) as captured:
        page_of(client, row)
    assert len(captured) <= MOST, [each["sql"][:120] for each in captured]
