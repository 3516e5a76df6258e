"""Many tenants of one vendor in a product of the benchmark's own: set up, with recorded events, served by one model."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path

from benchmarks.product import as_parquet
from muse_site.demo.profiles import CONTEXT, FEATURES, INTENT, REFERENCE_POINTS, THRESHOLDS, Profile
from muse_site.demo.simulator import Simulator
from muse_site.demo.training import Trained, train_all
from muse_site.driving.client import Console, Scoring
from muse_site.driving.running import ROOT, free_ports, running

HISTORY_DAYS = 13  # the evidence looks 14 days back, and the last day is not over
OLD, NEW = "cards-old", "cards-new"
# Of 500 alerts (1 % of 50,000 events) the two models share a third, so a change is not known within the usual 10 %.
TOLERANCE = 0.2
# Services of the product's own, whatever the shell has: what is measured fills them.
OWN_SERVICES = {"DATABASE_URL": "", "DATABASE_OWNER_URL": "", "REDIS_URL": ""}
_BATCH = 10_000
Say = Callable[[str], None]


@dataclass(frozen=True)
class People:
    """Clients of a platform admin, who sets up, and of the two who propose and approve."""

    admin: Console
    analyst: Console
    approver: Console


@dataclass(frozen=True)
class Tenant:
    """One tenant: its simulated business, its key and a client of it."""

    simulator: Simulator
    key: str
    scoring: Scoring

    @property
    def slug(self) -> str:
        return self.simulator.profile.slug


@contextmanager
def product(log: Path) -> Iterator[tuple[People, str]]:
    """A product that lives as long as the block, as its data do: its people, the scoring address."""
    with tempfile.TemporaryDirectory(prefix="muse-benchmark-") as folder, product_in(Path(folder), log) as found:
        yield found


@contextmanager
def product_in(data: Path, log: Path, more: Mapping[str, str] | None = None) -> Iterator[tuple[People, str]]:
    """A product on this data folder, as long as the block; `more`: settings of it."""
    scoring_port, console_port = free_ports(2)
    # Publishing without review is for setting up only: what is measured goes through approvals.
    env = {
        "MUSE_LOG_FORMAT": "console",
        "MUSE_BREAK_GLASS": "1",
        "MUSE_FLUSH_SECONDS": "5",
        **OWN_SERVICES,
        **(more or {}),
    }
    with running(data, scoring_port=scoring_port, console_port=console_port, log=log, env=env) as found:
        tokens = [_token(data, role) for role in ("admin", "analyst", "approver")]
        yield People(*(Console(found.console, token) for token in tokens)), found.scoring


def set_up(people: People, scoring: str, count: int, say: Say) -> tuple[list[Tenant], dict[str, str], str]:
    """Models and tenants; the tenants, predictors by model, and the reference's key."""
    start = datetime.now(UTC).date() - timedelta(days=HISTORY_DAYS)
    trained = {name: future.result() for name, future in train_all(start).items()}
    predictors = {name: register(people.admin, each) for name, each in trained.items()}
    body = {"name": "alerts", "kind": "curve", "parameters": {"points": REFERENCE_POINTS}}
    reference = people.admin.post("references", body)["key"]
    say(f"registered {', '.join(predictors.values())}")
    tenants = [_tenant(people.admin, scoring, number, start) for number in range(count)]
    for tenant in tenants:
        publish(
            people.admin, tenant, predictors[OLD], default_transform(people.admin, tenant, predictors[OLD], reference)
        )
    people.admin.wait_until_served({tenant.slug: 1 for tenant in tenants}, 120.0)
    say(f"set up {count} tenants, served by {predictors[OLD]}")
    return tenants, predictors, reference


def register(console: Console, trained: Trained) -> str:
    """A predictor of this model alone, once it is checked; its key."""
    name = trained.recipe.name
    fields = {"name": name, "format": "lightgbm", "beta": str(trained.recipe.beta), "features": json.dumps(FEATURES)}
    validation = as_parquet("output", trained.validation_scores)
    files = {"file": (f"{name}.txt", trained.text.encode()), "validation_scores": ("validation.parquet", validation)}
    checked = console.wait_for_model(console.upload("models", fields, files))
    return str(console.post("predictors", {"name": name, "members": [{"model": checked["key"]}]})["key"])


def record(people: People, tenants: Sequence[Tenant], events: int, say: Say) -> None:
    """Score `events` events of the last days for each tenant, in batches over REST, until they are in the lake."""
    with ThreadPoolExecutor(2) as pool:
        for number, _ in enumerate(pool.map(lambda tenant: _record(tenant, events), tenants), start=1):
            if number % 10 == 0:
                say(f"scored {events:,} events of each of {number} tenants")
    people.admin.wait_until_kept(3600.0)
    say("all of them are in the event tables")


def fit(people: People, tenants: Sequence[Tenant], predictor: str, reference: str) -> None:
    """Bring the scores of all tenants to the reference, each by a fit on its own events, and serve that."""
    source = {"kind": "recorded", "days": 14}
    fits = [people.admin.fit(tenant.slug, INTENT, predictor, reference, source) for tenant in tenants]
    for tenant, each in zip(tenants, fits, strict=True):
        publish(people.admin, tenant, predictor, people.admin.wait_for_fit(tenant.slug, each, 3600.0)["transform"])
    people.admin.wait_until_served({tenant.slug: 2 for tenant in tenants}, 120.0)


def _token(data: Path, role: str) -> str:
    email = f"{role}@example.com"
    manage(data, "create_person", email, "--role", role, "--no-password")
    return manage(data, "create_token", email).strip()


def manage(data: Path, *arguments: str) -> str:
    """Run a command of the product on this data folder; what it prints. Raises RuntimeError with what went wrong."""
    argv = [sys.executable, str(ROOT / "manage.py"), *arguments]
    env = {**os.environ, "MUSE_DATA": str(data), **OWN_SERVICES}
    done = subprocess.run(argv, env=env, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: {done.stderr}")
    return done.stdout


def _tenant(console: Console, scoring: str, number: int, start: date) -> Tenant:
    """Businesses differ in what is usual, in how much fraud there is, and through which channels it comes."""
    web = 0.1 + 0.08 * (number % 10)
    profile = Profile(
        slug=f"tenant-{number:03d}",
        name=f"Tenant {number}",
        payments_a_day=4_300,  # 50,000 within HISTORY_DAYS
        fraud_share=0.004 + 0.001 * (number % 9),
        typical_amount=10.0 + 5.0 * (number % 13),
        channels=(web, 0.9 - web, 0.1),
        weekend=0.9,
    )
    console.post("tenants", {"slug": profile.slug, "name": profile.name})
    intent = {"name": INTENT, "features": FEATURES, "context": CONTEXT, "thresholds": THRESHOLDS}
    console.post(f"tenants/{profile.slug}/intents", intent)
    console.patch(f"tenants/{profile.slug}/policy", {"tolerance": TOLERANCE})
    key = console.post(f"tenants/{profile.slug}/keys", {"name": "benchmark", "scopes": ["score"]})["key"]
    return Tenant(Simulator(profile, start), key, Scoring(scoring, key))


def default_transform(console: Console, tenant: Tenant, predictor: str, reference: str) -> int:
    """A transform for the cold start, by id."""
    body = {"intent": INTENT, "predictor": predictor, "reference": reference}
    return int(console.post(f"tenants/{tenant.slug}/transforms", body)["id"])


def publish(console: Console, tenant: Tenant, predictor: str, transform: int) -> int:
    """Serve it without review; the release's number."""
    routes = {INTENT: [{"name": "all", "live": {"predictor": predictor, "transform": transform}}]}
    body = {"reason": "set-up of the benchmark", "routes": routes}
    return int(console.post(f"tenants/{tenant.slug}/releases", body)["number"])


def _record(tenant: Tenant, events: int) -> None:
    history = (event for day in range(HISTORY_DAYS) for event in tenant.simulator.day(day).events())
    while piece := list(islice(history, min(_BATCH, events))):
        tenant.scoring.score_batch(INTENT, piece)
        events -= len(piece)
        if not events:
            return
    raise ValueError(f"{tenant.slug}: the simulated days have {events} events too few")
