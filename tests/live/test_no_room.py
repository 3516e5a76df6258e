"""No room for events: scoring goes on, and every answered event is either kept or counted as lost, and shown so."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from muse_site.driving.client import Console, wait
from muse_site.driving.running import Product
from scoring.queue.lanes import LaneReader, lanes
from scoring.queue.record import decode
from tenants.roles import Role
from tenants.services import create_personal_token
from tests.factories import make_person, serve
from tests.live.clients import Answers, scores_on, scoring_clients

pytestmark = pytest.mark.live

# Nothing is consumed meanwhile, so that what was recorded is still in the segments.
UNCONSUMED = {"MUSE_FLUSH_SECONDS": "600", "MUSE_FLUSH_EVENTS": "10000000"}


@pytest.fixture
def console(product: Product, transactional_db: None) -> Iterator[Console]:
    token = create_personal_token(person=make_person(role=Role.VIEWER), name="tests", actor=None)[1]
    with Console(product.console, token) as opened:
        yield opened


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MiB for the product's segments, made before it starts."""
    folder = tmp_path / "data" / "segments"
    folder.mkdir(parents=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("product", [UNCONSUMED | {"MUSE_SEGMENTS_MAX_BYTES": "1048576"}], indirect=True, ids=["bound"])
def test_scoring__at_the_bound_of_all_segments__goes_on_and_shows_the_loss(
    product: Product, console: Console, tmp_path: Path
) -> None:
    world = serve()
    with scoring_clients(product.scoring, world) as answers:
        wait(lambda: counted(product), "the loss to be counted", 60.0)
        scores_on(answers)
    assert answers.failures == []
    check_loss(answers, recorded(tmp_path / "data" / "segments"), product, console)


@pytest.mark.parametrize("product", [UNCONSUMED], indirect=True, ids=["disk"])
def test_scoring__disk_full__goes_on_and_shows_the_loss_and_keeps_events_again_when_there_is_room(
    small_disk: Path, product: Product, console: Console
) -> None:
    world = serve()
    with scoring_clients(product.scoring, world) as answers:
        wait(lambda: counted(product), "the loss to be counted", 60.0)
        scores_on(answers)
        subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
        scores_on(answers)
        before = len(answers.given)
        scores_on(answers)
    assert answers.failures == []
    kept = recorded(small_disk)
    assert {answer["event_id"] for _, answer in answers.given[before + 50 :]} <= kept
    check_loss(answers, kept, product, console)


def recorded(segments: Path) -> set[str]:
    """The ids of all events in the segments."""
    readers = [LaneReader(segments, lane) for lane in lanes(segments)]
    groups = [group for reader in readers for group in iter(reader.read, [])]
    return {decode(payload).event_id for each in groups for group in each for payload in group.records}


def check_loss(answers: Answers, kept: set[str], product: Product, console: Console) -> None:
    """What was answered and is not there is exactly what is counted, in the metrics and in the console."""
    lost = len(answers.event_ids().keys() - kept)
    assert 0 < lost < len(answers.given)
    wait(lambda: counted(product) == lost, "the metrics to count the loss", 15.0)
    wait(lambda: shown(console) == lost, "the console to show the loss", 15.0)


def counted(product: Product) -> float:
    text = httpx.get(f"{product.scoring}/metrics", trust_env=False).text
    lines = (line for line in text.splitlines() if line.startswith("muse_events_lost_total"))
    return sum(float(line.split()[-1]) for line in lines)


def shown(console: Console) -> int:
    return sum(process["lost_events"] for process in console.get("serving")["processes"])
