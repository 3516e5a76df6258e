"""Bad releases and damaged model files under load: what was served before goes on, or the fallback answers."""

import time

import pytest

from muse_site.driving.client import wait
from tests.factories import World, serve
from tests.faults.conservation import settle
from tests.faults.fault import Fault
from tests.faults.hurting import Hurt
from tests.faults.load import clients
from tests.faults.models import MODELS, SLOW
from tests.faults.table import Row
from tests.faults.trial import LONG, Recorded, row, try_all
from tests.live.clients import serves

pytestmark = [pytest.mark.live, LONG]


def test_product__bad_releases_and_model_files_under_load__fails_no_request(
    hurt: Hurt, world: World, recorded: Recorded, rows: list[Row]
) -> None:
    assert try_all(MODELS, hurt, world, recorded, rows) == []


@pytest.mark.parametrize("fault", SLOW, ids=lambda fault: fault.name)
def test_product__slow_model_of_one_tenant_under_load__fails_no_request_of_another(
    hurt: Hurt, world: World, recorded: Recorded, rows: list[Row], fault: Fault
) -> None:
    """Who is in line behind a run of five seconds waits for it, and is answered."""
    bank = serve("bank")
    wait(lambda: serves(hurt.product.scoring, bank), "the other tenant to be served", 60.0)
    with clients(hurt.product.scoring, bank.token, rate=10.0, count=4) as other:
        began = time.monotonic()
        broken = try_all([fault], hurt, world, recorded, rows)
    ledger = settle(bank, other, None)
    rows.append(row(f"Another tenant meanwhile: {fault.name}", other, other.well_after(began), ledger=ledger))
    print(rows[-1].line())
    assert broken + ledger.broken() == []
    assert set(other.statuses) == {200}
