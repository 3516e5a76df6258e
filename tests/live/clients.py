"""Clients that score one event after the other, all the time, and keep every answer."""

import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import pyarrow as pa
from django.utils import timezone

from muse_site.driving.client import Scoring, wait
from scoring.lake import delta
from scoring.models import ConsumerLane
from tests.documents import EVENT
from tests.factories import World

Json = dict[str, Any]


@dataclass
class Answers:
    """What clients sent and got, and what failed."""

    given: list[tuple[Json, Json]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def releases(self) -> Counter[int]:
        """How many answers each release has given."""
        return Counter(answer["release"] for _, answer in list(self.given))

    def event_ids(self) -> Counter[str]:
        return Counter(answer["event_id"] for _, answer in self.given)


@contextmanager
def scoring_clients(address: str, world: World, count: int = 4, *, tries: int = 1) -> Iterator[Answers]:
    """Begins once the tenant is served; at the end every client has its last answer.

    `tries`: how often an event is sent, under the same id, where the connection breaks.
    """
    wait(lambda: serves(address, world), "the tenant to be served", 30.0)
    answers, stop = Answers(), threading.Event()

    def score(seed: int) -> None:
        chance = random.Random(seed)
        with Scoring(address, world.token) as client:
            while not stop.is_set():
                _once(client, world, answers, _event(chance), tries)

    threads = [threading.Thread(target=score, args=(seed,)) for seed in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def kept_ids(world: World) -> Counter[str]:
    """How often each event is in the tenant's event table."""
    table = delta.open_table(delta.TableName(world.tenant.pk, world.intent.name, "events"))
    found = pa.table(table.to_pyarrow_dataset().to_table(columns=["event_id"])) if table else pa.table({"event_id": []})
    return Counter(found.column("event_id").to_pylist())


def kept_after(world: World, seconds: float = 60.0) -> Counter[str]:
    """The event table, once the consumer has committed everything that was recorded before this call."""
    since = timezone.now()
    wait(lambda: _is_consumed(since), "the event consumer", seconds)
    return kept_ids(world)


def _is_consumed(since: datetime) -> bool:
    lanes = ConsumerLane.objects.all()
    return bool(lanes) and all(lane.seen_at > since and lane.behind_bytes == 0 for lane in lanes)


def scores_on(answers: Answers) -> None:
    """Wait until clients have got another hundred answers."""
    before = len(answers.given)
    wait(lambda: len(answers.given) > before + 100, "scoring to go on", 20.0, pause=0.1)


def serves(address: str, world: World) -> bool:
    """By twenty connections, each of which one of several processes has taken, and keeps."""
    with ExitStack() as opened:
        clients = [opened.enter_context(Scoring(address, world.token)) for _ in range(20)]
        try:
            return all(client.score(world.intent.name, {"features": EVENT}) for client in clients)
        except Exception:
            return False


def _event(chance: random.Random) -> Json:
    features = {**EVENT, "amount": round(chance.gammavariate(2.0, 60.0), 2), "hour": chance.randrange(24)}
    return {"event_id": str(uuid.UUID(int=chance.getrandbits(128), version=4)), "features": features}


def _once(client: Scoring, world: World, answers: Answers, event: Json, tries: int) -> None:
    for left in reversed(range(tries)):
        try:
            answers.given.append((event, client.score(world.intent.name, event)))
            return
        except httpx.TransportError as error:
            if not left:
                answers.failures.append(f"{type(error).__name__}: {error}")
            time.sleep(0.05)
        except Exception as error:  # whatever it is, a client was not served
            answers.failures.append(f"{type(error).__name__}: {error}")
            return
