"""How a scoring process learns what to serve, and what it does when it can't."""

import json
import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from scoring.models import CurrentRelease, Release, ServingProcess
from scoring.serving import loader, presence
from scoring.serving.listener import ChangeListener
from scoring.serving.process import Serving, serving
from scoring.serving.requests import Event
from tenants.messages import announce
from tenants.models import ApiKey
from tenants.scope import platform_scope
from tests.documents import EVENT
from tests.factories import World, make_api_key, serve

GOOD = {"intent": "card-payments", "features": EVENT}


def score(client: Client, world: World) -> Any:
    return client.post("/api/v1/score", json.dumps(GOOD), content_type="application/json", headers=world.authorization)


def row() -> ServingProcess:
    return ServingProcess.objects.get()


def away(*_: object) -> Any:
    raise DatabaseError("Postgres is away")


def test_look__new_release__is_served_and_said(client: Client, world: World, process: Serving) -> None:
    before = score(client, world).json()
    after_world = world.publish(y=(0.0, 0.6, 0.85, 0.99, 1.0))
    assert score(client, world).json()["release"] == 1
    process.watcher.look()
    after = score(client, world).json()
    assert (after["release"], after["transform"]) == (2, after_world.transform.pk)
    assert after["probability"] == before["probability"]
    assert after["score"] > before["score"]
    assert row().releases == {world.tenant.slug: 2}


def test_look__release_that_does_not_load__leaves_the_old_one_and_says_so(
    client: Client, world: World, process: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = serve()
    good = world.publish()
    with platform_scope():
        broken = Release.objects.create(
            tenant=world.tenant, number=3, document=good.release.document[:-9], digest="0" * 64, reason="tests"
        )
        CurrentRelease.objects.filter(tenant=world.tenant).update(release=broken)
    process.watcher.look()
    assert score(client, world).json()["release"] == 1
    assert score(client, other).json()["release"] == 1
    failure = row().failures[world.tenant.slug]
    assert failure["number"] == 3
    assert "digest" in failure["reason"]
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["failed_releases"] == 1
    with platform_scope():
        CurrentRelease.objects.filter(tenant=world.tenant).update(release=good.release)
    process.watcher.look()
    assert score(client, world).json()["release"] == 2
    assert row().failures == {}
    assert client.get("/readyz").json()["failed_releases"] == 0


def test_look__missing_model_file__is_retried_once_it_is_there(client: Client, process: Serving) -> None:
    world = serve()
    path = settings.MEDIA_ROOT / "models" / f"{world.model.digest}.onnx"
    content = path.read_bytes()
    path.unlink()
    process.watcher.look()
    assert score(client, world).status_code == 503
    path.write_bytes(content)
    process.watcher.look()
    assert score(client, world).status_code == 503  # not yet: it waits between two tries
    process.watcher._loader._retry_at.clear()
    assert within(20.0, lambda: process.watcher.look() and score(client, world).status_code == 200)


@pytest.mark.parametrize("left", [None, -9], ids=["missing", "truncated"])
def test_load_first__model_file_has_suffered_since_it_was_served__serves_by_this_machines_copy(
    client: Client, world: World, process: Serving, left: int | None
) -> None:
    before = score(client, world).json()
    path = settings.MEDIA_ROOT / "models" / f"{world.model.digest}.onnx"
    content = path.read_bytes()
    path.unlink()
    if left is not None:
        path.write_bytes(content[:left])
    process.log.close()
    serving.cache_clear()
    serving().watcher.load_first()
    after = score(client, world).json()
    assert (after["release"], after["score"]) == (1, before["score"])
    assert row().failures == {}


def test_look__after_long__leaves_copies_of_what_is_served_or_may_take_its_place(
    world: World, process: Serving
) -> None:
    other = serve()
    within(20.0, lambda: process.watcher.look() and len(serving().state.held.releases) == 2)
    folder = settings.SERVING_CACHE_DIR / "models"
    (folder / "old.onnx").write_bytes(b"of a release that was replaced")
    for path in folder.iterdir():
        os.utime(path, (0, 0))
    process.state.forget(other.tenant.id)  # as in a process where it does not load
    process.watcher._loader._tidy_at = 0.0
    process.watcher.look()
    digests = {world.model.digest, other.model.digest}
    assert {path.name.partition(".")[0] for path in folder.iterdir()} == digests


def test_look__key_made_and_revoked__is_followed(client: Client, world: World, process: Serving) -> None:
    key, token = make_api_key(world.tenant)
    process.watcher.look()
    headers = {"authorization": f"Bearer {token}"}
    for expected in (200, 401):
        response = client.post("/api/v1/score", json.dumps(GOOD), content_type="application/json", headers=headers)
        assert response.status_code == expected
        with platform_scope():
            ApiKey.objects.filter(pk=key.pk).update(revoked_at=timezone.now())
        process.watcher.look()


def test_look__tenant_without_release_any_more__is_not_served(client: Client, world: World, process: Serving) -> None:
    with platform_scope():
        CurrentRelease.objects.filter(tenant=world.tenant).delete()
    process.watcher.look()
    assert score(client, world).status_code == 503


def test_look__sessions_of_replaced_releases__are_shared_or_dropped(world: World, process: Serving) -> None:
    sessions = process.watcher._loader._sessions
    before = process.state.held.releases[world.tenant.pk]
    world.publish()
    process.watcher.look()
    assert process.state.held.releases[world.tenant.pk] is not before
    assert len(sessions) == 1


def test_look__postgres_away__goes_on_serving(
    client: Client, world: World, process: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "read_catalogue", away)
    monkeypatch.setattr("scoring.serving.watcher.connection.close", lambda: None)
    assert process.watcher.look() is False
    assert score(client, world).status_code == 200


def test_load_first__postgres_away__serves_what_is_on_disk(
    client: Client, world: World, process: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = score(client, world).json()
    process.log.close()
    serving.cache_clear()
    monkeypatch.setattr(loader, "read_catalogue", away)
    monkeypatch.setattr("scoring.serving.watcher.connection.close", lambda: None)
    assert client.get("/readyz").status_code == 503
    serving().watcher.load_first()
    assert client.get("/readyz").status_code == 200
    found = score(client, world).json()
    assert {**found, "event_id": ""} == {**expected, "event_id": ""}
    monkeypatch.undo()
    world.publish()
    serving().watcher.look()
    assert score(client, world).json()["release"] == 2


def test_disk_copy__holds_key_hashes__readable_by_owner_only(world: World) -> None:
    for path in settings.SERVING_CACHE_DIR.rglob("*.json"):
        assert path.stat().st_mode & 0o077 == 0


def test_look__used_key__is_noted_in_one_statement_now_and_then(
    client: Client, world: World, process: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    def last_used() -> Any:
        with platform_scope():
            return ApiKey.objects.get(pk=world.key.pk).last_used_at

    score(client, world)
    process.watcher.look()
    first = last_used()
    assert timezone.now() - first < timedelta(minutes=1)
    score(client, world)
    process.watcher.look()
    assert last_used() == first
    monkeypatch.setattr(presence, "KEYS_EVERY", 0.0)
    process.watcher.look()
    assert last_used() > first


def test_held__swapped_under_requests__each_is_answered_by_one_release(world: World, process: Serving) -> None:
    """A request reads the reference once: batches never mix releases, whatever is swapped meanwhile."""
    first = process.state.held.releases[world.tenant.pk]
    following = world.publish(y=(0.0, 0.6, 0.85, 0.99, 1.0))
    process.watcher.look()
    second = process.state.held.releases[world.tenant.pk]
    by_number = {1: first, 2: second}
    done = threading.Event()

    def swap() -> None:
        while not done.is_set():
            process.state.serve(world.tenant.pk, first)
            process.state.serve(world.tenant.pk, second)

    key = next(iter(process.state.held.keyring._keys.values()))
    thread = threading.Thread(target=swap)
    thread.start()
    try:
        seen = set()
        for _ in range(300):
            events = [Event(features=EVENT | {"amount": amount}) for amount in (1.0, 50.0, 99.5)]
            answer = process.service.score_batch(key, "card-payments", events, {})
            seen.add(answer.release)
            release = by_number[answer.release]
            expected_transform = following.transform.pk if answer.release == 2 else world.transform.pk
            for event, result in zip(events, answer.results, strict=True):
                alone = release.score("card-payments", event.features, {})
                assert (result.score, result.probability) == (alone.score, alone.probability)
                assert result.transform == expected_transform
    finally:
        done.set()
        thread.join()
    assert seen == {1, 2}


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.01)
    return False


def test_listener__announced_changes__wake_it_and_silence_does_not() -> None:
    listener = ChangeListener()
    assert listener.wait(0.05) is False
    announce({"keys": True})
    announce({"keys": True})
    assert listener.wait(5.0) is True
    assert listener.wait(0.05) is False
    listener.close()


def test_listener__valkey_away__waits_and_recovers(settings: Any) -> None:
    url = settings.REDIS_URL
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"
    listener = ChangeListener()
    assert listener.wait(0.05) is False
    settings.REDIS_URL = url
    assert listener.wait(0.05) is False
    announce({"keys": True})
    assert listener.wait(5.0) is True
    listener.close()


@pytest.mark.django_db(transaction=True)
def test_watcher__running__serves_a_release_soon_after_its_commit(client: Client, process: Serving) -> None:
    process.watcher.start()
    try:
        world = serve()
        assert within(20.0, lambda: score(client, world).status_code == 200)
        world.publish()
        assert within(20.0, lambda: score(client, world).json()["release"] == 2)
    finally:
        process.watcher.stop()
