"""Two people at the same moment."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from models_app.changes import drafting, reviewing
from models_app.changes.policy import set_policy
from scoring.models import Release
from tenants.refusals import Conflict
from tenants.scope import platform_scope
from tests.factories import add_evidence, make_change
from tests.models_app.changes.conftest import Case


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each gave: its result, or the Conflict that it raised."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            with platform_scope():
                results[place] = act()
        except Conflict as refusal:
            results[place] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def submitted(case: Case) -> dict[str, str]:
    reviewing.submit(actor=case.author, change=case.change)
    return case.seen


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("needed", [1, 2])
def test_approve__two_at_once__publish_once(build: Callable[[], Case], needed: int) -> None:
    case = build()
    with platform_scope():
        set_policy(actor=None, tenant=case.world.tenant, changes={"approvals_needed": needed})
        seen = submitted(case)
    results = at_once(
        lambda: reviewing.approve(actor=case.approver, change=case.change, **seen),
        lambda: reviewing.approve(actor=case.second, change=case.change, **seen),
    )
    refused = [each for each in results if isinstance(each, Conflict)]
    with platform_scope():
        assert Release.objects.filter(tenant=case.world.tenant).count() == 2
        assert case.now.state == "published"
    assert len(refused) == 2 - needed


@pytest.mark.django_db(transaction=True)
def test_approve__two_changes_of_one_tenant_at_once__the_second_must_be_refreshed(build: Callable[[], Case]) -> None:
    first = build()
    other = Case(first.world, first.author, first.approver, first.second, make_change(first.world, first.author))
    add_evidence(other.change)
    with platform_scope():
        seen = [submitted(first), submitted(other)]
    results = at_once(
        lambda: reviewing.approve(actor=first.approver, change=first.change, **seen[0]),
        lambda: reviewing.approve(actor=first.approver, change=other.change, **seen[1]),
    )
    assert [str(each) for each in results if isinstance(each, Conflict)]
    with platform_scope():
        assert sorted([first.now.state, other.now.state]) == ["in review", "published"]
        assert Release.objects.filter(tenant=first.world.tenant).count() == 2


@pytest.mark.django_db(transaction=True)
def test_approve_and_edit__at_once__never_publish_what_was_not_seen(build: Callable[[], Case]) -> None:
    case = build()
    with platform_scope():
        seen = submitted(case)
    at_once(
        lambda: reviewing.approve(actor=case.approver, change=case.change, **seen),
        lambda: drafting.edit_change(actor=case.author, change=case.change, title="Another"),
    )
    with platform_scope():
        change = case.now
        assert (change.state, change.revision) in (("published", 1), ("draft", 2))
