"""Nothing secret is told: planted wherever one can stand, it is looked for in logs, answers and tables."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from pytest_django import Settings

from models_app.notifications.events import SUBSCRIBABLE
from muse_site.environment import VARIABLES
from scoring.serving.process import serving
from tenants.models import AuditEntry
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import create_api_key, create_person, create_personal_token, set_password
from tests.factories import make_person, make_tenant
from tests.isolation.wall import CONSOLE, addresses, build

pytestmark = pytest.mark.django_db
PLANTED = "planted-secret-Xq7"


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[list[str]]:
    """What was answered; at the end it and all logs are searched."""
    answers: list[str] = []
    caplog.set_level(logging.DEBUG)
    yield answers
    out, err = capfd.readouterr()
    for where in (*answers, caplog.text, out, err):
        assert PLANTED not in where


def test_secrets__that_are_sent__are_in_no_answer_and_no_log(said: list[str]) -> None:
    client = Client(raise_request_exception=False)
    for secret in (f"muse_abcdefghijkl_{PLANTED}", f"musep_abcdefghijkl_{PLANTED}", PLANTED):
        for path in ("/api/v1/me", "/api/v1/tenants", "/api/v1/nothing", "/"):
            answer = client.get(path, headers={"authorization": f"Bearer {secret}"})
            said.append(answer.content.decode() + str(answer.headers))
    person = make_person()
    answer = client.post("/admin/login/", {"username": person.email, "password": PLANTED})
    said.append(answer.content.decode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT a::text FROM axes_accessattempt a")
        said += [row[0] for row in cursor.fetchall()]


def test_secrets__in_settings_and_requests__are_on_no_error_page_and_in_no_log(
    said: list[str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SECRET_KEY = PLANTED

    def fail(request: HttpRequest) -> None:
        password, token = PLANTED, request.headers["authorization"]
        raise RuntimeError(f"failed with {len(password)} and {len(token)} characters")

    monkeypatch.setattr("tenants.middleware.identify", fail)
    client = Client(raise_request_exception=False)
    for path in ("/", "/api/v1/me"):
        answer = client.post(path, {"password": PLANTED}, headers={"authorization": f"Bearer {PLANTED}"})
        assert answer.status_code == 500
        said.append(answer.content.decode())


def test_secrets__that_services_take_or_make__are_in_no_audit_entry_and_no_table_s_text(said: list[str]) -> None:
    root, tenant = make_person(role=Role.ADMIN), make_tenant()
    person = create_person(email="new@example.com", password=f"{PLANTED}-password", actor=root)
    set_password(person=person, password=f"{PLANTED}-another", actor=person)
    with platform_scope(), connection.cursor() as cursor:
        made = [
            create_personal_token(person=person, name="x", actor=person)[1],
            create_api_key(tenant=tenant, name="x", scopes=["score"], actor=None)[1],
        ]
        assert AuditEntry.objects.exists()
        for table in ("tenants_auditentry", "tenants_person", "tenants_personhistory", "tenants_apikey",
                      "tenants_apikeyhistory", "tenants_personaltoken", "tenants_personaltokenhistory"):  # fmt: skip
            cursor.execute(f"SELECT t::text FROM {table} t")
            rows = [row[0] for row in cursor.fetchall()]
            said += rows
            for text in made:
                assert not [row for row in rows if text.split("_")[2] in row], table


def test_secrets__of_the_installation__are_on_no_page_in_no_export_and_in_no_metric(
    said: list[str], settings: Settings, tmp_path: Path
) -> None:
    """Planted in every setting that is a secret; then every address of the console is opened by who may see all."""
    planted = {each.name: f"{PLANTED}-{each.name}" for each in VARIABLES if each.is_secret}
    assert {"MUSE_SECRET_KEY", "DATABASE_URL", "REDIS_URL"} <= set(planted)
    settings.MEDIA_ROOT, settings.LAKE = tmp_path / "files", str(tmp_path / "lake")
    settings.SEGMENTS_DIR, settings.SERVING_CACHE_DIR = tmp_path / "segments", tmp_path / "serving"
    serving.cache_clear()
    wall, person = build(), make_person(role=Role.ADMIN)
    token = create_personal_token(person=person, name="x", actor=None)[1]
    settings.ENV = settings.ENV | planted
    settings.SECRET_KEY = f"{PLANTED}-key"
    browser = Client(raise_request_exception=False)
    browser.force_login(person, "django.contrib.auth.backends.ModelBackend")
    program = Client(headers={"authorization": f"Bearer {token}"}, raise_request_exception=False)
    for pattern, _ in addresses(CONSOLE):
        answer: Any = (program if pattern.startswith("api/") else browser).get(wall.url(pattern))
        said.append(f"{answer.headers} {(b''.join(answer) if answer.streaming else answer.content).decode()}")
    serving().log.close()
    serving.cache_clear()


def test_secret_of_a_webhook__once_it_was_shown__is_in_no_answer_table_and_log(said: list[str]) -> None:
    person = make_person(role=Role.ADMIN)
    token = create_personal_token(person=person, name="x", actor=None)[1]
    client = Client(headers={"authorization": f"Bearer {token}"}, raise_request_exception=False)
    body = {"url": "https://example.com/hook", "events": [SUBSCRIBABLE[0]]}
    answer = client.post("/api/v1/webhooks", body, content_type="application/json")
    assert answer.status_code == 201, answer.content
    secret, pk = answer.json()["secret"], answer.json()["id"]
    paths = ("webhooks", f"webhooks/{pk}", "audit", "deliveries")
    told = [client.get(f"/api/v1/{path}").content.decode() for path in paths]
    with platform_scope(), connection.cursor() as cursor:
        for table in ("models_app_webhook", "models_app_delivery", "tenants_auditentry"):
            cursor.execute(f"SELECT t::text FROM {table} t")
            told += [row[0] for row in cursor.fetchall()]
    assert [text for text in told if secret in text] == []
