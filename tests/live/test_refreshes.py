"""Refreshes by beats and workers that are killed, doubled and told wrong times: one or none, never two, never half."""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from models_app.refreshes.models import Refresh, RefreshPolicy
from models_app.refreshes.order import order_refreshes
from models_app.transforms.models import Fit, Transform
from muse_site.driving.client import Scoring, wait
from muse_site.driving.running import ROOT, Product
from scoring.models import Release
from tenants.scope import platform_scope
from tests.documents import EVENT
from tests.factories import World
from tests.live.test_kills import kill_celery
from tests.models_app.refreshes.conftest import Fleet, Refreshing, fleet
from tests.models_app.refreshes.test_standing import allow

__all__ = ["fleet"]

pytestmark = pytest.mark.live

MADE = (Refresh, Fit, Transform, ChangeRequest, Evidence, Release)
ONE_OF_EACH = Counter({each.__name__: 1 for each in MADE})
LONG = 180.0


@pytest.mark.parametrize(("first", "second"), [(Fit, Transform), (Evidence, Release)])
def test_refresh__worker_killed_twice_in_the_middle_of_it__goes_live_once(
    product: Product, fleet: Fleet, tmp_path: Path, first: type[Model], second: type[Model]
) -> None:
    """It is killed as it writes to either table, in a transaction that has begun."""
    world = fleet.tenant(events=9_000)
    before = made(world)
    with held(second):
        with held(first):
            refreshing = due(world, fleet)
            order_refreshes()
            killed_as_it_writes(first, tmp_path)
            no_more_are_due()
        killed_as_it_writes(second, tmp_path)
    refresh = over(refreshing)
    assert (refresh.outcome, refresh.refused) == ("live", []), refresh.log
    assert refresh.attempt >= 3
    assert made(world) - before == ONE_OF_EACH
    check_served(product, world, refresh)


def test_refresh__of_two_beats_and_a_clock_that_jumps__is_made_once(
    product: Product, fleet: Fleet, tmp_path: Path
) -> None:
    world, now = fleet.tenant(events=9_000), timezone.now()
    before = made(world)
    with held(Fit):
        refreshing = due(world, fleet)
        with beats(tmp_path, count=2):
            wait(lambda: is_awaited(Fit), "the refresh to begin", LONG)
            wait(lambda: len(orders(tmp_path)) >= 10, "the beats to beat", LONG)
        assert [order_refreshes(now=now + timedelta(days=days)) for days in (3, -3, 0)] == [0, 0, 0]
        no_more_are_due()
    refresh = over(refreshing)
    assert (refresh.outcome, sum(orders(tmp_path))) == ("live", 1)
    assert made(world) - before == ONE_OF_EACH
    check_served(product, world, refresh)


def due(world: World, fleet: Fleet) -> Refreshing:
    """A refresh is due from now on, and may go live."""
    refreshing = Refreshing(world, fleet.author)
    allow(refreshing)
    return refreshing


def no_more_are_due() -> None:
    """The one that is under way goes on; a midnight that passes meanwhile brings none."""
    with platform_scope():
        RefreshPolicy.objects.update(enabled=False)


def over(refreshing: Refreshing) -> Refresh:
    """The only refresh, once it has ended."""
    wait(lambda: refreshing.rows()[-1].state not in Refresh.ACTIVE, "the refresh to end", LONG)
    (refresh,) = refreshing.rows()
    return refresh


def made(world: World) -> Counter[str]:
    """How many rows there are of what a refresh makes."""
    with platform_scope():
        return Counter({each.__name__: each._default_manager.filter(tenant=world.tenant).count() for each in MADE})


def check_served(product: Product, world: World, refresh: Refresh) -> None:
    """Events are answered by the release and the transform that are recorded for it."""
    with platform_scope():
        transform = Fit.objects.get(refresh=refresh).transform_id
    change = refresh.change_request
    assert change is not None
    assert change.release is not None
    recorded = (change.release.number, transform)
    with Scoring(product.scoring, world.token) as client:
        wait(lambda: answering(client, world) == recorded, f"answers by release and transform {recorded}", LONG)


def answering(client: Scoring, world: World) -> tuple[int, int]:
    answer = client.score(world.intent.name, {"features": EVENT})
    return answer["release"], answer["transform"]


@contextmanager
def held(table: type[Model]) -> Iterator[None]:
    """Nobody else writes to this table: whoever does waits."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        owner.execute(f"LOCK TABLE {table._meta.db_table} IN SHARE MODE")
        yield


def is_awaited(table: type[Model]) -> bool:
    """Whether somebody waits to write to it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_locks WHERE relation = %s::regclass AND NOT granted LIMIT 1", [table._meta.db_table]
        )
        return cursor.fetchone() is not None


def killed_as_it_writes(table: type[Model], folder: Path) -> None:
    wait(lambda: is_awaited(table), f"the worker to write to {table._meta.db_table}", LONG)
    kill_celery(folder / "data")


@contextmanager
def beats(folder: Path, count: int) -> Iterator[None]:
    """So many beats beside the product's own, each with a schedule of its own, that order refreshes every second."""
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.live.hurried"}
    argv = [sys.executable, "-m", "celery", "-A", "muse_site", "beat", "--pidfile", "", "-s"]
    with ExitStack() as stack:
        for number in range(count):
            beat = stack.enter_context(subprocess.Popen([*argv, str(folder / f"beat-{number}")], cwd=ROOT, env=env))
            stack.callback(beat.kill)
        yield


def orders(folder: Path) -> list[int]:
    """How many refreshes each run of the task that orders them has ordered."""
    log = (folder / "product.log").read_text()
    return [int(each) for each in re.findall(r"order_refreshes\[\S+ succeeded in \S+: (\d+)", log)]
