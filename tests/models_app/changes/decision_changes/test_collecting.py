"""Events that change sides are written down with the evidence that counts them, from a real lake."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from models_app.changes.decision_changes import retention
from models_app.changes.decision_changes.models import DecisionChange
from models_app.changes.evidence.models import Evidence
from models_app.changes.evidence.order import request_evidence
from models_app.statistics.evidence import stored
from models_app.statistics.evidence.decision import decision_of
from tenants.models import Intent, Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.factories import World, add_decision_change, add_evidence, make_change, make_transform, serve
from tests.models_app.changes.evidence.test_compute import STEEPER, computed, proposed
from tests.recorded import record_events
from tests.scoring.eventlog import consume, ids, label, write, writer


@pytest.fixture(autouse=True)
def _places(settings: Settings, tmp_path: Path) -> None:
    settings.LAKE, settings.SERVING_CACHE_DIR = str(tmp_path / "lake"), tmp_path / "serving"


@pytest.fixture
def world(db: None, tmp_path: Path) -> World:
    """Its intent names what events are worth; of its events some are labelled."""
    world = serve("acme")
    thresholds = [{"name": "review", "score": 0.3, "action": "review"}, {"name": "decline", "score": 0.5}]
    with platform_scope():
        Intent.objects.filter(pk=world.intent.pk).update(thresholds=thresholds, amount="amount")
        world.intent.refresh_from_db()
    world = world.publish()
    record_events(world, tmp_path / "segments")
    out = writer(tmp_path / "segments")
    for row, each in enumerate(ids(3000)[:500]):
        write(out, label(each, row % 2, tenant=world.tenant.pk, intent=world.intent.name))
    consume(tmp_path / "segments")
    return world


def rows_of(evidence: Evidence) -> list[DecisionChange]:
    with platform_scope():
        return list(DecisionChange.objects.filter(evidence=evidence))


def test_evidence__another_transform__keeps_every_event_that_changes_sides(world: World) -> None:
    evidence = computed(proposed(world, make_transform(world.intent, world.predictor, y=STEEPER)))
    rows, found = rows_of(evidence), stored.read(evidence.result).intents
    (intent,) = found
    for threshold, line in zip(intent.thresholds, decision_of(found).lines, strict=True):
        own = [row for row in rows if row.threshold == threshold.name]
        counts = [sum(row.side == side for row in own) for side in ("new alert", "dropped alert")]
        assert threshold.change is not None
        assert counts == [threshold.change.only_after, threshold.change.only_before]
        assert [count / intent.days for count in counts] == pytest.approx([line.new_alerts, line.dropped_alerts])
        assert all((row.score_before >= threshold.score) != (row.score_after >= threshold.score) for row in own)
        assert threshold.listed == len(own)
    assert sum(each.listed or 0 for each in intent.thresholds) == len(rows) > 0
    assert {row.label for row in rows} == {None, 0, 1}
    assert {row.context["channel"] for row in rows} == {"shop"}
    assert all(row.amount and row.amount > 0 for row in rows)
    assert all(evidence.start <= row.occurred_at < evidence.end for row in rows)


def test_evidence__computed_again__takes_the_place_of_the_earlier(world: World) -> None:
    change = proposed(world, make_transform(world.intent, world.predictor, y=STEEPER))
    first = computed(change)
    before = {(row.event_id, row.score_after) for row in rows_of(first)}
    with platform_scope():
        request_evidence(actor=None, change=change)
    second = computed(change)
    assert rows_of(first) == []
    assert {(row.event_id, row.score_after) for row in rows_of(second)} == before != set()


def test_rows__of_another_tenant__do_not_exist(db: None) -> None:
    ours, theirs = serve("ours"), serve("theirs")
    add_decision_change(add_evidence(make_change(theirs)))
    with tenant_scope(ours.tenant.pk):
        assert DecisionChange.objects.count() == 0
    with tenant_scope(theirs.tenant.pk):
        assert DecisionChange.objects.count() == 1


def test_forget__of_events_that_the_log_has_forgotten__deletes_them_alone(db: None) -> None:
    evidence = add_evidence(make_change(serve()))
    for days in (399, 401):
        add_decision_change(evidence, occurred_at=timezone.now() - timedelta(days=days))
    assert retention.forget(days=400) == 1
    assert len(rows_of(evidence)) == 1


def test_forget__of_a_tenant_with_days_of_its_own__keeps_them_so_long(db: None) -> None:
    usual, brief = (add_evidence(make_change(serve())) for _ in range(2))
    with platform_scope():
        Tenant.objects.filter(pk=brief.tenant_id).update(retention_days=3)
    for evidence in (usual, brief):
        for days in (2, 4):
            add_decision_change(evidence, occurred_at=timezone.now() - timedelta(days=days))
    assert retention.forget(days=400) == 1
    assert (len(rows_of(usual)), len(rows_of(brief))) == (2, 1)
