"""Whatever texts and numbers come at whatever place of either API, or of a page's address: no answer is a failure."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from muse_site import settings_scoring
from tenants.roles import Role
from tenants.services import create_personal_token
from tests.documents import EVENT
from tests.factories import make_person
from tests.isolation.wall import CONSOLE, SCORING, Wall, addresses
from tests.nasty import values
from tests.nasty.openapi import Operation, operations

GAP = re.compile(r"{(\w+)}|<\w+:(\w+)>")
NAMES = (  # of all parameters that pages have
    "q", "page", "sort", "state", "limit", "since", "until", "id", "older_than", "newer_than", "min_score", "max_score",
    "threshold", "predictor", "release", "label", "context", "intent", "day", "event_id", "person", "act", "form",
    "change", "side", "min_amount", "max_amount", "source", "days", "as_of", "reference", "model", "field", "replaced",
    "alerts",
)  # fmt: skip
SEARCHED = ("page", "limit", "since", "until", "id", "older_than", "min_score", "release", "context", "person")
SEARCHES = ("/events", "/event-counts", "/audit", "/audit/export")


class Caller:
    """Sends requests and takes back what they did; `failed` has those whose answer was a failure, or no problem."""

    def __init__(self) -> None:
        token = create_personal_token(person=make_person(role=Role.ADMIN), name="tests", actor=None)[1]
        self.client = Client(headers={"authorization": f"Bearer {token}"}, raise_request_exception=False)
        self.failed: list[str] = []

    def send(self, method: str, url: str, body: str | bytes = b"", **how: Any) -> None:
        data = body.encode() if isinstance(body, str) else body
        with transaction.atomic():
            answer = self.client.generic(method, url, data, "application/json", **how)
            transaction.set_rollback(True)
        if answer.status_code >= 500 or (answer.status_code >= 400 and not _is_problem(answer)):
            self.failed.append(f"{answer.status_code} {method} {url[:200]} {data[:200]!r}")

    def open(self, url: str) -> None:
        answer: Any = self.client.get(url)
        if answer.status_code >= 500:
            self.failed.append(f"{answer.status_code} {url[:300]}")

    def submit(self, url: str, fields: dict[str, str]) -> None:
        with transaction.atomic():
            answer: Any = self.client.post(url, fields)
            transaction.set_rollback(True)
        if answer.status_code >= 500:
            self.failed.append(f"{answer.status_code} {url} { {name: text[:40] for name, text in fields.items()} }")


@pytest.fixture
def caller(wall: Wall) -> Caller:
    return Caller()


def _is_problem(answer: Any) -> bool:
    return answer["Content-Type"] == "application/problem+json" and answer.json()["status"] == answer.status_code


def _operations(settings: Settings, configuration: str, known: dict[str, Any]) -> list[Operation]:
    settings.ROOT_URLCONF = configuration
    if configuration == SCORING:
        settings.MIDDLEWARE = [name for name in settings_scoring.MIDDLEWARE if "whitenoise" not in name]
    answer = Client().get("/api/v1/schema?format=json")
    return operations(json.loads(answer.content), known)


def _filled(path: str, wall: Wall, **instead: str) -> str:
    known = {name: str(value) for name, value in wall.parameters.items()} | instead
    return GAP.sub(lambda found: quote(known[found[1] or found[2]], safe=""), path)


def _odd(operation: Operation, wall: Wall) -> Iterator[tuple[str, str | bytes]]:
    """URLs and bodies, each with one thing odd: of the path, a parameter, a place in the body, or the whole body."""
    url = _filled(operation.path, wall)
    for text in values.TEXTS.values():
        for found in GAP.finditer(operation.path):
            yield _filled(operation.path, wall, **{found[1] or found[2]: text}), b"{}"
        for name in operation.queries:
            yield f"{url}?{urlencode({name: text})}", b""
    if operation.media_type == "application/json":
        for fragment in values.JSON.values():
            yield from ((url, text) for _, text in operation.bodies(fragment))
        yield from ((url, body) for body in values.BODIES.values())


def test_console_api__odd_values_anywhere__never_fail(caller: Caller, wall: Wall, settings: Settings) -> None:
    part = {"intent": "hidden-intent", "predictor": wall.theirs.predictor.key, "model": wall.theirs.model.key}
    known = part | {"reference": wall.theirs.transform.reference.key, "replaced": wall.theirs.predictor.key}
    for operation in _operations(settings, CONSOLE, known):
        how = {"headers": wall.ours.authorization} if operation.path.startswith("/api/v1/events/") else {}
        for url, body in _odd(operation, wall):
            caller.send(operation.method, url, body, **how)
    assert not caller.failed


def test_scoring_api__odd_values_anywhere__never_fail(caller: Caller, wall: Wall, settings: Settings) -> None:
    for operation in _operations(settings, SCORING, {"features": EVENT, "context": {"channel": "web"}}):
        for url, body in _odd(operation, wall):
            caller.send(operation.method, url, body, headers=wall.ours.authorization)
    assert not caller.failed


def test_pages__odd_values_in_their_addresses__never_fail(caller: Caller, wall: Wall, settings: Settings) -> None:
    settings.ROOT_URLCONF = CONSOLE
    caller.client = Client(raise_request_exception=False)
    caller.client.force_login(make_person(role=Role.ADMIN), "django.contrib.auth.backends.ModelBackend")
    for pattern in (each for each, _ in addresses(CONSOLE) if not each.startswith(("api/", "admin/"))):
        url = f"/{_filled(pattern, wall)}"
        alone = SEARCHED if pattern.endswith(SEARCHES) else ()
        for text in values.TEXTS.values():
            for query in (dict.fromkeys(NAMES, text), *({name: text} for name in alone)):
                caller.open(f"{url}?{urlencode(query)}")
            for found in GAP.finditer(pattern):
                caller.open(f"/{_filled(pattern, wall, **{found[1] or found[2]: text})}")
    assert not caller.failed


def test_forms__odd_values_in_any_field__never_fail(caller: Caller, wall: Wall, settings: Settings) -> None:
    settings.ROOT_URLCONF = CONSOLE
    caller.client = Client(raise_request_exception=False)
    caller.client.force_login(make_person(role=Role.ADMIN), "django.contrib.auth.backends.ModelBackend")
    for pattern, view in addresses(CONSOLE):
        url = f"/{_filled(pattern, wall)}"
        for act in getattr(getattr(view, "view_class", None), "permissions", ()):
            if isinstance(act, str):
                continue  # a view of the API, whose acts are methods
            for text in values.TEXTS.values():
                caller.submit(url, {"act": act.name, **dict.fromkeys(act.base_fields, text)})
            for text in values.FORMS.values():
                for name in act.base_fields:
                    caller.submit(url, {"act": act.name, **dict.fromkeys(act.base_fields, "1"), name: text})
    assert not caller.failed
