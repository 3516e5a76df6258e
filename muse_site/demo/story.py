"""The demonstration from the first tenant to live traffic, all over REST. Begun again, it does what is missing."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import TypeVar

from muse_site.demo import shared
from muse_site.demo.history import History
from muse_site.demo.profiles import PROFILES, Profile
from muse_site.demo.progress import Progress
from muse_site.demo.simulator import Simulator
from muse_site.demo.tenant import DemoTenant
from muse_site.demo.traffic import Traffic
from muse_site.demo.training import Trained
from muse_site.driving.client import Console, Json, Scoring
from muse_site.driving.two_people import TwoPeople

# The first days are scored on default transforms, and the last of them are what custom ones are fitted on: as long as
# a wave of fraud, and near enough to the end that what has changed since is little.
DAYS, BEFORE_FIT, FITTED_ON = 60, 45, 27
# Outcomes come in of the second month, but for its last week.
_LABELLED = range(30, DAYS - 7)
_PER_SECOND = 3.0

T = TypeVar("T")


@dataclass(frozen=True)
class Actor:
    """A tenant in the demonstration: its key, and what speaks to the product for it."""

    tenant: DemoTenant
    key: str
    scoring: Scoring
    simulator: Simulator

    @property
    def slug(self) -> str:
        return self.tenant.profile.slug


class Story:
    """Tells the story to the product behind `console` and the scoring service's address."""

    def __init__(self, console: Console, people: TwoPeople, scoring: str, progress: Progress) -> None:
        self._console = console
        self._people = people
        self._scoring = scoring
        self._progress = progress
        self._lock = Lock()
        slugs = {profile.slug for profile in PROFILES}
        times = [datetime.fromisoformat(row["created_at"]) for row in console.pages("tenants") if row["slug"] in slugs]
        self._resumed = bool(times)
        self._start = first_day(min(times, default=datetime.now(UTC)))

    def tell(self, trained: Mapping[str, Future[Trained]]) -> list[Actor]:
        """Everything up to the second release; the actors can go on with live traffic."""
        say = self._progress.say
        if self._resumed:
            self._console.wait_until_kept()
        predictors = shared.predictors(self._console, trained, say)
        reference = shared.reference(self._console)
        actors = [self._actor(profile, predictors, reference) for profile in PROFILES]
        self._served(actors, lambda actor: actor.tenant.cold_start())
        say("three tenants are served by the old model, with the new one as its shadow, on default transforms")
        self._until_fit(actors)
        say("transforms are fitted on each tenant's own payments, approved and published")
        self._history(actors, BEFORE_FIT, DAYS)
        return actors

    def propose(self, actors: Sequence[Actor]) -> list[tuple[Json, Json]]:
        """A change request for each tenant, with evidence of what the new model would do."""
        self._console.wait_until_kept()
        proposed = _each(actors, lambda actor: actor.tenant.propose())
        for change, evidence in proposed:
            sentence = f"change request {change['number']} is {change['state']}, its verdict: {evidence['verdict']}"
            self._progress.say(f"{change['tenant']}: {sentence}")
        return proposed

    def live(self, actors: Sequence[Actor]) -> list[Traffic]:
        """Traffic for each actor, to be started."""
        return [Traffic(actor.scoring, actor.simulator, _PER_SECOND) for actor in actors]

    def _actor(self, profile: Profile, predictors: dict[str, str], reference: str) -> Actor:
        tenant = DemoTenant(self._console, self._people, profile, predictors, reference)
        key = tenant.set_up()
        return Actor(tenant, key, Scoring(self._scoring, key), Simulator(profile, self._start))

    def _until_fit(self, actors: Sequence[Actor]) -> None:
        """Score the first days, and fit on what was recorded."""
        if self._history(actors, 0, BEFORE_FIT):
            self._console.wait_until_kept()
        end = self._start + timedelta(days=BEFORE_FIT)
        self._served(actors, lambda actor: actor.tenant.fit(end, FITTED_ON))

    def _served(self, actors: Sequence[Actor], publish: Callable[[Actor], int]) -> None:
        """Publish a release of each tenant, and wait until all scoring processes serve them."""
        numbers = _each(actors, publish)
        self._console.wait_until_served({actor.slug: each for actor, each in zip(actors, numbers, strict=True)})

    def _history(self, actors: Sequence[Actor], first: int, end: int) -> int:
        """Send these days of all tenants at once; how many payments were still to be sent."""
        sent = 0

        def count(payments: int) -> None:
            nonlocal sent
            with self._lock:
                sent += payments
                self._progress.count(f"days {first + 1} to {end} of the history: {sent:,} payments scored …")

        def send(actor: Actor) -> int:
            return History(self._console, actor.scoring, actor.simulator).send(first, end, _LABELLED, count)

        total = sum(_each(actors, send))
        done = f"{total:,} payments scored" if total else "scored before"
        self._progress.say(f"days {first + 1} to {end} of the history: {done}")
        return total


def first_day(moment: datetime) -> date:
    """Where a history begins that ends at midnight before this moment."""
    return moment.astimezone(UTC).date() - timedelta(days=DAYS)


def _each(actors: Sequence[Actor], act: Callable[[Actor], T]) -> list[T]:
    with ThreadPoolExecutor(len(actors)) as pool:
        return list(pool.map(act, actors))
