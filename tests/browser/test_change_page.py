"""The change request's page in a browser: by keyboard alone, its figures as files, and on paper."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from models_app.changes.models import ChangeRequest
from muse_site.driving.running import Product
from tenants.roles import Role
from tests.browser.people import Visitor
from tests.factories import make_change, make_person, serve
from tests.models_app.console.findings import add_findings, submitted

pytestmark = [pytest.mark.live, pytest.mark.browser]

PATH = "tenants/acme/changes/1"
PAPER = 718  # pixels between the margins of A4
MAP = "Scores before and after"
KEPT_OFF_PAPER = "#nav-sidebar, .muse-top, .muse .tabs, .muse .acts, .muse .downloads, .muse form, .muse button"


@pytest.fixture
def change(product: Product) -> ChangeRequest:
    """In review, with figures; another person than its author opens it."""
    author = make_person("ana@example.com", Role.APPROVER)
    change = make_change(serve("acme"), author)
    add_findings(change, shift=1.5)
    return submitted(change, author)


@pytest.fixture
def approver(change: ChangeRequest, visit: Callable[..., Visitor]) -> Visitor:
    return arrived(visit)


def arrived(visit: Callable[..., Visitor], **context: Any) -> Visitor:
    visitor = visit(make_person(role=Role.APPROVER), **context)
    visitor.open(PATH)
    for plot in visitor.page.locator(".plot").all():
        expect(plot.locator("svg.main-svg").first).to_be_visible()
    return visitor


def test_approve__by_keyboard__opens_and_closes_and_gives_the_focus_back(approver: Visitor) -> None:
    page, dialog = approver.page, approver.page.locator("dialog#approve_anyway")
    button = page.locator(".acts [commandfor=approve_anyway]")
    assert tabbed_to(approver, button)
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    assert dialog.evaluate("each => each.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()


def tabbed_to(visitor: Visitor, aim: Locator) -> bool:
    for _ in range(100):
        visitor.page.keyboard.press("Tab")
        if aim.evaluate("each => each === document.activeElement"):
            return True
    return False


@pytest.mark.parametrize(("theme", "is_light"), [("light", True), ("dark", False)])
def test_figures__as_files__hold_their_picture_and_numbers(
    change: ChangeRequest, visit: Callable[..., Visitor], tmp_path: Path, theme: str, is_light: bool
) -> None:
    visitor = arrived(visit, color_scheme=theme)
    figures = visitor.page.locator("figure:has(.plot)").all()
    assert len(figures) > 5
    for figure in figures:
        rows = list(csv.reader(downloaded(visitor, figure, "csv", tmp_path).decode().splitlines()))
        assert any(float(row[2]) for row in rows[1:]), figure.inner_text()
        with Image.open(io.BytesIO(downloaded(visitor, figure, "png", tmp_path))) as picture:
            assert picture.size == (2_000, 1_120)
            pixels = np.asarray(picture.convert("RGBA"))
        assert pixels[..., 3].min() == 255
        assert (pixels[0, 0].min() > 200) == is_light
        assert np.ptp(pixels[..., :3]) > 50, figure.inner_text()  # something is drawn on it


def test_figures__map_of_cells__gives_the_events_of_each(approver: Visitor, tmp_path: Path) -> None:
    figure = approver.page.locator("figure:has(.plot)").filter(has_text=MAP)
    rows = list(csv.DictReader(downloaded(approver, figure, "csv", tmp_path).decode().splitlines()))
    assert sum(int(row["events"]) for row in rows) == 20_000
    assert any(row["x"] != row["y"] for row in rows)


def downloaded(visitor: Visitor, figure: Locator, kind: str, folder: Path) -> bytes:
    visitor.page.wait_for_timeout(150)  # Chromium drops the eleventh download within a second; nobody is as quick
    with visitor.page.expect_download() as given:
        figure.locator(f"[data-downloads={kind}]").click()
    assert given.value.suggested_filename.endswith(f".{kind}")
    given.value.save_as(folder / "file")
    return (folder / "file").read_bytes()


def test_print__from_the_dark__is_light_and_whole_and_without_what_is_pressed(
    change: ChangeRequest, visit: Callable[..., Visitor]
) -> None:
    page = arrived(visit, color_scheme="dark").page
    page.set_viewport_size({"width": PAPER, "height": 1000})
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    shown = page.locator(KEPT_OFF_PAPER).evaluate_all("found => found.filter((each) => each.checkVisibility()).length")
    assert shown == 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('.muse h1')).color") == "rgb(24, 32, 47)"
    assert page.evaluate("document.documentElement.scrollWidth") <= PAPER
    cut = "each => each.scrollWidth > each.clientWidth || each.scrollHeight > each.clientHeight + 1"
    assert not any(plot.evaluate(cut) for plot in page.locator(".plot").all())
    assert page.pdf(format="A4").startswith(b"%PDF")
