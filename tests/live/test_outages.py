"""Valkey gone, Postgres gone: scoring goes on."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connections

from muse_site.driving.client import wait
from muse_site.driving.running import Product
from muse_site.embedded import Postgres, Valkey
from tests.factories import serve
from tests.live.clients import kept_after, scores_on, scoring_clients

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
    kept = kept_after(world)
    assert [event for event in answers.event_ids() if kept[event] != 1] == []
