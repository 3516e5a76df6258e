"""The scoring service's other addresses: health, metrics, documentation."""

import json
import re

import pytest
import yaml
from django.contrib.staticfiles import finders
from django.test import Client
from pytest_django import Settings

from scoring.consumer.quarantine import Quarantine
from scoring.lake.delta import TableName
from scoring.serving import metrics
from scoring.serving.process import Serving
from tests.documents import EVENT
from tests.factories import World


def test_healthz__any_state__is_200(client: Client) -> None:
    assert client.get("/healthz").status_code == client.get("/livez").status_code == 200
    assert client.post("/healthz").status_code == 405


def test_readyz__before_and_after_loading__is_503_then_200(client: Client, process: Serving) -> None:
    assert client.get("/readyz").status_code == 503
    process.watcher.look()
    counts = dict.fromkeys(("releases", "failed_releases", "lost_events", "quarantined_tables"), 0)
    assert client.get("/readyz").json() == {"ready": True, "served": {}, **counts}


def test_readyz__tenant_that_is_served__has_its_release_by_number(client: Client, world: World) -> None:
    assert client.get("/readyz").json()["served"] == {str(world.tenant.pk): 1}
    assert f'muse_release_number{{tenant="{world.tenant.pk}"}} 1.0' in client.get("/metrics").content.decode()


def test_readyz__tables_in_quarantine__are_counted(client: Client, process: Serving, settings: Settings) -> None:
    process.watcher.look()
    Quarantine(settings.SEGMENTS_DIR, TableName(7, "card-payments", "events"), bound=1).begin("refused")
    assert client.get("/readyz").json()["quarantined_tables"] == 1


def test_metrics__after_requests__count_them_and_name_no_tenant(client: Client, world: World) -> None:
    def value(line: str) -> float:
        found = re.search(rf"^{re.escape(line)} (\S+)$", client.get("/metrics").content.decode(), re.MULTILINE)
        return float(found.group(1)) if found else 0.0

    lines = (
        'muse_requests_total{endpoint="score",status="200"}',
        'muse_requests_total{endpoint="score",status="422"}',
        "muse_events_scored_total",
    )
    metrics.publish(0)
    before = [value(line) for line in lines]
    for content in ({"intent": "card-payments", "features": EVENT}, {}):
        client.post("/api/v1/score", json.dumps(content), content_type="application/json", headers=world.authorization)
    metrics.publish(0)
    assert [value(line) - old for line, old in zip(lines, before, strict=True)] == [1, 1, 1]
    assert value("muse_releases_served") == 1
    assert world.tenant.slug not in client.get("/metrics").content.decode()


def test_schema__is_complete(client: Client) -> None:
    found = yaml.safe_load(client.get("/api/v1/schema").content)
    assert set(found["paths"]) == {"/api/v1/score", "/api/v1/score/batch", "/api/v1/labels"}
    post = found["paths"]["/api/v1/score"]["post"]
    assert post["requestBody"]["required"] is True
    assert {"200", "400", "401", "403", "404", "405", "413", "415", "422", "429", "503"} <= set(post["responses"])
    assert post["security"] == [{"apiKey": []}]
    assert "apiKey" in found["components"]["securitySchemes"]
    used = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(found)))
    assert used <= set(found["components"]["schemas"])
    assert "example" in json.dumps(post)


def test_docs__page__loads_nothing_from_elsewhere_and_runs_under_the_policy(client: Client) -> None:
    response = client.get("/api/v1/docs")
    assert response.status_code == 200
    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    page = response.content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert sources
    assert all(source.startswith("/") for source in sources)
    for source in sources:
        if source.startswith("/static/"):
            assert finders.find(source.removeprefix("/static/"))
    assert "/api/v1/schema" in client.get("/api/v1/docs?script=").content.decode()


@pytest.mark.parametrize("url", ["/api/v1/schema", "/api/v1/docs", "/healthz", "/metrics"])
def test_page__without_a_key__is_open(client: Client, url: str) -> None:
    assert client.get(url).status_code == 200
