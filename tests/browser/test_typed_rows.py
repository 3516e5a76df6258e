"""Rows of a form in a browser: added, removed by keyboard, and pasted from a sheet."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from muse_site.driving.running import Product
from tenants.roles import Role
from tests.browser.people import Visitor
from tests.factories import make_person, make_tenant

pytestmark = [pytest.mark.live, pytest.mark.browser]


@pytest.fixture
def features(product: Product, visit: Callable[..., Visitor]) -> Locator:
    make_tenant("acme")
    visitor = visit(make_person(role=Role.ADMIN))
    visitor.open("tenants/acme/new-intent")
    return visitor.form("create").locator("#create-features")


def test_rows__pasted_from_a_sheet__fill_the_columns_from_there_on(features: Locator) -> None:
    paste(features.locator("[name=features-0-name]"), "amount\tnumber\t\t0\nkind\tcategory\tfood, travel\n")
    expect(features.locator("tbody tr")).to_have_count(2)
    expect(features.locator("[name=features-0-minimum]")).to_have_value("0")
    expect(features.locator("[name=features-1-type]")).to_have_value("category")
    expect(features.locator("[name=features-1-categories]")).to_have_value("food, travel")


def test_rows__by_keyboard__are_added_and_removed_and_one_stays(features: Locator) -> None:
    keyboard = features.page.keyboard
    features.locator("[name=features-0-name]").fill("amount")
    features.get_by_role("button", name="Another feature").press("Enter")
    expect(features.locator("[name=features-1-name]")).to_be_focused()
    keyboard.type("hour")
    features.get_by_role("button", name="Remove feature 1").press("Enter")
    expect(features.locator("[name=features-1-name]")).to_be_focused()
    features.get_by_role("button", name="Remove feature 2").press("Enter")
    expect(features.locator("tbody tr")).to_have_count(1)
    expect(features.locator("[name=features-1-name]")).to_have_value("")


def paste(field: Locator, text: str) -> None:
    """As a sheet's program leaves it: the browser's own clipboard is not to be relied upon without a screen."""
    field.evaluate(
        """(field, text) => {
          const held = new DataTransfer();
          held.setData("text/plain", text);
          field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: held, bubbles: true, cancelable: true }));
        }""",
        text,
    )
