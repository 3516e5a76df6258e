"""Event ids are data: whatever scoring accepts is listed, linked, explained and labelled, for programs and people."""

import html
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import Client

from tenants.roles import Role
from tests.factories import World, make_intent, make_person, serve
from tests.scoring.eventlog import INTENT, NOON, consume, event, keep_document, label, write, writer

IDS = [
    "plain-1", "2026/11/000001", "a+b/c==", "/", "//x", "x/", ".", "..", "a/../b", "./a", "%2F", "%", "a?b", "a#b",
    "a&b=c", "two\nlines", "\r\n", "tab\t", " spaces ", "it's \"quoted\"", "\\", "😀", "é", "e\u0301", "\u202e",
    "nul\x00", "\x7f", "-", "~", "<b>", "';--", "x" * 128, "e77d21f0-ffff-7fff-bfff-ffffffffffff",
]  # fmt: skip


@pytest.fixture
def world(db: None, segments: Path) -> World:
    """A tenant with an event of each id."""
    world = serve("acme")
    keep_document(world.document, tenant=world.tenant.pk)
    record(world, segments, *IDS)
    return world


def record(world: World, segments: Path, *ids: str, intent: str = INTENT, labelled: bool = True) -> None:
    target = {"route": "all", "predictor": world.predictor.key, "transform": world.transform.pk}
    common = {"tenant": world.tenant.pk, "intent": intent}
    out = writer(segments)
    write(out, *(event(each, occurred_at=NOON + place, **target, **common) for place, each in enumerate(ids)))
    if labelled:
        write(out, *(label(each, 1, **common) for each in ids))
    consume(segments)


@pytest.fixture
def visitor(world: World) -> Client:
    client = Client()
    viewer = make_person(role=Role.VIEWER, tenant=world.tenant)
    client.force_login(viewer, "django.contrib.auth.backends.ModelBackend")
    return client


def explain(world: World, path: str, **query: str) -> Any:
    return Client().get(f"/api/v1/events/{path}", query, headers=world.authorization)


@pytest.mark.parametrize("event_id", IDS)
def test_event__any_id__is_explained_with_its_label(world: World, event_id: str) -> None:
    answer = explain(world, "explanation", event_id=event_id)
    assert answer.status_code == 200, answer.content
    assert (answer.json()["event_id"], answer.json()["label"]) == (event_id, 1)


@pytest.mark.parametrize(
    ("path", "event_id"),
    [
        ("plain-1", "plain-1"),
        ("2026/11/000001", "2026/11/000001"),
        ("2026%2F11%2F000001", "2026/11/000001"),
        ("a+b/c==", "a+b/c=="),
        ("%25", "%"),
        ("%252F", "%2F"),
        ("%F0%9F%98%80", "😀"),
    ],
)
def test_event__id_in_the_path__is_explained(world: World, path: str, event_id: str) -> None:
    assert explain(world, path).json()["event_id"] == event_id


def test_explorer__any_ids__lists_all_and_links_each(world: World, visitor: Client) -> None:
    found: set[str] = set()
    page = visitor.get("/tenants/acme/events?limit=20").content.decode()
    older = re.search(r'href="(\?[^"]*older_than[^"]*)"', page)
    assert older
    page += visitor.get(f"/tenants/acme/events{html.unescape(older[1])}").content.decode()
    for link in re.findall(r'href="(/tenants/acme/events/[^"]*)"', page):
        shown = visitor.get(html.unescape(link))
        assert shown.status_code == 200, link
        found.add(shown.context["page"].row["event_id"])
        again = re.search(r"/(api/v1/tenants/acme/events/[^']*)'", html.unescape(shown.content.decode()))
        assert again
        assert visitor.get(f"/{again[1]}").status_code == 401  # there is such an address, for who has a token
    assert found == set(IDS)


def test_search__pages_through_any_ids__shows_each_once(world: World, visitor: Client) -> None:
    found: list[str] = []
    path = "/tenants/acme/events?limit=1"
    for _ in IDS:
        answer = visitor.get(path)
        assert answer.status_code == 200
        page = answer.context["page"]
        found += [each["event_id"] for each in page.found["events"]]
        if page.found["older"]:
            path = f"/tenants/acme/events{page._turned('older_than', page.found['older'])}"
    assert found == IDS[::-1]


def test_event__of_two_intents__is_asked_for_by_intent(world: World, segments: Path, visitor: Client) -> None:
    make_intent(world.tenant, "loans")
    both = {**world.document.intents, "loans": world.document.intents[INTENT]}
    keep_document(msgspec.structs.replace(world.document, intents=both), tenant=world.tenant.pk)
    record(world, segments, "plain-1", ".", intent="loans", labelled=False)
    for query in ({"event_id": "plain-1"}, {"event_id": "."}):
        answer = explain(world, "-", **query)
        assert answer.status_code == 409
        assert answer.json()["errors"] == [{"field": "intent", "expected": f"one of {INTENT}, loans"}]
        assert explain(world, "-", intent=INTENT, **query).json()["intent"] == INTENT
    answer = visitor.get("/tenants/acme/events/plain-1")
    assert answer["location"] == "/tenants/acme/events?id=plain-1"
    shown = visitor.get(answer["location"]).content.decode()
    assert "plain-1?intent=loans" in shown
    assert f"plain-1?intent={INTENT}" in shown


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1000-01-01"])
def test_event__day_that_cannot_be__is_422(world: World, day: str) -> None:
    answer = explain(world, "plain-1", day=day)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == ["day"]
