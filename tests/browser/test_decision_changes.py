"""The page of events that change sides in a browser: narrowed as one chooses, and taken away as a file of just that."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from models_app.changes.models import ChangeRequest
from muse_site.driving.running import Product
from tenants.roles import Role
from tests.browser.people import Visitor
from tests.factories import make_change, make_person, serve
from tests.models_app.console.findings import add_findings

pytestmark = [pytest.mark.live, pytest.mark.browser]


@pytest.fixture
def change(product: Product) -> ChangeRequest:
    change = make_change(serve("acme"))
    add_findings(change, shift=1.5)
    return change


@pytest.fixture
def viewer(change: ChangeRequest, visit: Callable[..., Visitor]) -> Visitor:
    visitor = visit(make_person(role=Role.VIEWER))
    visitor.open("tenants/acme/changes/1")
    visitor.page.get_by_role("link", name=re.compile("Show all .* events that change sides")).first.click()
    return visitor


def test_list__narrowed_to_a_label__is_exported_as_it_is_shown(viewer: Visitor, tmp_path: Path) -> None:
    count = viewer.page.locator(".search .count")
    everything = int(count.inner_text().split()[0])
    viewer.page.get_by_label("label").select_option("positive")
    expect(count).not_to_have_text(f"{everything} found")
    viewer.page.get_by_label("Context").fill("channel=web")
    viewer.page.get_by_label("Context").press("Enter")
    expect(viewer.page.get_by_role("link", name="Export CSV")).to_have_attribute("href", re.compile("context=channel"))
    found = int(count.inner_text().split()[0])
    with viewer.page.expect_download() as given:
        viewer.page.get_by_role("link", name="Export CSV").click()
    given.value.save_as(tmp_path / "file.csv")
    rows = list(csv.DictReader((tmp_path / "file.csv").read_text().splitlines()))
    assert 0 < len(rows) == found < everything
    assert {(row["label"], row["context.channel"]) for row in rows} == {("1", "web")}


@pytest.mark.parametrize("width", [390, 1440])
def test_pages__on_narrow_and_wide_screens__do_not_scroll_sideways(viewer: Visitor, width: int) -> None:
    viewer.page.set_viewport_size({"width": width, "height": 900})
    for path in ("tenants/acme/changes/1", "tenants/acme/changes/1/decision-changes"):
        viewer.open(path)
        assert viewer.page.evaluate("document.documentElement.scrollWidth") <= width
