"""The present product, on a data folder that an earlier version has filled."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from muse_site.driving.client import Console, Json
from muse_site.driving.running import Product, free_ports, running
from muse_site.embedded import Postgres, remove_run_directory
from tests.upgrade import folders
from tests.upgrade.folders import Texts


@dataclass(frozen=True)
class Upgraded:
    """`said`: by the version that filled the folder. `rows`, `texts`: what its database had before the upgrade."""

    said: dict[str, Any]
    rows: dict[str, set[str]]
    texts: Texts
    postgres: Postgres
    product: Product
    admin: Console
    approver: Console

    @property
    def tenants(self) -> dict[str, Any]:
        found: dict[str, Any] = self.said["tenants"]
        return found

    def explained(self, slug: str, event_id: str) -> Json:
        found: Json = self.admin.get(f"tenants/{slug}/events/{quote(event_id, safe='')}")
        return found


@pytest.fixture(scope="module", params=folders.names())
def upgraded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    """It came up, and its consumer has read what the earlier one had not."""
    name: str = request.param
    state, data = folders.state(name), tmp_path_factory.mktemp("upgraded") / "data"
    rows, texts = folders.unpack(name, data)
    scoring, console = free_ports(2)
    with ExitStack() as stack:
        stack.callback(remove_run_directory, data)
        started = running(data, scoring_port=scoring, console_port=console, log=_log(data), env=folders.ENVIRONMENT)
        product = stack.enter_context(started)
        admin, approver = (
            stack.enter_context(Console(product.console, state["tokens"][f"{each}@example.com"]))
            for each in ("admin", "approver")
        )
        admin.wait_until_kept()
        yield Upgraded(state, rows, texts, Postgres(data), product, admin, approver)


def _log(data: Path) -> Path:
    return data.parent / "product.log"
