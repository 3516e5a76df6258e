"""A release that scoring processes cannot load is taken back by itself."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from models_app.changes import reviewing
from models_app.changes.guard import WATCHED, roll_back_failed
from scoring.models import Release, ServingProcess
from tenants.audit_terms import AuditAction
from tenants.models import AuditEntry
from tests.factories import serve
from tests.models_app.changes.conftest import Case


def publish(case: Case) -> Release:
    reviewing.submit(actor=case.author, change=case.change)
    reviewing.approve(actor=case.approver, change=case.change, **case.seen)
    return Release.objects.get(tenant=case.world.tenant, number=2)


def says_that_it_failed(case: Case, number: int, reason: str = "the model's file is gone", **changes: Any) -> None:
    now = timezone.now()
    row = {"machine": "m", "pid": 1, "started_at": now, "seen_at": now, "releases": {case.world.tenant.slug: 1}}
    failures = {case.world.tenant.slug: {"number": number, "reason": reason}}
    ServingProcess.objects.update_or_create(name="m/1", defaults={**row, "failures": failures, **changes})


def test_guard__new_release_that_does_not_load__is_rolled_back_and_says_why(case: Case) -> None:
    publish(case)
    says_that_it_failed(case, 2)
    call_command("guard_releases", once=True)
    assert case.live == 3
    assert Release.objects.get(tenant=case.world.tenant, number=3).digest == case.world.release.digest
    assert (case.now.state, case.now.failure) == ("rolled back", "the model's file is gone")
    entry = AuditEntry.objects.filter(tenant=case.world.tenant, act="roll back").latest("id")
    assert (entry.person, entry.reason) == (None, "release 2 could not be loaded: the model's file is gone")
    assert roll_back_failed() == 0  # what the process said is of a release that is no longer current


def test_guard__nothing_failed__does_nothing(case: Case) -> None:
    publish(case)
    says_that_it_failed(case, 2, failures={})
    assert roll_back_failed() == 0


@pytest.mark.parametrize("number", [1, 3])
def test_guard__failure_of_another_release__does_nothing(case: Case, number: int) -> None:
    publish(case)
    says_that_it_failed(case, number)
    assert (roll_back_failed(), case.live) == (0, 2)


def test_guard__process_that_is_silent__is_not_believed(case: Case) -> None:
    publish(case)
    says_that_it_failed(case, 2, seen_at=timezone.now() - timedelta(seconds=20))
    assert roll_back_failed() == 0


def test_guard__release_that_is_live_for_long__is_left_to_people(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    assert timedelta(0) < WATCHED
    publish(case)
    says_that_it_failed(case, 2)
    monkeypatch.setattr("models_app.changes.guard.WATCHED", timedelta(0))
    assert (roll_back_failed(), case.live) == (0, 2)


def test_guard__first_release_ever__has_nothing_to_go_back_to(case: Case) -> None:
    says_that_it_failed(case, 1)
    for _ in range(2):
        assert (roll_back_failed(), case.live) == (0, 1)
    entry = AuditEntry.objects.get(tenant=case.world.tenant, act="cannot roll back")  # said once
    assert (entry.subject, entry.reason) == ("release 1", "the model's file is gone")


def test_guard__two_failed_releases_in_a_row__ends_at_the_good_one(case: Case) -> None:
    case.world.publish(y=(0.0, 0.3, 0.4, 0.6, 1.0))
    case.world.publish(y=(0.0, 0.2, 0.4, 0.6, 1.0))
    for number in (3, 4):  # the release before the failed one fails too
        says_that_it_failed(case, number)
        assert roll_back_failed() == 1
    assert Release.objects.get(tenant=case.world.tenant, number=case.live).digest == case.world.release.digest
    says_that_it_failed(case, case.live)  # and if that fails as well, there is nothing left
    assert roll_back_failed() == 0


def test_guard__several_tenants__takes_back_only_what_failed(case: Case) -> None:
    other = serve().publish(y=(0.0, 0.3, 0.4, 0.6, 1.0))
    publish(case)
    says_that_it_failed(case, 2)
    assert roll_back_failed() == 1
    assert Release.objects.filter(tenant=other.tenant).count() == 2


def test_guard__release_of_the_same_number_elsewhere__is_told_of_once_each(case: Case) -> None:
    other = serve()
    for world in (case.world, other, case.world, other):
        says_that_it_failed(replace(case, world=world), 1)
        assert roll_back_failed() == 0
    entries = AuditEntry.objects.filter(act=AuditAction.CANNOT_ROLL_BACK).order_by("subject_id")
    assert [entry.subject for entry in entries] == ["release 1", "release 1"]
    assert [entry.subject_id for entry in entries] == [case.world.release.pk, other.release.pk]
