"""Evidence in review is asked for anew when labels have come: with a lake, over REST, approvals bound as ever."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from models_app import tasks
from models_app.changes import reviewing
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest, Review
from models_app.changes.policy import set_policy
from models_app.intents.services import change_intent
from models_app.notifications.models import Notification
from tenants.models import AuditEntry
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import World, make_person, make_transform, make_webhook
from tests.models_app.changes.evidence.test_compute import (
    STEEPER,
    _places,
    computed,
    intents,
    proposed,
    read,
    world,
)
from tests.models_app.changes.test_api import Api
from tests.recorded import NOON, record_events
from tests.scoring.eventlog import consume, ids, label, write, writer

__all__ = ["_places", "world"]  # fixtures


@pytest.fixture
def change(world: World, tmp_path: Path) -> ChangeRequest:
    """In review, with evidence of 3,000 events, 100 of them labelled; two people must approve it."""
    record_events(world, tmp_path / "segments", days=10)
    report(world, tmp_path / "first", range(100))
    change = proposed(world, make_transform(world.intent, world.predictor, y=STEEPER))
    computed(change)
    with platform_scope():
        set_policy(actor=None, tenant=world.tenant, changes={"approvals_needed": 2})
        return reviewing.submit(actor=None, change=change, gate_reason="asked for")


def report(world: World, folder: Path, rows: range) -> None:
    """Labels of these events, one in seven positive, as reported now."""
    of = {"tenant": world.tenant.pk, "intent": world.intent.name}
    now, all_ids = int(timezone.now().timestamp() * 1e6), ids(3000)
    assert write(writer(folder), *(label(all_ids[row], int(row % 7 == 0), now, **of) for row in rows))
    consume(folder, machine=folder.name)


def latest(change: ChangeRequest) -> Evidence:
    with platform_scope():
        return Evidence.objects.filter(change_request=change).latest("pk")


def test_renew_evidence__labels_have_come__asks_anew_and_voids_what_was_approved_with_the_reason(
    world: World, change: ChangeRequest, tmp_path: Path
) -> None:
    before = latest(change)
    people = [make_person(role=Role.APPROVER, tenant=world.tenant) for _ in range(2)]
    first, second = (Api(each, world.tenant.slug) for each in people)
    seen = {"document_digest": change.digest, "evidence_digest": before.digest, "text": "fine"}
    assert first.call("POST", "changes/1/approve", seen).json()["state"] == "in review"

    make_webhook(world.tenant)
    report(world, tmp_path / "more", range(100, 200))
    assert tasks.renew_evidence() == 1
    renewed = latest(change)
    assert (renewed.state, renewed.start, renewed.end, renewed.created_by) == ("queued", before.start, before.end, None)
    tasks.run_work("evidence", world.tenant.pk, renewed.pk)
    (found,), (known,) = intents(read(renewed)), intents(before)
    assert (known["performance"]["labelled"], found["performance"]["labelled"]) == (100, 200)
    assert found["thresholds"][0]["after"] == known["thresholds"][0]["after"]

    answer = second.call("POST", "changes/1/approve", seen)
    assert (answer.status_code, "newer evidence" in answer.json()["detail"]) == (409, True)
    with platform_scope():
        (given,) = Review.objects.filter(change_request=change)
        assert given.voided_because == "labels have come since, so evidence is computed anew"
        assert AuditEntry.objects.filter(act="void approvals", tenant=world.tenant).count() == 1
        notification = Notification.objects.filter(tenant=world.tenant, event="change.submitted").latest("pk")
    assert "Approvals that were given are void: labels have come since" in notification.text
    again = {**seen, "evidence_digest": read(renewed).digest}
    assert [each.call("POST", "changes/1/approve", again).status_code for each in (first, second)] == [200, 200]


def test_renew_evidence__few_labels_or_none_since__leaves_it(
    world: World, change: ChangeRequest, tmp_path: Path
) -> None:
    assert tasks.renew_evidence() == 0
    report(world, tmp_path / "few", range(100, 119))
    report(world, tmp_path / "known", range(80))  # said again: nothing new
    assert tasks.renew_evidence() == 0
    assert latest(change).state == "succeeded"
    report(world, tmp_path / "one", range(119, 120))
    assert tasks.renew_evidence() == 1
    assert tasks.renew_evidence() == 0  # it is under way


@pytest.mark.parametrize("state", ["draft", "approved", "rejected"])
def test_renew_evidence__not_in_review__leaves_it(
    world: World, change: ChangeRequest, tmp_path: Path, state: str
) -> None:
    report(world, tmp_path / "more", range(100, 200))
    with platform_scope():
        ChangeRequest.objects.filter(pk=change.pk).update(state=state)
    assert tasks.renew_evidence() == 0
    assert latest(change).state == "succeeded"


def test_renewed_evidence__of_events_that_have_grown_old__counts_their_labels(
    world: World, change: ChangeRequest, tmp_path: Path
) -> None:
    """Those of the window's last days were too young when it ended; labels have had their time since."""
    with platform_scope():
        change_intent(intent=world.intent, changes={"label_maturity_days": 5}, actor=None)
    report(world, tmp_path / "more", range(2900, 3000))
    assert tasks.renew_evidence() == 1
    renewed = latest(change)
    with platform_scope():
        Evidence.objects.filter(pk=renewed.pk).update(labels_as_of=NOON + timedelta(days=5))
    tasks.run_work("evidence", world.tenant.pk, renewed.pk)
    (found,) = intents(read(renewed))
    assert (found["performance"]["labelled"], found["performance"]["young"]) == (200, 0)
