"""New code, and processes that come and go, under load: clients notice none of it."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from muse_site.driving.client import wait
from muse_site.driving.running import Product
from muse_site.supervisor import proctable
from scoring.models import ServingProcess
from tenants.scope import platform_scope
from tests.factories import World, serve
from tests.live.clients import Answers, kept_after, scores_on, scoring_clients

pytestmark = pytest.mark.live


def test_deploy__under_load__fails_no_request_of_either_service(product: Product, tmp_path: Path) -> None:
    world = serve()
    before = speaking()
    with under_load(product, world) as answers:
        os.kill(supervisor(tmp_path), signal.SIGUSR1)
        wait(lambda: "everything is renewed" in (tmp_path / "product.log").read_text(), "the renewal", 300.0, pause=1.0)
        assert not alive(before), "old processes still serve"
        scores_on(answers)
    assert answers.failures == []
    assert lost_or_doubled(world, answers) == []


def test_scoring_processes__all_asked_to_end_under_load__no_request_fails(product: Product) -> None:
    world = serve()
    with under_load(product, world) as answers:
        for number in (signal.SIGTERM, signal.SIGHUP):
            before = alive(speaking())
            assert len(before) == 2
            for pid in before:
                os.kill(pid, number)
            wait(lambda before=before: len(alive(speaking()) - before) == 2, "others in their place", 60.0)
            scores_on(answers)
    assert answers.failures == []
    assert lost_or_doubled(world, answers) == []


def test_scoring_processes__killed_one_after_the_other__new_connections_are_never_refused(product: Product) -> None:
    world = serve()
    with scoring_clients(product.scoring, world, tries=20) as answers:
        wait(lambda: len(alive(speaking())) == 2, "both to speak", 30.0)
        before = speaking()
        for pid in alive(before):
            os.kill(pid, signal.SIGKILL)
            httpx.get(f"{product.scoring}/healthz", timeout=30.0).raise_for_status()
        wait(lambda: len(alive(speaking() - before)) == 2, "others in their place", 60.0)
        scores_on(answers)
    assert answers.failures == []


def lost_or_doubled(world: World, answers: Answers) -> list[str]:
    kept = kept_after(world)
    return [event for event in answers.event_ids() if kept[event] != 1]


@contextmanager
def under_load(product: Product, world: World) -> Iterator[Answers]:
    """Clients that keep their connections, while both processes have spoken."""
    with scoring_clients(product.scoring, world, count=2) as answers:
        wait(lambda: len(alive(speaking())) == 2, "both processes to speak", 30.0)
        scores_on(answers)
        yield answers


def supervisor(folder: Path) -> int:
    return int((folder / "data" / "supervisor.lock").read_text())


def speaking() -> set[int]:
    """All scoring processes that ever spoke."""
    with platform_scope():
        return set(ServingProcess.objects.values_list("pid", flat=True))


def alive(pids: set[int]) -> set[int]:
    found = {pid: proctable.entry(pid) for pid in pids}
    return {pid for pid, entry in found.items() if entry and not entry.gone}
