"""Standing approvals in a browser: whoever decides reads in the dialog what they decide on."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from muse_site.driving.running import Product
from tenants.roles import Role
from tests.browser.people import Visitor
from tests.factories import World, make_person, serve

pytestmark = [pytest.mark.live, pytest.mark.browser]


@pytest.fixture
def world(product: Product) -> World:
    return serve("acme")


def opened(visitor: Visitor, words: str) -> Locator:
    """The dialog that a button of the only standing approval's row opens."""
    visitor.page.locator("table").get_by_role("button", name=words, exact=True).click()
    return visitor.page.locator("dialog[open]")


def test_standing_approval__from_proposal_to_revocation__says_in_each_dialog_what_it_is_of(
    world: World, visit: Callable[..., Visitor]
) -> None:
    analyst, approver = (visit(make_person(role=role)) for role in (Role.ANALYST, Role.APPROVER))
    page = f"tenants/acme/intents/{world.intent.name}/refreshes"
    analyst.open(page)
    analyst.act("propose_standing", rate="12", mapping_tolerance="0.1", days="30", reason="daily refreshes")
    approver.open(page)
    dialog = opened(approver, "Approve")
    expect(dialog.locator("output")).to_contain_text("alert rates ±12 % of each, scores ±0.1")
    expect(dialog.locator("input:visible")).to_have_count(0)
    dialog.get_by_role("button", name="Approve").click()
    approver.sees("in force")
    analyst.open(page)
    dialog = opened(analyst, "Edit")
    expect(dialog.locator("[name=rate]")).to_have_value("12")
    expect(dialog.locator("[name=days]")).to_have_value("30")
    with analyst.expecting(422):
        dialog.locator("[name=reason]").fill(" ")
        dialog.get_by_role("button", name="Save").click()
        expect(analyst.page.locator("dialog[open] output")).to_contain_text("alert rates ±12 % of each")
    analyst.open(page)
    opened(analyst, "Revoke").get_by_role("button", name="Revoke").click()
    analyst.sees("Revoked. Refreshes wait for approval again.")
