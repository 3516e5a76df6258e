"""The product that is hurt, a tenant that it serves, a witness of its segments, and the rows of what became of them."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from muse_site.driving.client import wait
from muse_site.driving.running import Product
from tests.factories import World, serve
from tests.faults import table
from tests.faults.hurting import Hurt
from tests.faults.trial import ALL
from tests.faults.witness import watching
from tests.live.clients import serves
from tests.live.conftest import ENV, assets, product

__all__ = ["assets", "product"]


@pytest.fixture
def hurt(request: pytest.FixtureRequest, product: Product, world: World, tmp_path: Path) -> Iterator[Hurt]:
    found = Hurt(product, world, tmp_path / "data", tmp_path / "product.log", ENV | getattr(request, "param", {}))
    yield found
    found.end()


@pytest.fixture
def world(product: Product) -> World:
    """A tenant that is served."""
    found = serve("acme")
    wait(lambda: serves(product.scoring, found), "the tenant to be served", 60.0)
    return found


@pytest.fixture
def recorded(hurt: Hurt, world: World, tmp_path: Path) -> Iterator[Callable[[], Counter[str]]]:
    """How often each of the tenant's events was recorded in segments."""
    with watching(hurt.data / "segments", tmp_path / "witness") as witness:
        yield lambda: witness.events(world.tenant.pk)


@pytest.fixture
def rows() -> Iterator[list[table.Row]]:
    """Rows that a test adds to; in the long form they are written into the document, whatever became of the test."""
    found: list[table.Row] = []
    yield found
    if ALL and found:
        table.write(found)
