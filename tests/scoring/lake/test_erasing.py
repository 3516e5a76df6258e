"""Erasing a tenant: nothing of it is left but the trail of the act."""

from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connections
from pyarrow.fs import FileSelector

from scoring.lake import delta
from tenants.models import AuditEntry, History, Tenant
from tenants.scope import platform_scope
from tests.factories import World, serve
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
    return world


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
    call_command("erase_tenant", world.tenant.slug, confirm=world.tenant.slug, reason="they asked for it")
    with platform_scope():
        assert list(Tenant.objects.values_list("slug", flat=True)) == [other.tenant.slug]
        entry = AuditEntry.objects.get(act="erase tenant")
        assert [_rows_of(world.tenant.pk, history) for history in HISTORIES] == [0] * len(HISTORIES)
        assert sum(_rows_of(other.tenant.pk, history) for history in HISTORIES) > 5
    assert (entry.subject, entry.reason) == (world.tenant.slug, "they asked for it")
    assert files_of(world) == []
    assert not default_storage.exists(f"samples/{world.tenant.pk}/abc")
    write(out, of_world(world, "b"))
    assert consume(segments).tally.dropped == {"0": 2}  # its segment still has both
    assert delta.open_table(delta.TableName(world.tenant.pk, INTENT, "events")) is None


def test_erase_tenant__another_word_typed__erases_nothing(world: World) -> None:
    with pytest.raises(CommandError, match="Nothing was erased"):
        call_command("erase_tenant", world.tenant.slug, confirm="yes")
    with platform_scope():
        assert Tenant.objects.count() == 1


def test_erase_tenant__no_such_tenant__says_so(segments: Path) -> None:
    with pytest.raises(CommandError, match="slug"):
        call_command("erase_tenant", "nobody", confirm="nobody")


@pytest.fixture(autouse=True)
def close_owner() -> Any:
    yield
    connections["owner"].close()
