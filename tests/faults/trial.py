"""One fault after the other, under load: what clients saw, what was kept, and how long until all was well."""

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from tests.factories import World
from tests.faults.conservation import Ledger, settle
from tests.faults.evidence import missing
from tests.faults.fault import Fault
from tests.faults.hurting import Hurt
from tests.faults.load import Seen, clients
from tests.faults.table import Row

ALL = os.environ.get("FAULTS") == "all"
LONG = pytest.mark.skipif(not ALL, reason="make faults takes it")
RATE = 50.0  # single events a second
QUIET_SECONDS = 5.0 if ALL else 2.0  # before a fault, and after it
COME_BACK = (429, 503)  # statuses that say when to come back
LONGEST = 4.0  # between hurting and healing, in the short form

Recorded = Callable[[], Counter[str]]


def try_all(faults: Sequence[Fault], hurt: Hurt, world: World, recorded: Recorded | None, rows: list[Row]) -> list[str]:
    """Try one fault after the other; add their rows, and return what broke of what was promised."""
    broken = []
    for fault in faults:
        row, found = try_one(fault, hurt, world, recorded)
        print(row.line(), *found, sep="\n    ", flush=True)
        rows.append(row)
        broken += [f"{fault.name}: {each}" for each in found]
    return broken


def try_one(fault: Fault, hurt: Hurt, world: World, recorded: Recorded | None) -> tuple[Row, list[str]]:
    """Single events at a steady rate, a fault in the midst of them, and what became of both."""
    lost_before, took_hold = hurt.counted_lost(), fault.took_hold(hurt)
    with clients(hurt.product.scoring, world.token, rate=RATE) as seen:
        time.sleep(QUIET_SECONDS)
        at = time.monotonic()
        try:
            fault.hurt(hurt)
            heal_at = time.monotonic() + (fault.seconds if ALL else min(fault.seconds, LONGEST))
            broken = missing(took_hold)
            time.sleep(max(0.0, heal_at - time.monotonic()))
        finally:
            fault.heal(hurt)
        hurt.wait_until_whole()
        time.sleep(QUIET_SECONDS)
    ended = time.monotonic()
    refusals = (fault.refuses_with,) if fault.refuses_with else ()
    ledger = settle(world, seen, recorded, counted_lost=lambda: hurt.counted_lost() - lost_before, refusals=refusals)
    kept_after = time.monotonic() - ended
    well_after = seen.well_after(at)
    broken += ledger.broken() + _promised(fault, seen, well_after, ledger)
    return row(fault.name, seen, well_after, kept_after, ledger), broken


def row(
    fault: str,
    seen: Seen,
    well_after: float,
    kept_after: float = 0.0,
    ledger: Ledger | None = None,
    refusals: tuple[int, ...] = (),
) -> Row:
    """`ledger`: None for batches, whose events have no ids of their own; `refusals` are those of batches."""
    return Row(
        fault=fault,
        requests=len(seen.sent),
        answered=len(seen.answered),
        refused=seen.count(*(ledger.refusals if ledger else refusals)),
        failed=seen.count(0),
        median=seen.milliseconds(50),
        slowest=seen.milliseconds(99),
        well_after=well_after,
        kept_after=kept_after,
        lost=ledger.lost if ledger else 0,
        doubled=ledger.doubled if ledger else 0,
    )


def _promised(fault: Fault, seen: Seen, well_after: float, ledger: Ledger) -> list[str]:
    """What clients were promised and did not get; times are held to in the long form alone, on a machine of its own."""
    failed = seen.count(0)
    found = [f"{failed} requests failed, of {fault.may_fail} that may"] if failed > fault.may_fail else []
    if fault.refuses_with and not seen.count(fault.refuses_with):
        found.append(f"no event was refused with {fault.refuses_with}: {dict(seen.statuses)}")
    if hasty := [each for each in seen.of(*COME_BACK) if not each.retry_after]:
        found.append(f"{len(hasty)} events were refused without Retry-After")
    if fault.falls_back not in {each.degraded for each in seen.sent} | {""}:
        found.append(f"no fallback has answered for {fault.falls_back}")
    if ledger.lost and not fault.may_lose:
        found.append(f"{ledger.lost} events are lost")
    if ALL and well_after > fault.well_within:
        found.append(f"well after {well_after:.1f} s, not within {fault.well_within:g} s")
    return found
