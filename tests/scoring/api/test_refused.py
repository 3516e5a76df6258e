"""Refused requests are counted by tenant, intent and reason."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from scoring.models import RefusedRequests
from scoring.serving import metrics
from scoring.serving import refused as module
from scoring.serving.process import Serving
from scoring.serving.refused import Refused
from scoring.store.sources import ENDED_LATELY
from tenants.scope import platform_scope
from tests.documents import EVENT
from tests.factories import World, make_api_key, serve

JSON = "application/json"
INTENT = "card-payments"


def post(client: Client, world: World, body: Any, path: str = "score", kind: str = JSON) -> int:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = client.post(f"/api/v1/{path}", sent, content_type=kind, headers=world.authorization)
    return int(answer.status_code)


def counted(process: Serving, world: World) -> dict[tuple[str, str], int]:
    process.service._presence.refused_requests.write()
    with platform_scope():
        rows = RefusedRequests.objects.filter(tenant=world.tenant)
        return {(row.intent, row.reason): row.requests for row in rows}


def test_refused__each_reason__is_counted_with_the_intent_where_it_is_known(
    client: Client, process: Serving, world: World
) -> None:
    bad = EVENT | {"hour": "noon"}
    assert post(client, world, {"intent": INTENT, "features": EVENT}) == 200
    assert post(client, world, {"intent": INTENT, "features": bad}) == 422
    assert post(client, world, {"intent": INTENT, "features": bad}) == 422
    assert post(client, world, {"intent": "nothing", "features": EVENT}) == 404
    assert post(client, world, b"{") == 400
    assert post(client, world, b"x", kind="text/plain") == 415
    events = [{"features": EVENT}, {"features": bad}]
    assert post(client, world, {"intent": INTENT, "events": events}, "score/batch") == 200
    assert counted(process, world) == {
        (INTENT, "invalid"): 2, ("", "unknown intent"): 1, ("", "unreadable"): 2, (INTENT, "event"): 1,
    }  # fmt: skip


def test_refused__with_a_key_that_has_ended_or_a_wrong_secret__is_the_tenants_and_with_any_other_nobodys(
    client: Client, process: Serving, world: World
) -> None:
    long_ago = timezone.now() - ENDED_LATELY - timedelta(days=1)
    _, ended = make_api_key(world.tenant, revoked_at=timezone.now() - timedelta(days=1))
    _, forgotten = make_api_key(world.tenant, revoked_at=long_ago)
    process.watcher.look()
    wrong, other = f"{world.token[:-1]}{'a' if world.token[-1] != 'a' else 'b'}", "muse_nobody_nothing"
    for token in (ended, wrong, forgotten, other, "nonsense", ""):
        answer = client.post("/api/v1/score", b"{}", content_type=JSON, headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 401
    assert counted(process, world) == {("", "key"): 2}


def test_metrics__of_what_was_refused__are_by_tenant_and_reason(client: Client, process: Serving, world: World) -> None:
    def value(reason: str) -> float:
        metrics.publish(0)
        line = f'muse_requests_refused_total{{reason="{reason}",tenant="{world.tenant.pk}"}}'
        found = re.search(rf"^{re.escape(line)} (\S+)$", client.get("/metrics").content.decode(), re.MULTILINE)
        return float(found.group(1)) if found else 0.0

    reasons = ("invalid", "event", "quota")
    before = [value(each) for each in reasons]
    for body in ({}, {"intent": INTENT, "features": {}}, {"intent": INTENT, "features": EVENT}):
        post(client, world, body)
    post(client, world, {"intent": INTENT, "events": [{"features": EVENT}, {"features": {}}]}, "score/batch")
    assert [value(each) - was for each, was in zip(reasons, before, strict=True)] == [2, 1, 0]


def test_refused__over_the_quota__is_counted(client: Client, process: Serving) -> None:
    world = serve(quota_per_second=1)
    process.watcher.look()
    statuses = [post(client, world, {"intent": INTENT, "features": EVENT}) for _ in range(4)]
    assert counted(process, world) == {(INTENT, "quota"): statuses.count(429)}
    assert 429 in statuses


def test_refused__written_twice__adds_up_and_another_tenants_are_its_own(process: Serving, world: World) -> None:
    other = serve()
    refused = Refused()
    for tenant in (world.tenant, world.tenant, other.tenant):
        refused.note(tenant.pk, INTENT, "invalid")
        refused.write()
    assert counted(process, world) == {(INTENT, "invalid"): 2}
    assert counted(process, other) == {(INTENT, "invalid"): 1}


def test_refused__of_a_tenant_that_is_gone__holds_up_nobody(process: Serving, world: World) -> None:
    refused = Refused()
    refused.note(2**40, "", "invalid")
    refused.note(world.tenant.pk, "", "invalid")
    refused.write()
    assert counted(process, world) == {("", "invalid"): 1}


def test_refused__postgres_away__is_written_the_next_time(
    process: Serving, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: Any) -> None:
        raise OperationalError("the connection is lost")

    refused = Refused()
    refused.note(world.tenant.pk, INTENT, "invalid", 3)
    with monkeypatch.context() as broken:
        broken.setattr(module, "_add", away)
        with pytest.raises(OperationalError):
            refused.write()
    refused.write()
    assert counted(process, world) == {(INTENT, "invalid"): 3}
