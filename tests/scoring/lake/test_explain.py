"""Explaining a score: from the selector and over REST."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import Client

from scoring.engine.compiled import CompiledRelease
from scoring.lake.explain import explain_event
from scoring.services import publish_document
from tenants.scope import platform_scope
from tests.documents import simple
from tests.factories import World, make_api_key, make_person, make_tenant, serve, text_of
from tests.scoring.eventlog import INTENT, NOON, consume, event, keep_document, label, write, writer

FEATURES = {"amount": 57.16, "hour": 20, "foreign": None, "kind": "travel"}


@pytest.fixture
def explained_tenant(db: None, segments: Path) -> Any:
    """A tenant served with `simple()`, of which one event, `a`, was recorded as scoring would have."""
    tenant = make_tenant()
    documents = simple(tenant.slug)
    documents.store()
    return tenant, documents


def record(tenant: Any, documents: Any, segments: Path, **intent: Any) -> None:
    documents.intents[INTENT] = msgspec.structs.replace(documents.intents[INTENT], **intent)
    content = documents.build()
    with platform_scope():
        publish_document(tenant=tenant, document=text_of(content), actor=None, reason="test")
    keep_document(content, tenant=tenant.pk)
    scored = CompiledRelease(content, 1, documents.load_model).score(INTENT, FEATURES, {"channel": "web"})
    write(
        writer(segments),
        event(
            "a", tenant=tenant.pk, features=FEATURES, context={"channel": "web"}, route=scored.route,
            predictor=scored.predictor, transform=scored.transform, outputs=scored.outputs,
            probability=scored.probability, score=scored.score,
        ),
        label("a", 1, tenant=tenant.pk),
    )  # fmt: skip
    consume(segments)


def test_explain__recorded_event__every_step_and_the_same_bits_again(explained_tenant: Any, segments: Path) -> None:
    tenant, documents = explained_tenant
    record(tenant, documents, segments)
    found = explain_event(tenant.pk, "a")
    assert found is not None
    assert [each["model"] for each in found["models"]] == ["small@1", "large@1"]
    assert [(each["beta"], each["weight"]) for each in found["models"]] == [(0.2, 2.0), (0.5, 1.0)]
    assert found["recomputed"]["equal"]
    assert found["recomputed"]["from_features"]["equal"], found["recomputed"]
    assert (found["predictor"], found["aggregation"], found["release"], found["route"]) == ("cards@2", "mean", 1, "web")
    assert (found["label"], found["key"], found["context"]) == (1, 3, {"channel": "web"})
    assert found["features"] == {name: value for name, value in FEATURES.items() if value is not None}
    segment = found["transform"]["segment"]
    assert segment["x"][0] <= found["probability"] < segment["x"][1]
    assert segment["y"][0] <= found["score"] < segment["y"][1]
    (shadow,) = found["shadows"]
    assert (shadow["predictor"], shadow["error"]) == ("cards@1", None)
    assert shadow["models"][0]["output"] == found["models"][0]["output"]  # the same model, in both


def test_explain__features_not_kept__recomputed_from_outputs_only(explained_tenant: Any, segments: Path) -> None:
    tenant, documents = explained_tenant
    record(tenant, documents, segments, keep_features=("amount",))
    found = explain_event(tenant.pk, "a")
    assert found is not None
    assert found["recomputed"]["equal"]
    assert found["recomputed"]["from_features"]["equal"] is None
    assert "foreign, hour, kind" in found["recomputed"]["from_features"]["reason"]
    assert found["features"] == {"amount": 57.16}


@pytest.fixture
def world(db: None, segments: Path) -> World:
    world = serve()
    keep_document(world.document, tenant=world.tenant.pk)
    target = {"route": "all", "predictor": world.predictor.key, "transform": world.transform.pk}
    write(writer(segments), event("a", tenant=world.tenant.pk, **target))
    consume(segments)
    return world


def get(path: str, token: str) -> Any:
    return Client().get(f"/api/v1/events/{path}", headers={"authorization": f"Bearer {token}"})


def test_explain_api__key_of_scope_read__answers(world: World) -> None:
    response = get("a", world.token)
    assert response.status_code == 200
    body = response.json()
    assert (body["event_id"], body["intent"], body["occurred_at"]) == ("a", INTENT, "2026-11-25T12:00:00Z")
    assert body["models"][0]["model"] == world.model.key
    assert get("a?day=2026-11-25&intent=card-payments", world.token).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [("b", 404, None), ("a?intent=other", 404, None), ("a?day=never", 422, "day"), ("a?dya=2026-11-25", 422, "dya")],
)
def test_explain_api__not_there_or_not_valid__says_so(world: World, path: str, status: int, field: str | None) -> None:
    response = get(path, world.token)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert [each["field"] for each in response.json().get("errors", [])] == ([field] if field else [])


def test_explain_api__other_keys__are_refused(world: World) -> None:
    _, without = make_api_key(world.tenant, scopes=("score",))
    _, of_another = make_api_key(make_tenant())
    assert get("a", without).status_code == 403
    assert get("a", of_another).status_code == 404
    assert get("a", "muse_nobody_nothing").status_code == 401
    assert Client().get("/api/v1/events/a").status_code == 401


def test_explain_api__id_answered_twice__the_latest_is_explained_and_the_first_listed(
    world: World, segments: Path
) -> None:
    target = {"route": "all", "predictor": world.predictor.key, "transform": world.transform.pk}
    again = {"features": FEATURES | {"amount": 2.5}, "scored_at": NOON + 5, "score": 0.75, "probability": 0.5}
    write(writer(segments), event("a", tenant=world.tenant.pk, **target | again))
    consume(segments)
    body = get("a", world.token).json()
    assert (body["score"], body["features"]["amount"]) == (0.75, 2.5)
    assert [(each["score"], each["scored_at"]) for each in body["others"]] == [(0.125, "2026-11-25T12:00:00Z")]


def test_event_page__id_answered_twice__lists_the_other_answer(world: World, segments: Path) -> None:
    target = {"route": "all", "predictor": world.predictor.key, "transform": world.transform.pk}
    write(writer(segments), event("a", tenant=world.tenant.pk, scored_at=NOON + 5, score=0.75, **target))
    consume(segments)
    visitor = Client()
    visitor.force_login(make_person(role="viewer"), "django.contrib.auth.backends.ModelBackend")
    page = visitor.get(f"/tenants/{world.tenant.slug}/events/a").content.decode()
    assert "Earlier answers under this id" in page
    assert "0.1250" in page
