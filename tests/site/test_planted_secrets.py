"""Nothing secret is told: planted wherever one can stand, it is looked for in logs, answers and tables."""

import logging
from collections.abc import Iterator

import pytest
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from pytest_django import Settings

from tenants.models import AuditEntry
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import create_api_key, create_person, create_personal_token, set_password
from tests.factories import make_person, make_tenant

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
