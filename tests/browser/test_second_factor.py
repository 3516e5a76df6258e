"""A second factor at a browser: an authenticator app, a passkey on a virtual authenticator, each page at each width.

And deciding with one, where the tenant's policy asks for it.
"""

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from models_app.changes.models import ChangeRequest
from models_app.changes.policy import set_policy
from muse_site.driving.running import Product
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.browser.people import Visitor
from tests.factories import make_change, make_person, serve
from tests.models_app.console.findings import add_findings, digests, submitted

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


# ---- deciding


CHANGE = "tenants/acme/changes/1"


@pytest.fixture
def change(product: Product) -> ChangeRequest:
    """In review, where the tenant's policy has who decides show a second factor."""
    world, author = serve("acme"), make_person("ana@example.com", Role.APPROVER)
    with platform_scope():
        set_policy(actor=None, tenant=world.tenant, changes={"second_factor": True})
    change = make_change(world, author)
    add_findings(change, shift=1.5)
    return submitted(change, author)


def state(change: ChangeRequest) -> str:
    with platform_scope():
        return str(ChangeRequest.objects.get(pk=change.pk).state)


def set_up_app(visitor: Visitor) -> str:
    """Returns the secret, as an app on a telephone would know it."""
    visitor.open("second-factor/app")
    secret = visitor.page.locator("#key").inner_text()
    visitor.page.fill("input[name=code]", code(secret))
    visitor.page.get_by_role("button", name="Set up").click()
    expect(visitor.page.locator(".codes li")).to_have_count(10)
    return secret


def sends_approval(visitor: Visitor, change: ChangeRequest) -> httpx.Response:
    """What the page's form would send, if it were there."""
    cookies = {each["name"]: each["value"] for each in visitor.context.cookies()}
    sent = {"act": "approve_anyway", **digests(change), "text": "I have called the client", "confirmation": "fail"}
    sent["csrfmiddlewaretoken"] = cookies["csrftoken"]
    return httpx.post(f"{visitor.address}/{CHANGE}", data=sent, cookies=cookies, trust_env=False)


def test_approve__by_password_alone__is_refused_and_leads_to_the_set_up(
    change: ChangeRequest, visit: Callable[..., Visitor]
) -> None:
    visitor = visit(make_person(role=Role.APPROVER))
    visitor.open(CHANGE)
    visitor.sees("This needs a second factor")
    expect(visitor.form("approve_anyway")).to_have_count(0)
    answer = sends_approval(visitor, change)
    assert (answer.status_code, answer.headers["location"]) == (
        302, f"/second-factor/show?next={quote(f'/{CHANGE}', safe='')}",
    )  # fmt: skip
    assert state(change) == "in review"
    visitor.page.get_by_role("link", name="Show your second factor").click()
    visitor.sees("You have no second factor yet")
    expect(visitor.page.locator("h1")).to_have_text("Second factor")


def test_approve__with_a_code_of_the_app__publishes(change: ChangeRequest, visit: Callable[..., Visitor]) -> None:
    person = make_person(role=Role.APPROVER)
    visitor, elsewhere = visit(person), visit(person)
    secret = set_up_app(elsewhere)  # so this one has shown nothing yet
    page = visitor.page
    visitor.open(CHANGE)
    page.get_by_role("link", name="Show your second factor").click()
    expect(page.locator("h1")).to_have_text("Confirm that it is you")
    page.fill("input[name=code]", "000000")
    page.get_by_role("button", name="Confirm").click()
    visitor.sees("This code is wrong")
    page.fill("input[name=code]", code(secret, 1))  # each is taken once
    page.get_by_role("button", name="Confirm").click()
    expect(page).to_have_url(f"{visitor.address}/{CHANGE}")
    visitor.act("approve_anyway", text="I have called the client", confirmation="fail")
    visitor.sees("Published as release 2")
    assert state(change) == "published"
