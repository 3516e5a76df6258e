"""The machine's own Chromium, somebody logged in to the console, and a page that is ready to be looked at."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

Theme = Literal["light", "dark"]
HEIGHT = 900

_DRAWN = """() => document.fonts.status === 'loaded'
    && [...document.querySelectorAll('[data-figure]')].every((plot) => plot.querySelector('.main-svg'))"""
_MOST_MILLISECONDS = 30_000


class NoBrowser(RuntimeError):
    """There is no Chromium on this machine."""


class NotLetIn(RuntimeError):
    """The address and the password do not go together."""


def launch_options() -> dict[str, Any]:
    """The machine's own Chromium, which calls nobody."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        raise NoBrowser("no Chromium on this machine: install it (Debian: apt-get install chromium)")
    quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return {"executable_path": found, "args": ["--no-sandbox", "--disable-gpu", *quiet]}


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()


def arrive(browser: Browser, theme: Theme, width: int) -> Page:
    """A window in which nobody is logged in. The console follows what the browser says of light and dark."""
    context: BrowserContext = browser.new_context(color_scheme=theme, viewport={"width": width, "height": HEIGHT})
    page = context.new_page()
    page.set_default_timeout(_MOST_MILLISECONDS)
    return page


def log_in(page: Page, address: str, email: str, password: str) -> None:
    page.goto(address)
    page.fill("input[name=username]", email)
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")
    page.wait_for_load_state()
    if not page.locator("main.muse h1").count():
        raise NotLetIn(f"{email} cannot log in at {address}")


def show(page: Page, address: str) -> int:
    """Open it, and wait until no request is open and every figure is drawn; its status."""
    answer = page.goto(address)
    page.wait_for_load_state("networkidle")
    page.wait_for_function(_DRAWN)
    page.wait_for_timeout(150)  # lines get their names after they are drawn
    return answer.status if answer else 0
