"""The console under its policy, which lets no script be made of text: what Alpine moves, moves all the same."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from muse_site.driving.running import Product
from tenants.roles import Role
from tests.browser.people import Visitor
from tests.factories import make_intent, make_person, make_tenant

pytestmark = [pytest.mark.live, pytest.mark.browser]
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PAGES = (
    "",
    "changes",
    "intents",
    "monitoring",
    "models/new",
    "people",
    "audit",
    "tenants/acme/new-intent",
    "tenants/acme/events",
    "api/v1/docs",
    "admin/",
    "admin/tenants/intent/",
    "admin/tenants/auditentry/",
)
MADE_OF_TEXT = "() => { setTimeout('window.made = 1', 0) }"


@pytest.fixture
def arrive(product: Product, visit: Callable[..., Visitor]) -> Callable[..., Visitor]:
    make_intent(make_tenant("acme"))
    return lambda **context: visit(make_person(role=Role.ADMIN), **context)


def test_pages__under_their_policy__make_no_script_of_text_and_break_it_nowhere(arrive: Callable[..., Visitor]) -> None:
    admin = arrive(viewport=WIDE)
    for path in PAGES:
        answer: Any = admin.page.goto(f"{admin.address}/{path}", wait_until="networkidle")
        assert answer.status == 200, path
        assert "unsafe-eval" not in answer.headers["content-security-policy"], path
    assert admin.faults == []
    admin.page.evaluate(MADE_OF_TEXT)
    admin.page.wait_for_timeout(200)
    assert admin.page.evaluate("() => window.made") is None
    assert [fault for fault in admin.faults if "unsafe-eval" in fault], "the browser says so, and the test would see it"
    admin.faults.clear()


def test_record__opened_from_its_list__is_shown(arrive: Callable[..., Visitor]) -> None:
    admin = arrive(viewport=WIDE)
    admin.open("admin/tenants/intent/")
    admin.page.locator("#result_list tbody th a").first.click()
    expect(admin.page).to_have_url(re.compile(r"/admin/tenants/intent/\d+/"))
    expect(admin.page.locator("#content form").first).to_be_visible()


def test_menu__on_a_wide_page__is_hidden_and_stays_so(arrive: Callable[..., Visitor]) -> None:
    admin = arrive(viewport=WIDE)
    menu = admin.page.locator("a[href='/people']").first
    for path, button in (("", ".menu-button.wide"), ("admin/tenants/intent/", "span[x-on\\:click*=Desktop]")):
        admin.open(path)
        expect(menu).to_be_visible()
        admin.page.locator(button).click()
        expect(menu).to_be_hidden()
        admin.page.reload()
        expect(admin.page.locator("#content, main.muse").first).to_be_visible()
        expect(menu).to_be_hidden()
        admin.page.locator(button).click()
        expect(menu).to_be_visible()


def test_menu__on_a_narrow_page__opens_and_closes_by_a_click_beside_it_and_by_escape(
    arrive: Callable[..., Visitor],
) -> None:
    admin = arrive(viewport=NARROW)
    menu, beside = admin.page.locator("a[href='/people']").first, admin.page.locator(".menu-ground")
    for close in (
        lambda: beside.click(position={"x": 380, "y": 400}),
        lambda: admin.page.keyboard.press("Escape"),
    ):
        expect(menu).to_be_hidden()
        admin.page.locator(".menu-button.narrow").click()
        expect(menu).to_be_visible()
        expect(beside).to_be_visible()
        close()
    expect(menu).to_be_hidden()


def test_theme__switched__is_another_and_stays_so(arrive: Callable[..., Visitor]) -> None:
    admin = arrive(viewport=WIDE, color_scheme="light")
    page = admin.page
    for name, is_dark in (("Dark", True), ("Light", False)):
        page.locator("[x-on\\:click*=openUserLinks]").first.click()
        page.locator("a:visible", has_text=re.compile(rf"\b{name}\b")).click()
        assert _is_dark(page) == is_dark
        page.reload()
        expect(page.locator("main.muse h1")).to_have_text("Home")
        assert _is_dark(page) == is_dark


def _is_dark(page: Page) -> bool:
    expect(page.locator("html")).not_to_have_attribute("x-cloak", "")
    return "dark" in (page.locator("html").get_attribute("class") or "").split()


def test_palette__by_its_keys__finds_and_opens(arrive: Callable[..., Visitor]) -> None:
    admin = arrive(viewport=WIDE)
    admin.page.keyboard.press("Control+k")
    field = admin.page.locator("#search-input-command")
    expect(field).to_be_visible()
    field.press_sequentially("intents")
    expect(admin.page.locator("#command-results a").first).to_be_visible()
    field.press("ArrowDown")
    field.press("Enter")
    expect(admin.page).to_have_url(re.compile("intent"))


def test_filters__of_a_list_of_records__open_and_close(arrive: Callable[..., Visitor]) -> None:
    admin = arrive(viewport={"width": 1200, "height": 900})
    admin.open("admin/tenants/auditentry/")
    opener, sheet = admin.page.locator("[x-on\\:click='filterOpen = true']"), admin.page.locator("#changelist-filter")
    if opener.count():
        opener.first.click()
        expect(sheet).to_be_visible()
        admin.page.keyboard.press("Escape")
        expect(sheet).to_be_hidden()
