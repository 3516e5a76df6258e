"""The mixed work of a soak: single events, batches, labels, fits, publications by two people, roll backs, lookings."""

import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from datetime import time as time_of_day
from functools import partial
from itertools import count, cycle
from pathlib import Path

import httpx
import numpy as np
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from benchmarks import fleet
from benchmarks.requests import Traffic
from muse_site.demo.profiles import INTENT
from muse_site.driving.client import ApiError, GaveUp, Json, Scoring
from muse_site.driving.two_people import Proposal, TwoPeople

SINGLES_PER_SECOND = 40.0
BATCH, BATCH_EVERY = 1_000, 2.0
LABELS, LABELS_EVERY = 200, 2.0
LOOKS_EVERY = 3.0
SWAPS_EVERY = 10.0  # between a fit with its publication, a roll back, and so on
IDEMPOTENCY_SECONDS = 60  # the consumer remembers the ids of so long, which shall not grow while we look
_REASON = "What the soak does."
_GATE_REASON = "The soak publishes whatever the evidence says."


@dataclass
class Work:
    """All that is done to the product. `done` by kind; `failed`: in words, what was not answered as it should be."""

    people: fleet.People
    tenants: Sequence[fleet.Tenant]
    scoring: str
    predictors: Sequence[str]
    reference: str
    swaps_every: float = SWAPS_EVERY
    done: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    _outcomes: deque[tuple[int, list[Json]]] = field(default_factory=lambda: deque(maxlen=20))
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def _window(self) -> Json:
        """What was recorded before the soak: each fit, and each evidence, has the same to do."""
        today = datetime.combine(datetime.now(UTC).date(), time_of_day(), UTC)
        return {"as_of": today.isoformat(), "days": float(fleet.HISTORY_DAYS)}

    def begin(self) -> None:
        """Serve all tenants with a short time of idempotency."""
        for tenant in self.tenants:
            changed = {"idempotency_seconds": IDEMPOTENCY_SECONDS}
            self.people.admin.patch(f"tenants/{tenant.slug}/intents/{INTENT}", changed)
            predictor = self.predictors[0]
            transform = fleet.default_transform(self.people.admin, tenant, predictor, self.reference)
            fleet.publish(self.people.admin, tenant, predictor, transform)

    @contextmanager
    def going_on(self) -> Iterator[Traffic]:
        """As long as the block, all at once, each at its own pace; at the end what was begun is finished."""
        acts = [
            (BATCH_EVERY, self._batches()),
            (LABELS_EVERY, self._labels()),
            (LOOKS_EVERY, self._looks()),
            (self.swaps_every, self._swaps()),
        ]
        threads = [threading.Thread(target=self._every, args=act) for act in acts]
        with Traffic(self.tenants, SINGLES_PER_SECOND) as traffic:
            for each in threads:
                each.start()
            try:
                yield traffic
            finally:
                self._stop.set()
                for each in threads:
                    each.join()
        self.done["single events"] = len(traffic.seconds) - len(traffic.failed)
        self.failed += traffic.failed

    def _every(self, seconds: float, acts: Iterator[tuple[str, Callable[[], int]]]) -> None:
        for name, act in acts:
            if self._stop.wait(seconds):
                return
            try:
                self.done[name] += act()
            except (ApiError, GaveUp, httpx.HTTPError) as error:
                self.failed.append(f"{name}: {type(error).__name__}: {error}")

    def _batches(self) -> Iterator[tuple[str, Callable[[], int]]]:
        chance = np.random.default_rng(6)
        for place in cycle(range(len(self.tenants))):
            yield "events in batches", partial(self._batch, place, chance)

    def _batch(self, place: int, chance: np.random.Generator) -> int:
        tenant = self.tenants[place]
        payments = tenant.simulator.at(np.full(BATCH, time.time_ns() // 1000), chance)
        tenant.scoring.score_batch(INTENT, payments.events())
        outcomes = zip(payments.event_ids[:LABELS], payments.fraud[:LABELS].tolist(), strict=True)
        labels = [{"intent": INTENT, "event_id": event_id, "label": label} for event_id, label in outcomes]
        self._outcomes.append((place, labels))
        return BATCH

    def _labels(self) -> Iterator[tuple[str, Callable[[], int]]]:
        """Of what was scored in batches, sometimes for the second time."""
        clients = [Scoring(self.scoring, self._label_key(tenant)) for tenant in self.tenants]
        chance = random.Random(7)

        def label() -> int:
            place, labels = chance.choice(list(self._outcomes))
            clients[place].label(labels)
            return len(labels)

        while True:
            yield "labels", label if self._outcomes else lambda: 0

    def _label_key(self, tenant: fleet.Tenant) -> str:
        body = {"name": "labels", "scopes": ["label"]}
        return str(self.people.admin.post(f"tenants/{tenant.slug}/keys", body)["key"])

    def _looks(self) -> Iterator[tuple[str, Callable[[], int]]]:
        """What people's programs ask the console for."""
        of_tenants = ("releases", "changes", "fits", "incidents", "transforms", f"intents/{INTENT}")
        paths = ["serving", *(f"tenants/{each.slug}/{what}" for each in self.tenants for what in of_tenants)]
        for path in cycle(paths):
            yield "looks", partial(self._look, path)

    def _look(self, path: str) -> int:
        self.people.admin.get(path)
        return 1

    def _swaps(self) -> Iterator[tuple[str, Callable[[], int]]]:
        """For one tenant after the other: a fit and its publication, then a roll back to what was before."""
        fits: dict[str, int] = {}
        for number, tenant, predictor in zip(count(1), cycle(self.tenants), _by_turns(self.predictors, self.tenants)):
            yield "fits", partial(self._fit, tenant, predictor, fits)
            yield "releases", partial(self._publish, tenant, predictor, fits, number)
            yield "roll backs", partial(self._roll_back, tenant)

    def _fit(self, tenant: fleet.Tenant, predictor: str, fits: dict[str, int]) -> int:
        source = {"kind": "replay", **self._window}  # of a predictor that may never have answered
        asked = self.people.admin.fit(tenant.slug, INTENT, predictor, self.reference, source)
        fits[tenant.slug] = self.people.admin.wait_for_fit(tenant.slug, asked)["transform"]
        return 1

    def _publish(self, tenant: fleet.Tenant, predictor: str, fits: dict[str, int], number: int) -> int:
        if (transform := fits.pop(tenant.slug, None)) is None:  # its fit has failed, and that was told
            return 0
        routes = {INTENT: [{"name": "all", "live": {"predictor": predictor, "transform": transform}}]}
        two = TwoPeople(self.people.analyst, self.people.approver)
        release, _ = two.publish(Proposal(tenant.slug, f"Soak {number}", _REASON, _GATE_REASON, routes, self._window))
        self.people.admin.wait_until_served({tenant.slug: release})
        return 1

    def _roll_back(self, tenant: fleet.Tenant) -> int:
        latest = self.people.admin.get(f"tenants/{tenant.slug}/releases", limit=1)["results"][0]["number"]
        body = {"number": max(1, latest - 1), "reason": _REASON, "break_glass": True}
        release = self.people.admin.post(f"tenants/{tenant.slug}/releases/rollback", body)["number"]
        self.people.admin.wait_until_served({tenant.slug: release})
        return 1


def kept(people: fleet.People, tenants: Sequence[fleet.Tenant], lake: Path) -> int:
    """Events in the tables of these tenants, once the consumer has written all that was scored before."""
    people.admin.wait_until_kept(300.0)
    ids = [people.admin.get(f"tenants/{tenant.slug}")["id"] for tenant in tenants]
    total = 0
    for each in ids:
        with suppress(TableNotFoundError):
            total += DeltaTable(str(lake / str(each) / INTENT / "events")).count()
    return total


def _by_turns(predictors: Sequence[str], tenants: Sequence[fleet.Tenant]) -> Iterator[str]:
    """Each predictor for all tenants, then the next."""
    for predictor in cycle(predictors):
        for _ in tenants:
            yield predictor
