"""What is told of, to whom, and that it goes with the transaction that it tells of."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from models_app.changes import drafting, expiry, policy, reviewing, rollback
from models_app.changes.evidence.lease import EvidenceWork
from models_app.changes.evidence.models import Evidence
from models_app.changes.guard import roll_back_failed
from models_app.changes.models import ChangeRequest
from models_app.changes.notify import tell_of_change
from models_app.notifications.events import KINDS, SUBSCRIBABLE, Event
from models_app.notifications.models import Delivery, Notification
from models_app.releases.publish import publish_release, read_all_routes, rollback_release
from models_app.statistics.evidence import examine, stored, verdict_of
from models_app.statistics.evidence.examine import nothing
from models_app.transforms.lease import Work
from models_app.transforms.models import Fit
from tenants.roles import Role
from tenants.services import change_person, set_wants_email
from tests.factories import add_evidence, make_person, make_transform, make_webhook, serve
from tests.models_app.changes.conftest import Case
from tests.models_app.changes.test_guard import publish, says_that_it_failed
from tests.models_app.statistics.evidence.test_examine import observed, question


def recipients(event: Event | None = None) -> set[str]:
    """Whom e-mails go to."""
    rows = Delivery.objects.exclude(person=None)
    rows = rows.filter(notification__event=event) if event else rows
    return set(rows.values_list("person__email", flat=True))


def emails(*people: object) -> set[str]:
    return {each.email for each in people}  # type: ignore[attr-defined]


def test_submit__by_its_author__tells_all_others_who_may_approve(case: Case) -> None:
    everywhere = make_person(role=Role.APPROVER)
    make_person(role=Role.ANALYST, tenant=case.world.tenant)
    make_person(role=Role.ADMIN, tenant=serve().tenant)
    reviewing.submit(actor=case.author, change=case.change)
    assert recipients(Event.SUBMITTED) == emails(case.approver, case.second, everywhere)
    row = Notification.objects.get()
    assert (row.tenant, row.page) == (case.world.tenant, f"/tenants/{case.world.tenant.slug}/changes/1")
    assert row.data["change"] == 1


def test_submit__of_what_an_approver_wrote_before_others_edited_it__does_not_ask_them(case: Case) -> None:
    for number, editor in enumerate((case.approver, make_person(role=Role.ANALYST, tenant=case.world.tenant))):
        drafting.edit_change(actor=editor, change=case.now, title=f"A transform, {number}")
    add_evidence(case.now)
    reviewing.submit(actor=case.author, change=case.now)
    assert recipients(Event.SUBMITTED) == emails(case.second)


def test_submit__where_only_admins_approve__tells_admins_only(case: Case) -> None:
    admin = make_person(role=Role.ADMIN, tenant=case.world.tenant)
    policy.set_policy(actor=None, tenant=case.world.tenant, changes={"approver_role": "admin"})
    reviewing.submit(actor=case.author, change=case.change)
    assert recipients() == emails(admin)


def test_submit__of_somebody_with_two_roles__tells_them_once(case: Case) -> None:
    both = make_person(role=Role.ADMIN)
    both.memberships.create(tenant=case.world.tenant, role=Role.APPROVER)
    reviewing.submit(actor=case.author, change=case.change)
    assert Delivery.objects.filter(person=both).count() == 1


def test_approve__that_publishes__tells_the_author_once_and_webhooks_of_both(case: Case) -> None:
    make_webhook(case.world.tenant)
    publish(case)
    assert recipients(Event.APPROVED) == set()
    assert Notification.objects.get(event=Event.APPROVED).data["state"] == "approved"
    assert recipients(Event.PUBLISHED) == emails(case.author)
    called = Delivery.objects.exclude(webhook=None).values_list("notification__event", flat=True)
    assert {"change.approved", "change.published"} <= set(called)


def test_approve__that_does_not_publish__tells_the_author(case: Case) -> None:
    policy.set_policy(actor=None, tenant=case.world.tenant, changes={"publish_when_approved": False})
    reviewing.submit(actor=case.author, change=case.change)
    reviewing.approve(actor=case.approver, change=case.change, **case.seen)
    assert recipients(Event.APPROVED) == emails(case.author)


def test_reject__with_its_reason__tells_the_author(case: Case) -> None:
    reviewing.submit(actor=case.author, change=case.change)
    reviewing.reject(actor=case.approver, change=case.change, text="too many alerts")
    assert recipients(Event.REJECTED) == emails(case.author)
    assert Notification.objects.get(event=Event.REJECTED).text == "too many alerts"


def test_decision__by_the_author_themselves__is_not_told_to_them(case: Case) -> None:
    tell_of_change(Event.REJECTED, case.change, actor=case.author)
    assert not Notification.objects.exists()


def test_expiry__of_what_nobody_decided__tells_the_author(case: Case) -> None:
    ChangeRequest.objects.filter(pk=case.change.pk).update(expires_at=timezone.now() - timedelta(days=1))
    expiry.expire_changes()
    assert recipients(Event.EXPIRED) == emails(case.author)


def test_rollback__by_a_person__tells_the_author_of_what_was_live(case: Case) -> None:
    publish(case)
    rollback.roll_back(actor=None, tenant=case.world.tenant, release=case.world.release, reason="alerts doubled")
    assert recipients(Event.ROLLED_BACK) == emails(case.author)
    assert not Notification.objects.filter(event=Event.TAKEN_BACK).exists()


def test_guard__takes_a_release_back__tells_all_members_and_platform_admins(case: Case) -> None:
    admin, viewer = make_person(role=Role.ADMIN), make_person(role=Role.VIEWER, tenant=case.world.tenant)
    make_person(role=Role.VIEWER)  # of the whole platform: no admin
    publish(case)
    says_that_it_failed(case, 2)
    assert roll_back_failed() == 1
    assert recipients(Event.TAKEN_BACK) == emails(case.author, case.approver, case.second, admin, viewer)
    assert "the model's file is gone" in Notification.objects.get(event=Event.TAKEN_BACK).text
    assert all(each.due_at <= timezone.now() for each in Delivery.objects.filter(notification__event=Event.TAKEN_BACK))


@pytest.mark.parametrize("long_ago", [False, True])
def test_guard__release_that_it_leaves__tells_everybody_once(
    case: Case, long_ago: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if long_ago:
        publish(case)
        monkeypatch.setattr("models_app.changes.guard.WATCHED", timedelta(0))
    says_that_it_failed(case, case.live)
    for _ in range(2):
        assert roll_back_failed() == 0
    assert recipients(Event.NOT_LOADING) == emails(case.author, case.approver, case.second)
    assert Notification.objects.filter(event=Event.NOT_LOADING).count() == 1


def test_break_glass__of_either_kind__tells_everybody_who_did_it_too(case: Case) -> None:
    admin, other = make_person(role=Role.ADMIN), make_person(role=Role.ADMIN)
    world = case.world
    live = {"predictor": world.predictor.key, "transform": make_transform(world.intent, world.predictor).pk}
    routes = read_all_routes({world.intent.name: [{"name": "other", "live": live}]})
    publish_release(actor=admin, tenant=world.tenant, reason="the house burns", routes=routes)
    everybody = emails(admin, other, case.author, case.approver, case.second)
    assert recipients(Event.GLASS_BROKEN) == everybody
    row = Notification.objects.get(event=Event.GLASS_BROKEN)
    assert (row.text, row.data["by"], row.data["release"]) == ("the house burns", admin.email, 2)
    rollback_release(actor=admin, tenant=world.tenant, release=world.release, reason="it went out")
    assert Notification.objects.filter(event=Event.GLASS_BROKEN).count() == 2


def test_evidence__that_is_ready__tells_the_author_with_its_verdict(case: Case) -> None:
    row = Evidence.objects.filter(change_request=case.change, state="queued").latest("pk")
    work = EvidenceWork.take_up(case.world.tenant.pk, row.pk)
    assert work is not None
    work.succeed(result="{}", verdict=verdict_of([nothing("cards", "no event yet")]), figures={}, past_weeks={},
                 decision_changes=[])  # fmt: skip
    assert recipients(Event.EVIDENCE_READY) == emails(case.author)
    row = Notification.objects.get()
    assert row.text == "not enough events: cards: no event yet"
    details = row.data["verdict_details"]
    assert (row.data["verdict"], details["reason"]) == ("not enough events", "no events")
    assert details["sentence"] == "cards: no event yet"


def test_fit__that_fails__tells_who_asked_for_it(case: Case) -> None:
    world = case.world
    fit = Fit.objects.create(
        tenant=world.tenant, intent=world.intent, predictor=world.predictor, created_by=case.author,
        reference=world.transform.reference, source={"kind": "recorded", "days": 1.0},
    )  # fmt: skip
    work = Work.take_up(world.tenant.pk, fit.pk)
    assert work is not None
    work.fail("there are too few events")
    assert recipients(Event.FIT_FAILED) == emails(case.author)
    assert Notification.objects.get().data["error"] == "there are too few events"


def test_people__who_want_no_email_or_are_shut_out__get_none(case: Case) -> None:
    set_wants_email(person=case.approver, wants_email=False, actor=case.approver)
    change_person(person=case.second, changes={"is_active": False}, actor=None)
    reviewing.submit(actor=case.author, change=case.change)
    assert recipients() == set()


def test_email__that_is_off__writes_to_nobody(case: Case, settings: Settings) -> None:
    settings.ENV = {**settings.ENV, "MUSE_EMAIL_URL": None}
    reviewing.submit(actor=case.author, change=case.change)
    assert not Notification.objects.exists()


def test_webhooks__of_the_tenant_and_of_the_platform__are_told_what_they_ask_for(case: Case) -> None:
    tenant = case.world.tenant
    own, platform = make_webhook(tenant, events=["change.submitted"]), make_webhook()
    make_webhook(tenant, events=["change.rejected"])
    make_webhook(tenant, is_active=False)
    make_webhook(serve().tenant)
    reviewing.submit(actor=case.author, change=case.change)
    rows = Delivery.objects.exclude(webhook=None).values_list("webhook", "tenant")
    assert set(rows) == {(own.pk, tenant.pk), (platform.pk, None)}


def test_notification__of_what_is_undone__is_undone_with_it(case: Case) -> None:
    with transaction.atomic():
        reviewing.submit(actor=case.author, change=case.change)
        assert Notification.objects.exists()
        transaction.set_rollback(True)
    assert not Notification.objects.exists()


def test_events__all__are_said_in_words() -> None:
    assert set(KINDS) == set(Event)


def test_document__of_events__lists_them_all() -> None:
    document = (Path(__file__).resolve().parents[3] / "docs" / "notifications.md").read_text()
    assert tuple(re.findall(r"^\| `([a-z_.]+)` \|", document, flags=re.M)) == SUBSCRIBABLE


def test_submit__of_a_change__tells_reviewers_what_it_would_do(case: Case) -> None:
    found = [examine("cards", observed(50_000, shift=0.5), question(0.1))]
    verdict = verdict_of(found)
    text = stored.text_of(found, verdict)
    done = Evidence.objects.filter(change_request=case.change, state="succeeded")
    done.update(result=text, verdict=verdict.state)
    reviewing.submit(actor=case.author, change=case.change, gate_reason="the client wants it")
    told_of = Notification.objects.get(event=Event.SUBMITTED).text
    assert told_of.startswith(case.change.reason)
    assert "alerts a day" in told_of
    assert "- Figures on fraud rest on labels: 50,000 of 50,000 events are labelled (100 %)" in told_of
