"""A person with a browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, expect

PASSWORD = "password"  # what the tests' factory gives


class Visitor:
    """Logged in; `faults`: what went wrong in the console or on the network that the test did not expect."""

    def __init__(self, context: BrowserContext, address: str, email: str) -> None:
        self.context, self.address, self.email = context, address, email
        self.faults: list[str] = []
        self._expected = 0
        self.page: Page = context.new_page()
        self.page.set_default_timeout(30_000)
        self.page.on("console", lambda message: self._note_console(message.type, message.text))
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))
        self.page.on("requestfailed", lambda request: self._note_failure(request.url, request.failure or ""))
        self.page.on("response", lambda answer: self._note(answer.status, answer.url))
        self._log_in(email)

    def _note(self, status: int, url: str) -> None:
        if status >= 400 and status != self._expected:
            self.faults.append(f"{status} {url}")
        if not url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"from outside: {url}")

    def _note_console(self, kind: str, text: str) -> None:
        expected = (
            "Failed to load resource",
            f"Response Status Error Code {self._expected} ",
        )  # noted by their answers
        if kind == "error" and not text.startswith(expected):
            self.faults.append(f"{self.page.url}: console: {text}")

    def _note_failure(self, url: str, why: str) -> None:
        if "ERR_ABORTED" not in why:  # what a page still loads when its person goes on
            self.faults.append(f"failed: {url} {why}")

    def _log_in(self, email: str) -> None:
        self.page.goto(self.address)
        self.page.fill("input[name=username]", email)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("button[type=submit]")
        expect(self.page.locator("main.muse h1")).to_have_text("Home")

    def open(self, path: str) -> None:
        self.page.goto(f"{self.address}/{path}")

    def act(self, name: str, **fields: str | bool | Path) -> None:
        """Fill in a form of this page, by the names of its fields, and send it."""
        form = self.form(name)
        if not form.is_visible():
            self.open_dialog(name)
        for field, value in fields.items():
            _fill(form.locator(f"[name={field}]"), value)
        form.locator("button[type=submit]:not([name])").click()
        self.page.wait_for_load_state()

    @contextmanager
    def expecting(self, status: int) -> Iterator[None]:
        """What is done meanwhile is refused with this status."""
        self._expected = status
        yield
        self._expected = 0

    def form(self, name: str) -> Locator:
        return self.page.locator(f".act#{name}")

    def open_dialog(self, name: str) -> None:
        button = self.page.locator(f".acts [commandfor={name}]")
        if not button.is_visible():
            self.page.locator("details.more summary").click()
        button.click()

    def sees(self, text: str) -> None:
        expect(self.page.locator("body")).to_contain_text(text)

    def waits_for(self, text: str, seconds: float = 60.0) -> None:
        """Without a reload by hand: pages at work bring themselves up to date."""
        expect(self.page.locator("main.muse")).to_contain_text(text, timeout=1000 * seconds)


def _fill(field: Locator, value: str | bool | Path) -> None:
    kind = field.first.evaluate("each => each.type || each.tagName.toLowerCase()")
    if isinstance(value, Path):
        field.set_input_files(value)
    elif isinstance(value, bool):
        field.set_checked(value)
    elif kind == "select-one":
        field.select_option(value)
    else:
        field.fill(value)
