"""Clients that score one event after the other, all the time, and note every answer."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from muse_site.client import Scoring, wait
from tests.documents import EVENT
from tests.factories import World


@dataclass
class Answers:
    """What clients got: how many answers of which release, and what failed."""

    releases: dict[int, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


@contextmanager
def scoring_clients(address: str, world: World, count: int = 4) -> Iterator[Answers]:
    """Begins once the tenant is served; at the end every client has its last answer."""
    wait(lambda: _serves(address, world), "the tenant to be served", 30.0)
    answers, stop, lock = Answers(), threading.Event(), threading.Lock()

    def score() -> None:
        with Scoring(address, world.token) as client:
            while not stop.is_set():
                _once(client, world, answers, lock)

    threads = [threading.Thread(target=score) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _once(client: Scoring, world: World, answers: Answers, lock: threading.Lock) -> None:
    try:
        release = client.score(world.intent.name, {"features": EVENT})["release"]
    except Exception as error:  # whatever it is, a client was not served
        answers.failures.append(f"{type(error).__name__}: {error}")
        return
    with lock:
        answers.releases[release] = answers.releases.get(release, 0) + 1


def _serves(address: str, world: World) -> bool:
    """Twenty times in a row: there are several processes."""
    with Scoring(address, world.token) as client:
        try:
            return all(client.score(world.intent.name, {"features": EVENT}) for _ in range(20))
        except Exception:
            return False
