"""Every page of the console in a large installation: few queries, and an answer that a browser can hold."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from benchmarks.large import Size, fill
from benchmarks.large_pages import pages
from tenants.models import Membership, Person
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import make_person

# Queries, without what begins and ends a transaction. An intent has alert rates, automatic proposals, and whether those
# who approved that they go live may still do so, too.
MOST = 30
LARGEST = 400_000  # bytes
_CONTROL = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK")


@pytest.fixture
def large(db: None, settings: Settings, tmp_path: object) -> None:
    settings.LAKE = f"{tmp_path}/lake"
    fill(Size(fits=1_000, refreshes=12, trials=4, minutes=20, key_days=7, acts=2_000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def test_pages__of_a_large_installation__take_few_queries_and_are_small(large: None) -> None:
    with platform_scope():
        member = Membership.objects.filter(tenant__slug="client-000", role=Role.VIEWER).earliest("pk").person
    people = {"an admin of the platform": make_person(role=Role.ADMIN), "a member of a tenant": member}
    faults = [f"{who}: {fault}" for who, person in people.items() for fault in _faults(person)]
    assert not faults, "\n".join(faults)


def _faults(person: Person) -> list[str]:
    client = Client()
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return [fault for page in pages() if (fault := _fault(client, page))]


def _fault(client: Client, page: str) -> str:
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(f"/{page}")
    queries = sum(not each["sql"].startswith(_CONTROL) for each in captured.captured_queries)
    if answer.status_code == 404:
        return ""  # not theirs
    if answer.status_code != 200 or queries > MOST or len(answer.content) > LARGEST:
        return f"/{page}: status {answer.status_code}, {queries} queries, {len(answer.content):,} bytes"
    return ""
