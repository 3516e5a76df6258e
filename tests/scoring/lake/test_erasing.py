"""Erasing a tenant: nothing of it is left but the trail of the act."""

from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client
from pyarrow.fs import FileSelector

from scoring.lake import delta, erased
from scoring.serving.days import Days
from tenants.models import AuditEntry, History, Person, Tenant
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import create_personal_token
from tests.factories import World, make_person, serve
from tests.object_store import use
from tests.scoring.eventlog import INTENT, consume, event, keep_document, rows, write, writer

HISTORIES = [
    model
    for model in apps.get_models()
    if issubclass(model, History)
    and (model.pgh_tracked_model is Tenant or "tenant" in {field.name for field in model._meta.fields})
]
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture(params=["folder", "object store"])
def world(request: Any, segments: Path, settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path / "files"
    if request.param == "object store":
        use(request.getfixturevalue("object_store"), settings)
    world = serve()
    world.publish()
    keep_document(world.document, tenant=world.tenant.pk)
    default_storage.save(f"samples/{world.tenant.pk}/abc", ContentFile(b"x"))
    let_in(world)
    return world


def let_in(world: World) -> None:
    """An event more with its key, as a process of scoring tells it."""
    days = Days()
    days.note(world.tenant.pk, world.key.pk, 1)
    days.tell()


def erase(slug: str, **options: Any) -> None:
    """As an operator does it, for two who answer for it."""
    for email in ("asked@example.com", "agreed@example.com"):
        if not Person.objects.filter(email=email).exists():
            make_person(email, role=Role.ADMIN)
    given = {"confirm": slug, "asked": "asked@example.com", "agreed": "agreed@example.com"}
    call_command("erase_tenant", slug, **(given | options))


def of_world(world: World, name: str) -> Any:
    return event(name, tenant=world.tenant.pk, route="all")


def _rows_of(tenant: int, history: type[History]) -> int:
    column = "tenant" if "tenant" in {field.name for field in history._meta.fields} else "pgh_obj"
    return history.objects.filter(**{f"{column}_id": tenant}).count()


def files_of(world: World) -> list[str]:
    """What the lake has of the tenant."""
    files, root = delta.filesystem()
    below = FileSelector(f"{root}/{world.tenant.pk}", allow_not_found=True, recursive=True)
    return [info.path for info in files.get_file_info(below) if info.is_file]


def test_erase_tenant__confirmed__removes_rows_files_and_events(world: World, segments: Path) -> None:
    other = serve()
    out = writer(segments)
    write(out, of_world(world, "a"))
    consume(segments)
    assert rows("event_id", tenant=world.tenant.pk) == ["a"]
    assert files_of(world) != []
    had = files_of(world)
    erase(world.tenant.slug, reason="they asked for it")
    with platform_scope():
        assert list(Tenant.objects.values_list("slug", flat=True)) == [other.tenant.slug]
        entry = AuditEntry.objects.get(act="erase tenant")
        begun = AuditEntry.objects.get(pk=entry.details["begun"])
        assert [_rows_of(world.tenant.pk, history) for history in HISTORIES] == [0] * len(HISTORIES)
        assert sum(_rows_of(other.tenant.pk, history) for history in HISTORIES) > 5
    assert (entry.subject, entry.reason) == (world.tenant.slug, "they asked for it")
    assert_certified(entry, begun, had)
    let_in(world)  # by a process that does not know of it yet
    assert erased.found(world.tenant.pk) == {"rows": {}, "event_tables": {}, "files": {}}
    assert files_of(world) == []
    assert not default_storage.exists(f"samples/{world.tenant.pk}/abc")
    write(out, of_world(world, "b"))
    assert consume(segments).tally.dropped == {"0": 2}  # its segment still has both
    assert delta.open_table(delta.TableName(world.tenant.pk, INTENT, "events")) is None


def assert_certified(entry: AuditEntry, begun: AuditEntry, files: list[str]) -> None:
    """It says what was erased, that nothing is left, when, and who answers for it; so did the entry before it."""
    found = entry.details
    assert (found["asked"], found["agreed"]) == ("asked@example.com", "agreed@example.com")
    assert found["left"] == {"rows": {}, "event_tables": {}, "files": {}}
    assert found["erased"] == begun.details["erased"]
    assert [found["erased"]["rows"][each] for each in ("tenants_tenant", "tenants_intent", "scoring_keyday")] == [1] * 3
    assert found["erased"]["files"]["samples"] | {"digest": ""} == {"files": 1, "bytes": 1, "digest": ""}
    (table,) = found["erased"]["event_tables"].values()
    assert (table["rows"], table["files"]) == (1, len(files))
    assert len(found["digest"]) == len(table["digest"]) == 64
    assert found["began_at"] < found["ended_at"]
    assert entry.tenant_id is None


def test_certificate__of_an_erased_tenant__is_found_and_exported_over_rest(world: World) -> None:
    erase(world.tenant.slug)
    token = create_personal_token(person=make_person(role=Role.ADMIN), name="x", actor=None)[1]
    client = Client(headers={"authorization": f"Bearer {token}"})
    (found,) = client.get("/api/v1/audit", {"act": "erase tenant"}).json()["results"]
    assert found["details"]["erased"]["rows"]["tenants_tenant"] == 1
    answer: Any = client.get("/api/v1/audit/export", {"act": "erase tenant", "form": "csv"})
    assert found["details"]["digest"] in b"".join(answer).decode()


@pytest.mark.parametrize(
    ("asked", "agreed", "words"),
    [
        ("asked@example.com", "asked@example.com", "another person"),
        ("asked@example.com", "approver@example.com", "an admin of the platform"),
        ("nobody@example.com", "agreed@example.com", "address of a person"),
    ],
)
def test_erase_tenant__without_two_who_may__erases_nothing(world: World, asked: str, agreed: str, words: str) -> None:
    make_person("approver@example.com", role=Role.APPROVER)
    with pytest.raises(CommandError, match=words):
        erase(world.tenant.slug, asked=asked, agreed=agreed)
    with platform_scope():
        assert Tenant.objects.count() == 1


def test_erase_tenant__another_word_typed__erases_nothing(world: World) -> None:
    with pytest.raises(CommandError, match="Nothing was erased"):
        erase(world.tenant.slug, confirm="yes")
    with platform_scope():
        assert Tenant.objects.count() == 1


def test_erase_tenant__no_such_tenant__says_so(segments: Path) -> None:
    with pytest.raises(CommandError, match="slug"):
        erase("nobody")


@pytest.fixture(autouse=True)
def close_owner() -> Any:
    yield
    connections["owner"].close()
