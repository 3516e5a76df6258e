"""Clients that score, publish, roll back and label at once, while processes die: some order explains it all."""

import http.client
import json
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from urllib.parse import urlsplit

import httpx
import pytest
from django.db import connection

from scoring.lake import reading
from scoring.models import Release
from scoring.services import publish_document
from tenants.scope import platform_scope, tenant_scope
from tests.documents import EVENT
from tests.factories import World
from tests.faults.evidence import missing, replaced
from tests.faults.history import Answered, Labelled, Published, unexplained_labels, unexplained_releases
from tests.faults.hurting import SCORING, Hurt
from tests.faults.trial import ALL
from tests.live.clients import kept_after

pytestmark = pytest.mark.live

SECONDS = 60.0 if ALL else 10.0
LAG = 20.0  # a process that was just started has still to load what is live, on a machine with other work
EVENTS = [f"labelled-{number}" for number in range(5)]


class History:
    """What was done, by several threads at once."""

    def __init__(self, address: str, world: World) -> None:
        self.published: list[Published] = []
        self.answered: list[Answered] = []
        self.labelled: list[Labelled] = []
        self._address = address
        self._world = world
        self._stop = threading.Event()
        self._connections = iter(range(1 << 40))

    def run(self, seconds: float, meanwhile: Callable[[], None]) -> None:
        """Have everybody act for so long."""
        actors = [self._score] * 3 + [self._publish] * 2 + [self._label] * 3
        threads = [threading.Thread(target=act, args=(random.Random(seed),)) for seed, act in enumerate(actors)]
        for each in threads:
            each.start()
        time.sleep(seconds / 2)
        meanwhile()
        time.sleep(seconds / 2)
        self._stop.set()
        for each in threads:
            each.join()

    def _score(self, _chance: random.Random) -> None:
        """Over one connection after the other, none of which is made anew by itself."""
        body = json.dumps({"intent": self._world.intent.name, "features": EVENT})
        headers = {"Authorization": f"Bearer {self._world.token}", "Content-Type": "application/json"}
        while not self._stop.is_set():
            number, client = next(self._connections), http.client.HTTPConnection(urlsplit(self._address).netloc)
            with suppress(OSError, http.client.HTTPException), closing(client):
                client.connect()
                client.auto_open = 0
                while not self._stop.wait(0.01):
                    began = time.monotonic()
                    client.request("POST", "/api/v1/score", body, headers)
                    answer = json.loads(client.getresponse().read())
                    self.answered.append(Answered(began, time.monotonic(), answer["release"], number))

    def _publish(self, chance: random.Random) -> None:
        """Sometimes another document, sometimes an earlier one again."""
        while not self._stop.wait(chance.uniform(0.2, 1.5)):
            began = time.monotonic()
            with platform_scope():
                number = chance.choice(self.published).number if self.published else 1
                earlier = Release.objects.get(tenant=self._world.tenant, number=number)
                release = publish_document(
                    tenant=self._world.tenant, document=earlier.document, actor=None, reason="again",
                    republishes=earlier,
                )  # fmt: skip
            self.published.append(Published(began, time.monotonic(), release.number))
        connection.close()

    def _label(self, chance: random.Random) -> None:
        while not self._stop.wait(chance.uniform(0.0, 0.05)):
            event_id, label = chance.choice(EVENTS), chance.randrange(2)
            began = time.monotonic()
            body = {"labels": [{"intent": self._world.intent.name, "event_id": event_id, "label": label}]}
            ended = float("inf")  # one whose answer was cut off may come into effect, now or never
            with suppress(httpx.TransportError), self._client() as client:
                client.post("/api/v1/labels", json=body).raise_for_status()
                ended = time.monotonic()
            self.labelled.append(Labelled(began, ended, event_id, label))

    def _client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self._world.token}"}
        return httpx.Client(base_url=self._address, headers=headers, timeout=30.0, trust_env=False)


def test_releases_and_labels__concurrent_and_with_processes_killed__are_explained_by_some_order(
    hurt: Hurt, world: World
) -> None:
    history = History(hurt.product.scoring, world)
    first = Published(0.0, 0.0, 1)
    is_replaced = replaced(SCORING, first=True)(hurt)
    history.run(SECONDS, lambda: hurt.signal(signal.SIGKILL, *SCORING, first=True))
    assert missing(is_replaced) == []
    kept_after(world)
    with tenant_scope(world.tenant.pk):
        table = reading.labels(world.tenant.pk, world.intent.name)
    kept = dict(zip(table.column("event_id").to_pylist(), table.column("label").to_pylist(), strict=True))
    print(f"{len(history.published)} releases, {len(history.answered)} answers, {len(history.labelled)} labels")
    assert len({each.release for each in history.answered}) > 3
    assert unexplained_releases([first, *history.published], history.answered, LAG) == []
    assert unexplained_labels(history.labelled, kept) == []
