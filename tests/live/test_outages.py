"""Valkey gone, Postgres gone, no room for events: scoring goes on."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from django.db import connections

from muse_site.client import Console, wait
from muse_site.embedded import Postgres, Valkey
from muse_site.running import Product
from tenants.roles import Role
from tenants.services import create_personal_token
from tests.factories import make_person, serve
from tests.live.clients import Answers, scoring_clients, wait_until_kept

pytestmark = pytest.mark.live

GONE_SECONDS = 20.0


@contextmanager
def gone(service: Callable[..., Postgres | Valkey]) -> Iterator[None]:
    """The tests' own server, stopped and started again."""
    server = service(Path(os.environ["MUSE_DATA"]), ephemeral=True)
    connections.close_all()
    server.stop()
    try:
        yield
    finally:
        server.start()


@pytest.mark.parametrize("service", [Valkey, Postgres])
def test_scoring__while_a_service_is_gone__fails_no_request_and_loses_no_event(
    product: Product, service: type[Postgres] | type[Valkey]
) -> None:
    world = serve()
    with scoring_clients(product.scoring, world) as answers:
        scores_on(answers)
        with gone(service):
            until = time.monotonic() + GONE_SECONDS
            while time.monotonic() < until:
                scores_on(answers)
        world.publish()
        wait(lambda: answers.releases[2], "the next release to be served", 30.0)
    assert answers.failures == []
    kept = wait_until_kept(world, answers)
    assert [event for event in answers.event_ids() if kept[event] != 1] == []


def scores_on(answers: Answers) -> None:
    before = len(answers.given)
    wait(lambda: len(answers.given) > before + 100, "scoring to go on", 20.0, pause=0.1)


@pytest.mark.parametrize(
    "product", [{"MUSE_SEGMENTS_MAX_BYTES": "1048576", "MUSE_FLUSH_SECONDS": "600"}], indirect=True, ids=["no room"]
)
def test_scoring__without_room_for_events__goes_on_and_shows_the_loss(product: Product) -> None:
    world = serve()
    token = create_personal_token(person=make_person(role=Role.VIEWER), name="tests", actor=None)[1]
    with scoring_clients(product.scoring, world) as answers, Console(product.console, token) as console:
        wait(lambda: lost(console), "the loss to be shown", 60.0)
        scores_on(answers)
    assert answers.failures == []
    assert counted(product) > 0


def lost(console: Console) -> int:
    return sum(process["lost_events"] for process in console.get("serving")["processes"])


def counted(product: Product) -> float:
    text = httpx.get(f"{product.scoring}/metrics", trust_env=False).text
    lines = (line for line in text.splitlines() if line.startswith("muse_events_lost_total"))
    return sum(float(line.split()[-1]) for line in lines)
