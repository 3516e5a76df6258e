"""Entries of the audit trail as an earlier version wrote them get the rows that they are about."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.db import connections
from pytest_django import Settings

from tenants.models import AuditEntry, Tenant
from tenants.scope import platform_scope
from tests.factories import World, make_change, make_person, serve

STATEMENTS = import_module("models_app.migrations.0009_audit_subjects").STATEMENTS
INSERT = """INSERT INTO tenants_auditentry (at, tenant_id, act, subject, reason, details, request)
    VALUES (now(), %s, %s, %s, 'why', %s, '')"""

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def world(settings: Settings, tmp_path: Path) -> World:
    """The second of two tenants, so that no number of it is a primary key."""
    settings.MEDIA_ROOT = tmp_path
    make_change(serve("other"))
    return serve("acme")


@pytest.fixture(autouse=True)
def _close_owner() -> Iterator[None]:
    yield
    connections["owner"].close()


def migrated(tenant: Tenant | None, act: str, subject: str, details: str = "{}") -> AuditEntry:
    """An entry as it was written before it had a subject's type and key, after the migration."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(INSERT, [tenant.pk if tenant else None, act, subject, details])
        for statement in STATEMENTS:
            cursor.execute(statement)
    with platform_scope():
        return AuditEntry.objects.latest("pk")


def found(entry: AuditEntry) -> tuple[str, int | None]:
    assert entry.reason == "why"  # nothing else of it has changed
    return entry.subject_type, entry.subject_id


def test_entries__of_what_has_a_number_in_its_tenant__get_its_row(world: World) -> None:
    change = make_change(world)
    assert change.pk != change.number
    entry = migrated(world.tenant, "approve", "change request 1 of Acme")
    assert (found(entry), entry.subject) == (("change-request", change.pk), "change request 1 of Acme")
    assert found(migrated(world.tenant, "does not load", "release 1")) == ("release", world.release.pk)


def test_entries__of_what_has_a_name__get_its_row(world: World) -> None:
    acme, reference = world.tenant, world.transform.reference
    person = make_person("ann@acme.example")
    assert found(migrated(acme, "change intent", world.intent.name)) == ("intent", world.intent.pk)
    assert found(migrated(acme, "rotate key", f"muse_{world.key.prefix}")) == ("api-key", world.key.pk)
    assert found(migrated(acme, "add member", person.email)) == ("person", person.pk)
    assert found(migrated(None, "check model", world.model.key)) == ("model-version", world.model.pk)
    assert found(migrated(None, "create predictor", world.predictor.key)) == ("predictor-version", world.predictor.pk)
    assert found(migrated(None, "create reference", reference.key)) == ("reference-distribution", reference.pk)


def test_entries__of_a_tenant__get_it_even_if_it_is_erased(world: World) -> None:
    acme = world.tenant
    assert found(migrated(acme, "break glass", "acme")) == ("tenant", acme.pk)
    assert found(migrated(acme, "set review policy", "acme")) == ("review-policy", acme.pk)
    assert found(migrated(None, "erase tenant", "gone", '{"tenant_id": 4711}')) == ("tenant", 4711)


KEYED = ["delivery", "evidence", "fit", "proposal", "proposal line", "sample", "transform", "webhook"]


@pytest.mark.parametrize("kind", KEYED)
def test_entries__of_what_is_called_by_its_key__get_it_though_the_row_is_gone(world: World, kind: str) -> None:
    assert found(migrated(world.tenant, "whatever", f"{kind} 815")) == (kind.replace(" ", "-"), 815)


UNTOLD = [
    ("approve", "change request 7 of Acme"),
    ("publish", "release 12345678901234567890"),
    ("change intent", "gone"),
    ("create person", "nobody@acme.example"),
    ("publish", "card-payments"),
    ("request fit", "fit for purpose"),
]


@pytest.mark.parametrize(("act", "subject"), UNTOLD)
def test_entries__whose_text_tells_no_row__stay_as_they_are(world: World, act: str, subject: str) -> None:
    entry = migrated(world.tenant, act, subject)
    assert (found(entry), entry.act, entry.subject) == (("", None), act, subject)
