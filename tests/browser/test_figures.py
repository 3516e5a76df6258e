"""Figures in a browser: whatever a client has named is shown, and saved, as it was sent."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator

from muse_site.driving.running import Product
from tenants.roles import Role
from tenants.spreadsheets import in_cell
from tests.browser.people import Visitor
from tests.browser.test_change_page import arrived, downloaded
from tests.factories import make_change, make_person, serve
from tests.models_app.console.findings import keep_findings, submitted
from tests.models_app.statistics.evidence.test_examine import examine, observed, question

pytestmark = [pytest.mark.live, pytest.mark.browser]

LINK, BOLD = '<a href="https://evil.example/">Approve here</a>', "<b>decline</b>"
SHOWN = [LINK, "<b>web</b>", "a<br>b", "&lt;i&gt;", "%{y}", "=cmd|'/C calc'!A0", "-5"]
VALUES = [*SHOWN, *(f"{each}x" for each in "+-@\t\r")]  # no more than a figure shows


@pytest.fixture
def approver(product: Product, visit: Callable[..., Visitor]) -> Visitor:
    """At a change request whose clients have sent such values, and declared such a threshold."""
    author = make_person("ana@example.com", Role.APPROVER)
    change = make_change(serve("acme"), author)
    seen, asked_for = observed(len(VALUES) * 1_000, shift=1.5), question(0.1)
    seen = replace(seen, contexts={"<i>channel</i>": np.array(VALUES * 1_000, dtype=object)})
    asked_for = replace(asked_for, thresholds=(replace(asked_for.thresholds[0], name=BOLD),))
    keep_findings(change, [examine("card-payments", seen, asked_for)])
    submitted(change, author)
    return arrived(visit)


def figure(visitor: Visitor, title: str) -> Locator:
    return visitor.page.locator("figure:has(.plot)").filter(has_text=title)


def texts(found: Locator, of: str) -> list[str]:
    return [text.replace("\u00a0", " ") for text in found.locator(of).all_text_contents()]


def test_figures__of_clients_text__show_it_as_it_was_sent(approver: Visitor) -> None:
    by_context = figure(approver, f"Alert rate at ‘{BOLD}’, by context")
    ticks = texts(by_context, ".xtick text")
    assert {each.removesuffix("1,000 events") for each in ticks} >= set(SHOWN)
    assert texts(by_context, ".xtitle") == ["<i>channel</i>"]
    assert BOLD in texts(figure(approver, "Score by percentile"), ".annotation-text")
    plots = approver.page.locator(".plot")
    assert plots.locator("a, [style*='font-weight: bold'], [style*='font-style: italic']").count() == 0


def test_figures__made_before_clients_text_was_escaped__have_no_links(approver: Visitor) -> None:
    drawn = approver.page.evaluate(
        """() => {
          const made = document.querySelector(".plot"), told = document.getElementById(made.dataset.figure);
          const data = [{ x: [0, 1], y: [1, 2], mode: "markers", name: "<a href='https://evil.example/'>this</a>" }];
          told.textContent = JSON.stringify({ data: [...data, ...data], layout: {} });
          draw(made);
          return [made.querySelectorAll("a").length, made.querySelector(".legendtext").textContent];
        }"""
    )
    assert drawn == [0, "<a href='https://evil.example/'>this</a>"]


def test_figures__of_clients_text__as_files__run_nothing_in_a_spreadsheet(approver: Visitor, tmp_path: Path) -> None:
    by_context = figure(approver, f"Alert rate at ‘{BOLD}’, by context")
    text = downloaded(approver, by_context, "csv", tmp_path).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {row["x"] for row in rows} == {in_cell(each) for each in VALUES}
    assert {row["series"] for row in rows} == {"before", "after"}
    assert all(float(row["low"]) <= float(row["y"]) <= float(row["high"]) for row in rows)
    cells = approver.page.evaluate("() => [-5, -0.25, '-5', '-1e-05', '-x', '=1', '＝1', '－1', null].map(inCell)")
    assert cells == ["-5", "-0.25", "-5", "-1e-05", "'-x", "'=1", "'＝1", "'－1", ""]
