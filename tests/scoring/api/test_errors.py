"""Each documented error: its status, as a problem document that names the field."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from scoring.serving.process import Serving
from tenants.models import AuditEntry
from tenants.scope import platform_scope
from tests.documents import EVENT
from tests.factories import World, make_api_key, make_tenant, serve
from tests.scoring.conftest import recorded

URLS = {"score": "/api/v1/score", "batch": "/api/v1/score/batch", "labels": "/api/v1/labels"}
GOOD = {"intent": "card-payments", "features": EVENT}
BATCH = {"intent": "card-payments", "events": [{"features": EVENT}]}
LABELS = {"labels": [{"intent": "card-payments", "event_id": "e", "label": 1}]}


def send(client: Client, token: str, content: Any, url: str = "score", **extra: Any) -> Any:
    data = content if isinstance(content, bytes | str) else json.dumps(content)
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return client.post(URLS[url], data, **{"content_type": "application/json", "headers": headers, **extra})


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    content = response.json()
    assert content["status"] == status
    assert content["title"]
    return dict(content)


def fields(response: Any, status: int = 422) -> dict[str, dict[str, str]]:
    return {each["field"]: each for each in problem(response, status)["errors"]}


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"intent": "card-pay', b"\xff\xfe", b"[" * 100_000, b"nope", b"\x1f\x8b\x08"]
)
def test_body__not_json__is_400(client: Client, world: World, process: Serving, url: str, content: bytes) -> None:
    problem(send(client, world.token, content, url), 400)
    assert recorded(process) == []


@pytest.mark.parametrize("url", URLS)
def test_key__none_or_unknown_or_damaged__is_401(client: Client, world: World, url: str) -> None:
    for token in ("", "x", "muse_a_b", world.token[:-1], world.token + "x", world.token.replace("muse", "musep")):
        response = send(client, token, GOOD, url)
        problem(response, 401)
        assert response["WWW-Authenticate"].startswith("Bearer")


def test_key__revoked_or_expired__is_401_at_the_moment_it_ends(client: Client, world: World, process: Serving) -> None:
    soon = timezone.now() + timedelta(seconds=0.3)
    _, dying = make_api_key(world.tenant, revoked_at=soon)
    _, dead = make_api_key(world.tenant, expires_at=timezone.now() - timedelta(seconds=1))
    process.watcher.look()
    assert send(client, dying, GOOD).status_code == 200
    problem(send(client, dead, GOOD), 401)
    while timezone.now() < soon:
        pass
    problem(send(client, dying, GOOD), 401)


def test_key__without_the_scope__is_403_and_says_which(client: Client, world: World, process: Serving) -> None:
    _, labels_only = make_api_key(world.tenant, ["label"])
    _, scores_only = make_api_key(world.tenant, ["score"])
    process.watcher.look()
    assert "'score'" in problem(send(client, labels_only, GOOD), 403)["detail"]
    problem(send(client, labels_only, BATCH, "batch"), 403)
    problem(send(client, scores_only, LABELS, "labels"), 403)


def test_key__from_outside_of_its_networks__is_403_and_noted(client: Client, world: World, process: Serving) -> None:
    key, held = make_api_key(world.tenant, networks=["192.0.2.0/24", "2001:db8::/32"])
    process.watcher.look()
    for where in ("192.0.2.7", "2001:db8::7"):
        assert send(client, held, GOOD, REMOTE_ADDR=where).status_code == 200
    for url, body in (("score", GOOD), ("batch", BATCH), ("labels", LABELS)):
        answer = send(client, held, body, url, REMOTE_ADDR="203.0.113.9", HTTP_X_FORWARDED_FOR="192.0.2.7")
        assert "may not be used from 203.0.113.9" in problem(answer, 403)["detail"]
    assert process.service.authenticate({"HTTP_AUTHORIZATION": f"Bearer {held}", "REMOTE_ADDR": "192.0.2.7"})
    process.watcher.look()
    with platform_scope():
        key.refresh_from_db()
        assert (key.refused_from, key.last_used_at is not None) == ("203.0.113.9", True)
        assert AuditEntry.objects.get(act="refuse key").details["address"] == "203.0.113.9"


def test_key__behind_a_proxy__is_held_to_whom_the_proxy_saw(
    client: Client, world: World, process: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, held = make_api_key(world.tenant, networks=["192.0.2.0/24"])
    process.watcher.look()
    monkeypatch.setattr(process.service, "_proxies", 1)
    for seen, status in (("192.0.2.7", 200), ("192.0.2.7, 203.0.113.9", 403), ("nonsense", 403)):
        answer = send(client, held, GOOD, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=seen)
        assert answer.status_code == status, seen


def test_intent__unknown__is_404_and_lists_those_there_are(client: Client, world: World) -> None:
    found = fields(send(client, world.token, GOOD | {"intent": "loans"}), 404)
    assert found["intent"] == {"field": "intent", "expected": "one of card-payments", "found": '"loans"'}
    problem(send(client, world.token, BATCH | {"intent": "loans"}, "batch"), 404)


def test_intent__of_another_tenant__is_unknown(client: Client, world: World, process: Serving) -> None:
    other = serve()
    _, token = make_api_key(make_tenant())
    process.watcher.look()
    problem(send(client, token, GOOD), 503)
    assert send(client, other.token, GOOD).json()["transform"] == other.transform.pk


def test_method__other_than_post__is_405(client: Client, world: World) -> None:
    for url in URLS.values():
        for method in (client.get, client.put, client.delete, client.options):
            problem(method(url, headers=world.authorization), 405)


def test_address__unknown__is_404_as_a_problem(client: Client) -> None:
    problem(client.get("/api/v1/nothing"), 404)


def test_media_type__not_json__is_415(client: Client, world: World) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        problem(send(client, world.token, GOOD, content_type=kind), 415)


def test_body__over_the_limit__is_413_and_names_it(client: Client, world: World, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert "at most 100 bytes" in fields(send(client, world.token, GOOD), 413)["body"]["expected"]


@pytest.mark.parametrize(("url", "row"), [("batch", {"features": EVENT}), ("labels", LABELS["labels"][0])])
def test_batch__of_11000__is_413_and_names_the_limit(
    client: Client, world: World, process: Serving, url: str, row: Any
) -> None:
    name = "events" if url == "batch" else "labels"
    content = {name: [row] * 11_000} | ({"intent": "card-payments"} if url == "batch" else {})
    found = fields(send(client, world.token, content, url), 413)[name]
    assert "at most 10000" in found["expected"]
    assert found["found"] == "11000"
    assert recorded(process) == []


@pytest.mark.parametrize(
    ("change", "field", "expected", "found"),
    [
        ({"features": None}, "features", "an object", "null"),
        ({"features": []}, "features", "an object", "an array"),
        ({"intent": 7}, "intent", "a string", "7"),
        ({"event_id": ""}, "event_id", "1 to 128", '""'),
        ({"event_id": "x" * 129}, "event_id", "1 to 128", "xxx"),
        ({"event_id": 7}, "event_id", "1 to 128", "7"),
        ({"occurred_at": "2026-11-23T20:06:01"}, "occurred_at", "with a zone", "2026-11-23T20:06:01"),
        ({"occurred_at": "yesterday"}, "occurred_at", "RFC 3339", "yesterday"),
        ({"occurred_at": 1_700_000_000}, "occurred_at", "RFC 3339", "1700000000"),
        ({"occurred_at": "2090-01-01T00:00:00Z"}, "occurred_at", "a day ahead", "2090"),
        ({"occurred_at": "1969-12-31T23:59:59Z"}, "occurred_at", "from 1970", "1969"),
        ({"context": {"channel": "phone"}}, "context.channel", "one of web, shop", "phone"),
        ({"context": {"channel": 7}}, "context.channel", "one of web, shop", "7"),
        ({"context": {"colour": "red"}}, "context.colour", "no such attribute", "red"),
        ({"tenant": "other"}, "tenant", "no such field", "one of that name"),
        ({"features": EVENT | {"amount": "57"}}, "features.amount", "a finite number at least 0", '"57"'),
        ({"features": EVENT | {"amount": None}}, "features.amount", "a finite number", "null"),
        ({"features": EVENT | {"amount": True}}, "features.amount", "a finite number", "true"),
        ({"features": EVENT | {"amount": -1}}, "features.amount", "at least 0", "-1"),
        ({"features": EVENT | {"amount": {"a": 1}}}, "features.amount", "a finite number", "an object"),
        ({"features": EVENT | {"amount": 10**400}}, "features.amount", "at most", "1000"),
        ({"features": EVENT | {"hour": 20.5}}, "features.hour", "a whole number", "20.5"),
        ({"features": EVENT | {"foreign": 1}}, "features.foreign", "true or false or null", "1"),
        ({"features": EVENT | {"kind": "food"}}, "features.kind", "one of goods, travel, cash", '"food"'),
        ({"features": EVENT | {"colour": 1}}, "features.colour", "no such feature", "1"),
        ({"features": {"amount": 1}}, "features.hour", "a whole number", "nothing"),
    ],
)
def test_score__not_valid__is_422_naming_the_field(
    client: Client, world: World, process: Serving, change: dict[str, Any], field: str, expected: str, found: str
) -> None:
    errors = fields(send(client, world.token, GOOD | change))
    assert expected in errors[field]["expected"]
    assert found in errors[field]["found"]
    assert recorded(process) == []


def test_score__several_faults__names_them_all(client: Client, world: World) -> None:
    content = GOOD | {"features": {"amount": "x", "colour": 1}, "context": {"channel": "phone"}}
    found = fields(send(client, world.token, content))
    assert set(found) == {"features.amount", "features.hour", "features.foreign", "features.colour", "context.channel"}


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_score__not_finite__is_422_naming_the_field(client: Client, world: World, literal: str) -> None:
    content = json.dumps(GOOD).replace("57.16", literal)
    assert "finite number" in fields(send(client, world.token, content))["features.amount"]["expected"]


def test_quota__used_up__is_429_with_retry_after(client: Client, process: Serving) -> None:
    world = serve(quota_per_second=2)  # two processes share it
    process.watcher.look()
    assert process.service._quotas.take(world.tenant.pk, 100) == 0.0  # a batch, to be paid for for 99 s
    response = send(client, world.token, GOOD)
    assert "quota of 2 events a second" in problem(response, 429)["detail"]
    assert int(response["Retry-After"]) >= 1
    assert response["RateLimit-Policy"] == '"tenant-second";q=2;w=1'
    assert response["RateLimit"].startswith('"tenant-second";r=0;t=')


def test_quota__of_one_key_used_up__is_429_and_the_tenants_other_keys_go_on(client: Client, process: Serving) -> None:
    world = serve(quota_per_second=1_000_000)
    limited, token = make_api_key(world.tenant, quota_per_second=1)
    process.watcher.look()
    assert process.service._quotas.take(world.tenant.pk, 100, limited.pk) == 0.0  # to be paid for for 99 s
    response = send(client, token, GOOD)
    assert "The key's quota of 1 events a second is used up." in problem(response, 429)["detail"]
    assert response["RateLimit-Policy"] == '"tenant-second";q=1000000;w=1, "key-second";q=1;w=1'
    assert send(client, world.token, GOOD).status_code == 200


def test_process__nothing_loaded__is_503(client: Client, process: Serving) -> None:
    for url in URLS:
        problem(send(client, "muse_a_b", GOOD, url), 503)


def test_labels__not_valid__is_422_by_index_and_none_is_recorded(
    client: Client, world: World, process: Serving
) -> None:
    good = LABELS["labels"][0]
    for change, field in (
        ({"intent": "loans"}, "labels[1].intent"),
        ({"label": 2}, "labels[1].label"),
        ({"label": True}, "labels[1].label"),
        ({"event_id": ""}, "labels[1].event_id"),
        ({"labelled_at": "2026-11-23T20:06:01"}, "labels[1].labelled_at"),
        ({"labelled_at": "2090-11-23T20:06:01Z"}, "labels[1].labelled_at"),
        ({"amount": 1}, "labels[1].amount"),
    ):
        assert field in fields(send(client, world.token, {"labels": [good, good | change]}, "labels"))
    assert recorded(process) == []


def test_labels__good__are_recorded(client: Client, world: World, process: Serving) -> None:
    content = {"labels": [{**LABELS["labels"][0], "labelled_at": "2026-11-23T20:06:01Z"}] * 2}
    assert send(client, world.token, content, "labels").json() == {"accepted": 2}
    first, second = recorded(process)
    assert first == second
    assert (first.label, first.labelled_at, first.tenant) == (1, 1_795_464_361_000_000, world.tenant.pk)
