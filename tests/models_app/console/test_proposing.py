"""What proposes changes of an intent by itself, on the intent's page, and what became of it on Home."""

from collections.abc import Callable

import pytest
from django.test import Client

from models_app.changes.standing_approvals.services import approve_standing_approval
from models_app.refreshes.policy import set_refresh_policy
from models_app.successors.policy import set_successor_policy
from tenants.models import Person
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import World, make_person, make_webhook
from tests.watching import make_standing_approval, make_trial

Visit = Callable[..., Client]
PAGE = "/tenants/acme/intents/card-payments"


@pytest.fixture
def author(world: World) -> Person:
    return make_person("author@example.com", Role.ANALYST, world.tenant)


def page_of(client: Client, path: str = PAGE) -> str:
    return client.get(path).content.decode()


def test_intent__that_nothing_proposes_for__says_so_and_leads_to_both_policies(world: World, visit: Visit) -> None:
    page = page_of(visit(Role.ANALYST, world.tenant))
    assert "Automatic proposals" in page
    assert page.count("not set") == page.count(">Set up<") == 2
    assert ">Edit<" not in page
    assert f'href="{PAGE}/refreshes#plan"' in page
    assert f'href="{PAGE}/trials#try"' in page


def test_intent__with_both_policies__says_when_they_run_and_what_they_may_do(
    world: World, author: Person, visit: Visit
) -> None:
    with platform_scope():
        set_refresh_policy(actor=author, intent=world.intent, changes={"schedule": "weekly"})
        set_successor_policy(actor=author, intent=world.intent, changes={"trial_days": 21.0})
    page = page_of(visit(Role.ANALYST, world.tenant))
    assert "weekly" in page
    assert (page.count(">Set up<"), page.count(">Edit<")) == (0, 2)
    assert "after 21 days of a shadow" in page
    assert "Propose live transforms fitted anew" in page
    assert "publish within a standing approval" not in page


def test_intent__seen_by_a_viewer__shows_its_proposals_without_a_way_to_edit_them(world: World, visit: Visit) -> None:
    page = page_of(visit(Role.VIEWER, world.tenant))
    assert f'href="{PAGE}/trials"' in page
    assert "#plan" not in page


def test_standing_approval__once_in_force__is_offered_to_nobody_for_approval(
    world: World, author: Person, visit: Visit
) -> None:
    approval = make_standing_approval(world, author)
    digest = approval.digest
    others = visit(Role.APPROVER, world.tenant)
    assert f"digest={digest}" in page_of(others, f"{PAGE}/refreshes")
    approver = make_person("approver@example.com", Role.APPROVER, world.tenant)
    with platform_scope():
        approve_standing_approval(actor=approver, approval=approval, digest=digest)
    page = page_of(others, f"{PAGE}/refreshes")
    assert "in force" in page
    assert f"digest={digest}" not in page


def test_home__issue_of_a_tenant__names_the_tenant_as_people_do(world: World, visit: Visit) -> None:
    trial = make_trial(world, outcome="", state="failed")
    page = page_of(visit(Role.ANALYST, world.tenant), "/")
    assert f"trial {trial.pk} of card-payments" in page
    assert f">{world.tenant.slug}<" not in page.replace("\n", "").replace(" ", "")


def test_notifications__webhook_for_every_event__says_all(world: World, visit: Visit) -> None:
    make_webhook(world.tenant)
    page = page_of(visit(Role.ADMIN, world.tenant), "/tenants/acme/notifications")
    assert "change.submitted, change.approved" not in page
