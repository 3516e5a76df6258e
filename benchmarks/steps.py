"""The single steps of the benchmark, each through the product's API: default transforms, fits, releases, scoring."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.events import Events
from benchmarks.product import INTENT, Setup, Tenant, as_parquet
from muse_site.driving.client import Json
from muse_site.driving.two_people import Proposal

_BATCH = 5_000
_REASON = "What the benchmark measures."
_GATE_REASON = "The benchmark publishes whatever the evidence says, and measures what comes of it."


@dataclass(frozen=True)
class Wanted:
    """A fit to be asked for; `first` to before `end` are the days whose events it takes."""

    tenant: Tenant
    arm: str
    predictor: str
    first: int
    end: int
    source: Json


@dataclass(frozen=True)
class Fitted:
    """A transform by id, and the number of events that it was fitted on."""

    transform: int
    n: int


Fits = dict[tuple[str, str], Fitted]  # by tenant and arm
Targets = dict[str, tuple[Json, list[Json]]]  # what is live and its shadows, by tenant


@dataclass
class Steps:
    """`answers`: what scoring returned (probability, score), by tenant and event."""

    setup: Setup
    data: Events
    answers: dict[str, dict[int, tuple[float, float]]] = field(default_factory=dict)

    def target(self, model: str, transform: int) -> Json:
        return {"predictor": self.setup.predictors[model], "transform": transform}

    def default_target(self, tenant: Tenant, model: str) -> Json:
        """A model with a transform of its own validation scores."""
        predictor = self.setup.predictors[model]
        body = {"intent": INTENT, "predictor": predictor, "reference": self.setup.reference}
        transform = self.setup.console.post(f"tenants/{tenant.slug}/transforms", body)
        return self.target(model, transform["id"])

    def recorded(
        self, tenant: Tenant, arm: str, model: str, first: int, end: int, half_life: float | None = None
    ) -> Wanted:
        """A fit on what was recorded of a model, live or as a shadow, from day `first` to before day `end`."""
        source = {"kind": "recorded", "as_of": self.data.time_of(end), "days": end - first, "half_life_days": half_life}
        return Wanted(tenant, arm, self.setup.predictors[model], first, end, source)

    def uploaded(
        self, tenant: Tenant, arm: str, model: str, first: int, end: int, values: NDArray[np.float64]
    ) -> Wanted:
        """A fit on a sample of probabilities that is uploaded here."""
        files = {"file": (f"{arm}.parquet", as_parquet("probability", values))}
        sample = self.setup.console.upload(f"tenants/{tenant.slug}/samples", {"name": arm}, files)
        source = {"kind": "sample", "sample": sample["id"]}
        return Wanted(tenant, arm, self.setup.predictors[model], first, end, source)

    def fit(self, wanted: Sequence[Wanted]) -> Fits:
        """Fit transforms, all at once."""
        console, reference = self.setup.console, self.setup.reference
        requests = [console.fit(each.tenant.slug, INTENT, each.predictor, reference, each.source) for each in wanted]
        done = {}
        for each, fit in zip(wanted, requests, strict=True):
            transform = console.wait_for_fit(each.tenant.slug, fit)["transform"]
            n = len(self.data.rows(each.tenant.place, each.first, each.end))
            done[each.tenant.slug, each.arm] = Fitted(transform, n)
        return done

    def publish(self, targets: Targets, title: str, window: Json | None = None) -> dict[str, Json]:
        """Let one person propose what is live and its shadows, by tenant, and another approve it, until it is served.

        Returns the evidence that it was approved by; `window` is that of its events.
        """

        def publish(slug: str) -> tuple[int, Json]:
            live, shadows = targets[slug]
            routes = {INTENT: [{"name": "all", "live": live, "shadows": shadows}]}
            return self.setup.people.publish(Proposal(slug, title, _REASON, _GATE_REASON, routes, window))

        with ThreadPoolExecutor(len(targets)) as pool:
            done = dict(zip(targets, pool.map(publish, targets), strict=True))
        self.setup.console.wait_until_served({slug: number for slug, (number, _) in done.items()})
        return {slug: evidence for slug, (_, evidence) in done.items()}

    def score(self, first: int, end: int) -> None:
        """Score all events of these days, two tenants at a time, and wait until they are in the tables."""
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda tenant: self._score(tenant, first, end), self.setup.tenants))
        self.setup.console.wait_until_kept()

    def _score(self, tenant: Tenant, first: int, end: int) -> None:
        answers = self.answers.setdefault(tenant.slug, {})
        for rows in _pieces(self.data.rows(tenant.place, first, end)):
            for result in tenant.scoring.score_batch(INTENT, self.data.sent(rows))["results"]:
                answers[int(result["event_id"])] = (result["probability"], result["score"])


def _pieces(rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]
