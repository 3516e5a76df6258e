"""One tenant offers three times what can be scored, in batches, and ten times while another scores single events.

What is served is as fast as can be, so that its capacity in bytes is what this machine copies: how much is scored of
what, and how long others take, is told, not judged. `python -m benchmarks.fairness` judges that.
"""

import time
from dataclasses import dataclass

import pytest

from muse_site.driving.client import wait
from muse_site.driving.running import Product
from tests.factories import World, serve
from tests.faults import table
from tests.faults.batches import Batches
from tests.faults.conservation import settle
from tests.faults.load import Seen, batch_of, clients
from tests.faults.trial import ALL, Recorded, row
from tests.live.clients import serves

pytestmark = pytest.mark.live

OVERLOAD_SECONDS = 10.0 if ALL else 4.0
EVENTS = 1_000  # of a batch
CLOSED, MOST = 8, 600  # connections: of who waits for each answer, and of who does not
REFUSALS = (429, 503)
BEYOND, FLOOD = 3.0, 10.0  # times what can be scored
KEPT_SECONDS = 600.0  # behind millions of events of the flood, which are kept first


@dataclass(frozen=True)
class Flooded:
    """`beyond`, `flood`: times what can be scored that was offered; `share`: of what can be, that was scored of it.

    `longer`: how many times the other tenant's 99th percentile, beside the flood.
    """

    rows: list[table.Row]
    capacity: float
    beyond: float
    flood: float
    share: float
    longer: float
    broken: list[str]

    @property
    def told(self) -> str:
        return (
            f"Offered {self.beyond:.1f} times its capacity of {self.capacity:.0f} batches a second, the product scored "
            f"{100 * self.share:.0f} % of it. Beside {self.flood:.1f} times, another tenant's 99th percentile was "
            f"{self.longer:.1f} times the one before."
        )


def test_product__offered_ten_times_its_capacity__sheds_and_serves_others(
    product: Product, world: World, recorded: Recorded
) -> None:
    """`world` is the one whose events are counted; the flood is of another."""
    flood = serve("flood")
    wait(lambda: serves(product.scoring, flood), "the other tenant to be served", 60.0)
    flooded = overload(product, flood, world, recorded)
    print(*(each.line() for each in flooded.rows), flooded.told, sep="\n")
    assert flooded.broken == []
    if ALL:
        table.write(flooded.rows, flooded.told)


def overload(product: Product, acme: World, bank: World, recorded: Recorded) -> Flooded:
    batches(product, acme, 1e6, CLOSED).seen()  # a process that has just started gives less
    capacity = goodput(batches(product, acme, 1e6, CLOSED).seen())
    beyond = batches(product, acme, BEYOND * capacity, MOST).seen()
    with clients(product.scoring, bank.token, rate=20.0, count=4) as quiet:
        time.sleep(OVERLOAD_SECONDS)
    flood, at = batches(product, acme, FLOOD * capacity, MOST), time.monotonic()
    with clients(product.scoring, bank.token, rate=20.0, count=4) as other:
        offered = flood.seen()
    for each in (beyond, offered):
        assert set(each.statuses) <= {200, *REFUSALS}
        assert all(one.retry_after for one in each.of(*REFUSALS))
    assert offered.count(*REFUSALS), "what was offered was no overload"
    assert set(other.statuses) == {200}
    before, ledger = (settle(bank, seen, recorded, KEPT_SECONDS) for seen in (quiet, other))
    rows = [
        row(
            "Three times what can be scored, in batches of 1,000",
            beyond,
            beyond.well_after(beyond.sent[0].due),
            refusals=REFUSALS,
        ),
        row("Ten times what can be scored, in batches of 1,000", offered, offered.well_after(at), refusals=REFUSALS),
        row("Another tenant's single events before that", quiet, 0.0, ledger=before),
        row("Another tenant's single events meanwhile", other, other.well_after(at), ledger=ledger),
    ]
    return Flooded(
        rows=rows,
        capacity=capacity,
        beyond=rate(beyond) / capacity,
        flood=rate(offered) / capacity,
        share=goodput(beyond) / capacity,
        longer=other.milliseconds(99) / quiet.milliseconds(99),
        broken=before.broken() + ledger.broken(),
    )


def rate(seen: Seen) -> float:
    """Batches that were begun to be sent in a second."""
    return len(seen.sent) / OVERLOAD_SECONDS


def goodput(seen: Seen) -> float:
    """Batches that were scored in a second, until the last of them had its answer."""
    begun, ended = min(each.due for each in seen.sent), max(each.due + each.seconds for each in seen.answered)
    return len(seen.answered) / (ended - begun)


def batches(product: Product, world: World, rate: float, most: int) -> Batches:
    body = batch_of(EVENTS)
    return Batches(product.scoring, world.token, body, rate=rate, most=most, seconds=OVERLOAD_SECONDS)
