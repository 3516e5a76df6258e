"""The wall clock of the product set back, and forward, under load. Postgres, and the test, have their own."""

import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest

from tests.factories import World
from tests.faults.evidence import TookHold
from tests.faults.fault import Fault
from tests.faults.hurting import Hurt
from tests.faults.table import Row
from tests.faults.trial import LONG, Recorded, try_all

pytestmark = [pytest.mark.live, LONG]

HOUR = 3600
CLOSE = 60.0  # seconds, between a date and when it is read
SOURCE = Path(__file__).with_name("clock.c")


@pytest.fixture
def set_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Sets the wall clock of all processes of the product, which is still to start, to so many seconds from now."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler here")
    library, shift = tmp_path / "clock.so", tmp_path / "clock"
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(SOURCE), "-ldl"], check=True)
    shift.write_bytes(bytes(8))
    monkeypatch.setenv("LD_PRELOAD", str(library))
    monkeypatch.setenv("TEST_CLOCK_SHIFT", str(shift))

    def set_to(seconds: int) -> None:
        with shift.open("r+b") as file:  # in place: the processes have it in their memory
            file.write(seconds.to_bytes(8, "little", signed=True))

    return set_to


def shifted_by(seconds: int) -> TookHold:
    """Answers of the product are dated so far from now, as all its processes are told by the same file."""

    def is_shifted(hurt: Hurt) -> bool:
        answer = httpx.get(f"{hurt.product.scoring}/livez", trust_env=False)
        dated = parsedate_to_datetime(answer.headers["Date"])
        return abs((dated - datetime.now(UTC)).total_seconds() - seconds) < CLOSE

    return lambda hurt: lambda: is_shifted(hurt)


def test_product__clock_set_back_and_forward_under_load__loses_and_doubles_nothing(
    set_clock: Callable[[int], None], hurt: Hurt, world: World, recorded: Recorded, rows: list[Row]
) -> None:
    """Nothing sets it right again before what was answered is to be kept."""
    faults = [
        Fault("Clock set back by an hour", lambda _: set_clock(-HOUR), took_hold=shifted_by(-HOUR)),
        Fault("Clock set forward by two hours", lambda _: set_clock(HOUR), took_hold=shifted_by(HOUR)),
        Fault("Clock set right again", lambda _: set_clock(0), took_hold=shifted_by(0)),
    ]
    assert try_all(faults, hurt, world, recorded, rows) == []
