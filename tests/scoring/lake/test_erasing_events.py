"""Erasing the events of one person: those with one value of one feature, their labels, and nothing else."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from scoring.lake.erasing_events import Erased, erase_events, mark_of
from scoring.lake.reading import count_events, label_reports, labelled, labels
from scoring.lake.search import EventSearch, find_events
from scoring.models import ConsumerLane, QuarantinedTable
from tenants.models import AuditEntry
from tenants.scope import platform_scope
from tests.factories import World, add_decision_change, add_evidence, make_change, serve
from tests.scoring.eventlog import FEATURES, INTENT, consume, event, keep_document, label, rows, write, writer

WHEN = datetime(2026, 11, 25, 13, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def world(segments: Path) -> World:
    """Of three events of a tenant, two are alike in what they were spent on; a stranger has one of that kind."""
    world, other = serve(), serve()
    for each in (world, other):
        each.publish()
        keep_document(each.document, tenant=each.tenant.pk)
    out = writer(segments)
    for name, kind in (("a", "travel"), ("b", "goods"), ("it's", "travel")):
        write(out, of(world, name, kind=kind), label(name, 1, tenant=world.tenant.pk))
    write(out, of(other, "theirs", kind="travel"))
    consume(segments)
    return world


def of(world: World, name: str, **features: Any) -> Any:
    return event(name, tenant=world.tenant.pk, route="all", features=FEATURES | features)


def left(world: World) -> tuple[list[Any], list[Any]]:
    tenant = world.tenant.pk
    return rows("event_id", tenant=tenant), rows("event_id", tenant=tenant, kind="labels")


def test_erase_events__of_a_value__deletes_its_events_and_labels_and_no_others(world: World) -> None:
    erased = erase_events(tenant=world.tenant, feature="kind", text="travel", reason="she asked for it")
    assert erased == Erased(events=2, labels=2, all_written=True)
    assert left(world) == (["b"], ["b"])
    with platform_scope():
        entry = AuditEntry.objects.get(act="erase events")
    assert (entry.tenant_id, entry.reason) == (world.tenant.pk, "she asked for it")
    assert entry.details == {"feature": "kind", "value": mark_of("travel"), "events": 2, "labels": 2}
    assert rows("event_id") == []  # no other tenant's table was made


def test_erase_events__that_change_sides__are_no_longer_listed_beside_evidence(world: World) -> None:
    evidence = add_evidence(make_change(world))
    for name in ("a", "b"):
        add_decision_change(evidence, event_id=name)
    erase_events(tenant=world.tenant, feature="kind", text="travel")
    with platform_scope():
        assert list(evidence.decision_changes.values_list("event_id", flat=True)) == ["b"]


def test_erase_events__of_other_tenants__stay(world: World) -> None:
    erase_events(tenant=world.tenant, feature="kind", text="travel")
    with platform_scope():
        stranger = type(world.tenant).objects.exclude(pk=world.tenant.pk).get()
    assert rows("event_id", tenant=stranger.pk) == ["theirs"]


@pytest.mark.parametrize(
    ("feature", "text", "gone"),
    [("amount", "57.16", 3), ("amount", "57.17", 0), ("hour", "20", 3), ("hour", "twenty", 0), ("foreign", "false", 3),
     ("foreign", "0", 0), ("kind", "x' OR 'a' = 'a", 0), ("never seen", "1", 0)],
)  # fmt: skip
def test_erase_events__by_features_of_each_type__means_the_value_as_that_type(
    world: World, feature: str, text: str, gone: int
) -> None:
    assert erase_events(tenant=world.tenant, feature=feature, text=text).events == gone
    assert len(left(world)[0]) == 3 - gone


def test_tables__from_which_all_was_erased__are_read_as_empty(world: World) -> None:
    erase_events(tenant=world.tenant, feature="amount", text="57.16")
    tenant = world.tenant.pk
    assert len(labels(tenant, INTENT)) == len(label_reports(tenant, INTENT)) == 0
    assert len(labelled(tenant, INTENT, WHEN - timedelta(days=1), WHEN)) == 0
    assert count_events(tenant, INTENT, WHEN - timedelta(days=1), WHEN) == 0
    assert list(find_events(EventSearch(tenant, (INTENT,), label="any")).events) == []


def test_erase_events__run_again__finds_nothing_more(world: World) -> None:
    erase_events(tenant=world.tenant, feature="kind", text="travel")
    assert erase_events(tenant=world.tenant, feature="kind", text="travel") == Erased(0, 0, all_written=True)


def test_erase_events__while_some_are_on_their_way__says_to_run_it_again(world: World) -> None:
    later = timezone.now() + timedelta(hours=1)
    lane = ConsumerLane.objects.create(machine="m", lane="0", seen_at=later, behind_bytes=100)
    assert not erase_events(tenant=world.tenant, feature="kind", text="goods", seconds=0.0).all_written
    lane.behind_bytes = 0
    lane.save()
    assert erase_events(tenant=world.tenant, feature="kind", text="goods", seconds=0.0).all_written
    with platform_scope():
        QuarantinedTable.objects.create(
            tenant=world.tenant, intent=INTENT, kind="events", machine="m", since=later, reason="changed"
        )
    assert not erase_events(tenant=world.tenant, feature="kind", text="goods", seconds=0.0).all_written


def test_command__says_what_it_erased_and_asks_for_the_value(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda prompt: "travel")
    out = io.StringIO()
    call_command("erase_events", world.tenant.slug, "kind", stdout=out)
    assert out.getvalue() == f"Erased 2 events and 2 labels of {world.tenant.slug}.\n"


def test_command__no_such_tenant__says_so(segments: Path) -> None:
    with pytest.raises(CommandError, match="slug"):
        call_command("erase_events", "nobody", "kind", "travel")
