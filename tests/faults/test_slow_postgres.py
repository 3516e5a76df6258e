"""A Postgres that takes two seconds for each query of the product, while it is under load."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from muse_site.embedded import Postgres
from tests.factories import World
from tests.faults.evidence import TookHold
from tests.faults.fault import Fault
from tests.faults.hurting import Hurt
from tests.faults.slowing import Proxy, proxy
from tests.faults.table import Row
from tests.faults.trial import LONG, Recorded, try_all

pytestmark = [pytest.mark.live, LONG]

QUERY_SECONDS = 2.0
SLOW_SECONDS = 20.0


@pytest.fixture
def slowed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """In front of the Postgres of the product, which is still to start; the test's own queries go past it."""
    with proxy(Postgres(Path(os.environ["MUSE_DATA"])).run / ".s.PGSQL.5432") as found:
        monkeypatch.setenv("DATABASE_URL", found.app_url)
        monkeypatch.setenv("DATABASE_OWNER_URL", found.owner_url)
        yield found


def slow_for_all(slowed: Proxy) -> TookHold:
    """The product has had to wait, and a query of our own takes as long."""

    def is_slow() -> bool:
        held = slowed.held
        with psycopg.connect(slowed.app_url) as app:
            began = time.monotonic()
            app.execute("SELECT 1")
            return held > 0 and time.monotonic() - began >= QUERY_SECONDS

    return lambda _: is_slow


def test_product__postgres_slow_under_load__loses_and_doubles_nothing(
    slowed: Proxy, hurt: Hurt, world: World, recorded: Recorded, rows: list[Row]
) -> None:
    def set_delay(seconds: float) -> None:
        slowed.delay = seconds

    fault = Fault(
        "Postgres slow, two seconds a query, for twenty seconds",
        lambda _: set_delay(QUERY_SECONDS),
        lambda _: set_delay(0.0),
        took_hold=slow_for_all(slowed),
        seconds=SLOW_SECONDS,
    )
    assert try_all([fault], hurt, world, recorded, rows) == []
