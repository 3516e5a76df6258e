"""A second factor at a browser: an authenticator app, a passkey on a virtual authenticator, each page at each width."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from muse_site.driving.running import Product
from tests.browser.people import Visitor
from tests.factories import make_person

pytestmark = [pytest.mark.live, pytest.mark.browser]


def code(secret: str, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


@pytest.fixture
def at_localhost(product: Product, visit: Callable[..., Visitor]) -> Callable[..., Visitor]:
    """Browsers have passkeys for names only, not for addresses."""
    object.__setattr__(product, "console", product.console.replace("127.0.0.1", "localhost"))
    return visit


def give_authenticator(page: Page) -> None:
    """A passkey's keeper that always says yes."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def is_narrow(page: Page) -> bool:
    """Whether nothing stands out of the page to the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def log_out(visitor: Visitor) -> None:
    visitor.page.context.clear_cookies()
    visitor.open("admin/login/")


def password(visitor: Visitor) -> None:
    visitor.page.fill("input[name=username]", visitor.email)
    visitor.page.fill("input[name=password]", "password")
    visitor.page.click("#login-form button[type=submit]")


def test_app__set_up_and_used__logs_in(at_localhost: Callable[..., Visitor], tmp_path: Path) -> None:
    visitor = at_localhost(make_person(role="admin"), viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = visitor.page
    visitor.open("account")
    page.get_by_role("link", name="set one up").click()
    expect(page.locator("h1")).to_have_text("Second factor")
    page.get_by_role("link", name="Set up").click()
    assert is_narrow(page)
    page.screenshot(path=tmp_path / "app.png")
    secret = page.locator("#key").inner_text()
    page.fill("input[name=code]", code(secret))
    page.get_by_role("button", name="Set up").click()
    expect(page.locator(".codes li")).to_have_count(10)
    assert is_narrow(page)
    recovery = page.locator(".codes li").first.inner_text()
    page.get_by_role("link", name="Back").click()
    expect(page.locator(".sign-in")).to_contain_text("10 left")
    log_out(visitor)
    password(visitor)
    expect(page.locator("h1")).to_have_text("Second factor")
    assert is_narrow(page)
    page.fill("input[name=code]", recovery)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("main.muse h1")).to_have_text("Home")


def test_passkey__added__is_a_second_factor_and_logs_in_alone(at_localhost: Callable[..., Visitor]) -> None:
    visitor = at_localhost(make_person(role="admin"), viewport={"width": 1280, "height": 900})
    page = visitor.page
    give_authenticator(page)
    visitor.open("second-factor")
    page.get_by_role("link", name="Add").click()
    page.fill("input[name=name]", "Telephone")
    page.get_by_role("button", name="Add").click()
    expect(page.locator(".codes li")).to_have_count(10)
    page.get_by_role("link", name="Back").click()
    expect(page.locator(".sign-in")).to_contain_text("Telephone")
    log_out(visitor)
    password(visitor)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator("main.muse h1")).to_have_text("Home")
    log_out(visitor)
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.locator("main.muse h1")).to_have_text("Home")


def test_passkey__that_is_not_there__is_said_in_words(at_localhost: Callable[..., Visitor]) -> None:
    visitor = at_localhost(make_person(role="admin"))
    give_authenticator(visitor.page)
    log_out(visitor)
    visitor.page.get_by_role("button", name="Log in with a passkey").click()
    expect(visitor.page.locator("#passkey-refused")).to_contain_text("No passkey was used")
