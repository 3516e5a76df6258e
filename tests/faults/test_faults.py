"""The real product under load, hurt in one way after the other.

The short form takes the faults of a scoring process and an overload. `make faults` takes all of them, holds them to
the goals, and writes the table of docs/reliability.md.
"""

import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from muse_site.driving.client import wait
from muse_site.driving.running import Product
from tests.factories import World, serve
from tests.faults import table
from tests.faults.batches import Batches
from tests.faults.hurting import SCORING, Hurt, name
from tests.faults.load import Seen, batch_of, clients, ids
from tests.live.clients import kept_after, serves

pytestmark = pytest.mark.live

ALL = os.environ.get("FAULTS") == "all"
RATE = 50.0  # single events a second
QUIET_SECONDS = 5.0 if ALL else 2.0  # before a fault, and after it
OVERLOAD_SECONDS = 10.0 if ALL else 4.0
EVENTS = 1_000  # of a batch
SHORT = (Hurt.kill_scoring, Hurt.end_scoring)
LONG = (
    Hurt.kill_scoring,
    Hurt.stop_scoring,
    Hurt.end_scoring,
    Hurt.deploy,
    Hurt.kill_others,
    Hurt.kill_valkey,
    Hurt.kill_postgres,
    Hurt.hang_postgres,
)
MAY_FAIL = {Hurt.kill_scoring: 8, Hurt.stop_scoring: 8}  # what the process itself had in hand


def test_product__hurt_under_load__loses_and_doubles_nothing(product: Product, tmp_path: Path) -> None:
    hurt = Hurt(tmp_path / "data", tmp_path / "product.log")
    acme, bank = serve("acme"), serve("bank")
    wait(lambda: serves(product.scoring, acme) and serves(product.scoring, bank), "both to be served", 60.0)
    rows = [after(fault, product, hurt, acme) for fault in (None, *(LONG if ALL else SHORT))]
    flooded = overload(product, acme, bank)
    rows += flooded.rows
    print(table.text(rows), flooded.goals, sep="\n")
    if ALL:
        table.write(rows, flooded.goals)
    assert [each for each in rows if each.requests != each.answered + each.refused + each.failed] == []
    assert [each for each in rows if each.lost or each.doubled] == []
    assert too_many_failed(rows) == []
    if ALL:
        assert flooded.share >= 0.8, flooded.goals
        assert flooded.longer <= 3.0, flooded.goals


@dataclass(frozen=True)
class Flooded:
    """`share`: of what can be scored, that was scored; `longer`: how many times the other tenant's 99th percentile."""

    rows: list[table.Row]
    share: float
    longer: float

    @property
    def goals(self) -> str:
        return (
            f"Beyond its capacity the product scored {self.share:.0%} of it (the goal: 80%), "
            f"and the other tenant's 99th percentile was {self.longer:.1f} times the one before (the goal: at most 3)."
        )


def after(fault: Callable[[Hurt], None] | None, product: Product, hurt: Hurt, world: World) -> table.Row:
    """Single events at a steady rate, a fault in the midst of them, and what became of both."""
    with clients(product.scoring, world.token, rate=RATE) as seen:
        time.sleep(QUIET_SECONDS)
        at = time.monotonic()
        if fault is not None:
            fault(hurt)
        wait(lambda: len(hurt.pids(*SCORING)) == 2, "both scoring processes", 60.0)
        time.sleep(QUIET_SECONDS)
    kept = kept_after(world, 120.0)
    return row(name(fault) if fault else "None", seen, seen.well_after(at), kept)


def overload(product: Product, acme: World, bank: World) -> Flooded:
    """One tenant offers ten times what can be scored, in batches, while another scores single events."""
    capacity = len(batches(product, acme, 1e6, 4).seen().answered) / OVERLOAD_SECONDS  # a second
    with clients(product.scoring, bank.token, rate=20.0, count=4) as quiet:
        time.sleep(OVERLOAD_SECONDS)
    flood, at = batches(product, acme, 10 * capacity, 24), time.monotonic()
    with clients(product.scoring, bank.token, rate=20.0, count=4) as other:
        offered = flood.seen()
    assert set(offered.statuses) <= {200, 429, 503}
    assert all(each.retry_after for each in offered.sent if each.status != 200)
    assert set(other.statuses) == {200}
    kept = kept_after(bank, 120.0)
    rows = [
        row("Ten times what can be scored, in batches of 1,000", offered, offered.well_after(at), None),
        row("Another tenant's single events before that", quiet, 0.0, kept),
        row("Another tenant's single events meanwhile", other, other.well_after(at), kept),
    ]
    share = len(offered.answered) / OVERLOAD_SECONDS / capacity
    return Flooded(rows, share, other.milliseconds(99) / quiet.milliseconds(99))


def batches(product: Product, world: World, rate: float, count: int) -> Batches:
    body = batch_of(EVENTS)
    return Batches(product.scoring, world.token, body, rate=rate, count=count, seconds=OVERLOAD_SECONDS)


def row(fault: str, seen: Seen, well_after: float, kept: Counter[str] | None) -> table.Row:
    """`kept`: how often the lake has each event; None for batches, whose events have no ids of their own."""
    answered = ids(seen.answered) if kept is not None else set()
    refused = seen.count(429, 503)
    return table.Row(
        fault=fault,
        requests=len(seen.sent),
        answered=len(seen.answered),
        refused=refused,
        failed=seen.count(0),
        median=seen.milliseconds(50),
        slowest=seen.milliseconds(99),
        well_after=well_after,
        lost=sum(not (kept or {})[each] for each in answered),
        doubled=sum(kept[each] > 1 for each in ids(seen.sent)) if kept is not None else 0,
    )


def too_many_failed(rows: list[table.Row]) -> list[table.Row]:
    may_fail = {name(fault): most for fault, most in MAY_FAIL.items()}
    return [each for each in rows if each.failed > may_fail.get(each.fault, 0)]
