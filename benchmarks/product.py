"""A product of the benchmark's own, in a temporary folder, and what is set up in it before anything is scored."""

import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.events import Events
from benchmarks.measures import Edge
from benchmarks.models import Trained
from muse_site.driving.client import Console, Json, Scoring
from muse_site.driving.running import ROOT, free_ports, running
from muse_site.driving.two_people import TwoPeople

INTENT = "payments"
# Scores at which the alert rates are promised; any increasing ones would do.
POINTS = ((0.5, 0.1), (0.6, 0.05), (0.8, 0.01), (0.85, 0.005), (0.95, 0.001))
_ROLES = ("admin", "analyst", "approver")


@dataclass(frozen=True)
class Tenant:
    """One tenant's doors: its slug, its place among the tenants of the events, its key and its client, its events."""

    slug: str
    place: int
    scoring: Scoring
    table: Path
    key: str


@dataclass(frozen=True)
class Doors:
    """A product's doors: a platform admin's client, those of two people, the scoring address, the lake."""

    console: Console
    people: TwoPeople
    scoring: str
    lake: Path


@dataclass(frozen=True)
class Setup:
    """What was made: predictors by model name, the reference."""

    console: Console
    people: TwoPeople
    tenants: list[Tenant]
    predictors: dict[str, str]
    reference: str


@contextmanager
def temporary_product() -> Iterator[Doors]:
    """A product that lives as long as the block, and that nothing is published in but by approved change requests."""
    with tempfile.TemporaryDirectory(prefix="muse-benchmark-") as folder, product_in(Path(folder)) as doors:
        yield doors


@contextmanager
def product_in(data: Path) -> Iterator[Doors]:
    """A product on this folder, which stays as it is once the block has ended."""
    with ExitStack() as stack:
        scoring_port, console_port = free_ports(2)
        env = {"MUSE_FLUSH_SECONDS": "0.5", "MUSE_LOG_FORMAT": "console"}
        product = stack.enter_context(
            running(data, scoring_port=scoring_port, console_port=console_port, log=data / "benchmark.log", env=env)
        )
        with ThreadPoolExecutor(len(_ROLES)) as pool:
            tokens = list(pool.map(lambda role: _token(data, role), _ROLES))
        admin, author, approver = (stack.enter_context(Console(product.console, token)) for token in tokens)
        yield Doors(admin, TwoPeople(author, approver), product.scoring, data / "lake")


def set_up(doors: Doors, data: Events, models: list[Trained], edges: Sequence[Edge]) -> Setup:
    """Register the models, and make tenants with one intent each."""
    console = doors.console
    predictors = {model.name: _predictor(console, data, model) for model in models}
    points = [{"score": edge.score, "alert_rate": edge.rate} for edge in edges]
    body = {"name": "alerts", "kind": "curve", "parameters": {"points": points}}
    reference = console.post("references", body)["key"]
    tenants = [_tenant(doors, data, slug, place, edges) for place, slug in enumerate(data.tenants)]
    return Setup(console, doors.people, tenants, predictors, reference)


def as_parquet(name: str, values: NDArray[np.float64]) -> bytes:
    """One column as a Parquet file."""
    buffer = io.BytesIO()
    pq.write_table(pa.table({name: values}), buffer)
    return buffer.getvalue()


def _token(data: Path, role: str) -> str:
    email = f"{role}@example.com"
    _manage(data, "create_person", email, "--role", role, "--no-password")
    return _manage(data, "create_token", email).strip()


def _manage(data: Path, *arguments: str) -> str:
    env = {**os.environ, "MUSE_DATA": str(data)}
    argv = [sys.executable, str(ROOT / "manage.py"), *arguments]
    return subprocess.run(argv, env=env, check=True, capture_output=True, text=True).stdout


def _predictor(console: Console, data: Events, model: Trained) -> str:
    fields = {"name": model.name, "format": "lightgbm", "beta": str(model.beta), "notes": model.remark}
    files = {
        "file": (f"{model.name}.txt", model.text.encode()),
        "validation_scores": ("validation.parquet", as_parquet("output", model.validation_scores)),
    }
    registered = console.upload("models", {**fields, "features": json.dumps(data.schema)}, files)
    checked = console.wait_for_model(registered)
    predictor = console.post("predictors", {"name": model.name, "members": [{"model": checked["key"]}]})
    return str(predictor["key"])


def _tenant(doors: Doors, data: Events, slug: str, place: int, edges: Sequence[Edge]) -> Tenant:
    console = doors.console
    tenant: Json = console.post("tenants", {"slug": slug, "name": slug.title()})
    thresholds = [{"name": f"alerts-{edge.name}", "score": edge.score} for edge in edges]
    body = {"name": INTENT, "features": data.schema, "thresholds": thresholds}
    console.post(f"tenants/{slug}/intents", body)
    key = console.post(f"tenants/{slug}/keys", {"name": "benchmark", "scopes": ["score"]})["key"]
    return Tenant(slug, place, Scoring(doors.scoring, key), doors.lake / str(tenant["id"]) / INTENT / "events", key)
