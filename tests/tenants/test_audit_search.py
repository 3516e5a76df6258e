"""Looking for something in the audit trail, and taking it away as a file."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from tenants import audit_export
from tenants.models import Person, Tenant
from tenants.scope import platform_scope
from tenants.spreadsheets import in_cell
from tests.tenants.conftest import Api

FIRST = datetime(2026, 3, 5, 12, tzinfo=UTC)
INSERT = """INSERT INTO tenants_auditentry
    (at, person_id, tenant_id, act, subject, reason, details, request, subject_type, subject_id)
    VALUES (%s, %s, %s, %s, %s, %s, '{}', '', %s, %s)"""

SUBJECTS = [("release", 7), ("intent", 7), ("release", 8), ("", None), ("release", 7)]


@pytest.fixture
def trail(acme: Tenant, globex: Tenant, acme_admin: Person) -> Tenant:
    """Five entries of acme, a day apart, every other by its admin; one of globex."""
    entries = [
        (FIRST + timedelta(days=day), (None, acme_admin.pk)[day % 2], acme.pk, ("publish", "edit")[day % 2], f"r{day}")
        for day in range(5)
    ]
    with platform_scope(), connection.cursor() as cursor:
        cursor.executemany(INSERT, [(*entry, "=1+1", *SUBJECTS[place]) for place, entry in enumerate(entries)])
        cursor.execute(INSERT, (FIRST, None, globex.pk, "publish", "hidden", "theirs", "release", 7))
    return acme


def rows_of(answer: Any) -> list[dict[str, Any]]:
    text = b"".join(answer.streaming_content).decode()
    if answer["Content-Type"].startswith("text/csv"):
        return list(csv.DictReader(io.StringIO(text)))
    return [json.loads(line) for line in text.splitlines()]


SEARCHES = [
    ("", "r4 r3 r2 r1 r0"),
    ("act=edit", "r3 r1"),
    ("person=admin@acme.example", "r3 r1"),
    ("person=platform", "r4 r2 r0"),
    ("since=2026-03-07", "r4 r3 r2"),
    ("until=2026-03-06", "r1 r0"),
    ("since=2026-03-06T12:00:00Z&until=2026-03-08T12:00:00Z", "r2 r1"),
    ("q=R3", "r3"),
    ("q=admin@acme&act=publish", ""),
    ("act=&person=", "r4 r3 r2 r1 r0"),
    ("subject_type=release", "r4 r2 r0"),
    ("subject_type=release&subject_id=7", "r4 r0"),
    ("subject_id=7&act=edit", "r1"),
    ("subject_type=&subject_id=", "r4 r3 r2 r1 r0"),
]


@pytest.mark.parametrize(("query", "found"), SEARCHES)
def test_audit__searched__has_what_was_looked_for(
    trail: Tenant, acme_admin: Person, api: Api, query: str, found: str
) -> None:
    rest = api(acme_admin)
    listed = rest.get(f"tenants/acme/audit?limit=9&{query}").json()["results"]
    assert [entry["subject"] for entry in listed] == found.split()
    for form in ("csv", "jsonl"):
        exported = rows_of(rest.get(f"tenants/acme/audit/export?form={form}&{query}"))
        assert [row["subject"] for row in exported] == found.split()


NO_SEARCHES = ["since=yesterday", "until=2026-02-30", "whoever=x", "subject_type=thing", "subject_id=x", "subject_id=0"]


@pytest.mark.parametrize("query", NO_SEARCHES)
@pytest.mark.parametrize("path", ["audit", "audit/export"])
def test_audit__searched_with_what_is_no_search__names_the_field(
    trail: Tenant, acme_admin: Person, api: Api, path: str, query: str
) -> None:
    answer = api(acme_admin).get(f"tenants/acme/{path}?{query}")
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["errors"]] == [query.partition("=")[0]]


def test_audit__of_an_entry__names_the_row_that_it_is_about(trail: Tenant, acme_admin: Person, api: Api) -> None:
    listed = api(acme_admin).get("tenants/acme/audit?until=2026-03-08").json()["results"]
    assert [(entry["subject_type"], entry["subject_id"]) for entry in listed[:2]] == [("", None), ("release", 8)]
    exported = rows_of(api(acme_admin).get("tenants/acme/audit/export?until=2026-03-08"))
    assert [(row["subject_type"], row["subject_id"]) for row in exported[:2]] == [("", ""), ("release", "8")]


def test_export__in_another_form__says_which_there_are(trail: Tenant, acme_admin: Person, api: Api) -> None:
    answer = api(acme_admin).get("tenants/acme/audit/export?form=xml")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "form")


def test_export__longer_than_a_piece__has_every_entry_once(
    trail: Tenant, acme_admin: Person, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_export, "PIECE", 2)
    exported = rows_of(api(acme_admin).get("tenants/acme/audit/export?form=jsonl"))
    assert [row["subject"] for row in exported] == ["r4", "r3", "r2", "r1", "r0"]


def test_export__as_csv__runs_nothing_in_a_spreadsheet(trail: Tenant, acme_admin: Person, api: Api) -> None:
    answer = api(acme_admin).get("tenants/acme/audit/export")
    assert answer["Content-Disposition"].startswith('attachment; filename="audit-acme-')
    assert {row["reason"] for row in rows_of(answer)} == {"'=1+1"}
    plain = rows_of(api(acme_admin).get("tenants/acme/audit/export?form=jsonl"))
    assert {row["reason"] for row in plain} == {"=1+1"}


FORMULAS = [
    "=cmd|'/C calc'!A0",
    "+1+1",
    "-1-1",
    "@SUM(A1)",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "\tx",
    "\rx",
    "\nx",
    "-x",
    "-1e",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_cell__that_a_spreadsheet_would_run__stands_behind_an_apostrophe(text: str) -> None:
    assert in_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", [-5, -0.25, None, "-5", "+3", "-0.25", "-1e-05", "web", "a=b", "", "'=1"])
def test_cell__of_a_number_or_a_plain_text__stays(value: object) -> None:
    assert in_cell(value) == value


def test_export__of_everything__is_for_platform_roles(
    trail: Tenant, acme_admin: Person, platform_admin: Person, api: Api
) -> None:
    assert api(acme_admin).get("audit/export").status_code == 404
    exported = rows_of(api(platform_admin).get("audit/export?form=jsonl&act=publish"))
    assert [row["tenant"] for row in exported] == ["globex", "acme", "acme", "acme"]
