"""A backup of a product that runs, restored into an empty folder: the same scores to the bit, nothing lost."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from muse_site.driving.client import Console, Json, Scoring
from muse_site.driving.running import Product, free_ports, running
from muse_site.embedded import Postgres, remove_run_directory
from tests.upgrade import folders

pytestmark = pytest.mark.live

FOLDER = folders.names()[-1]
_MAY_DIFFER = {"django_session", "scoring_servingprocess", "scoring_consumerlane"}  # what runs, and where


@dataclass(frozen=True)
class Saved:
    """A backup, and what the product that it is of had said: scores by tenant, and rows and release documents."""

    backup: Path
    data: Path
    state: dict[str, Any]
    answers: dict[str, list[tuple[Json, Json]]]
    rows: dict[str, set[str]]
    texts: folders.Texts


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Saved]:
    """Made while the product runs, after events that its consumer has written, and while more are scored."""
    folder = tmp_path_factory.mktemp("saved")
    data, backup = folder / "data", folder / "backup"
    folders.unpack(FOLDER, data)
    state = folders.state(FOLDER)
    with _running(data) as product, Console(product.console, state["tokens"]["admin@example.com"]) as admin:
        answers = {slug: _scored(product, state, slug) for slug in state["tenants"]}
        admin.wait_until_kept()
        rows, texts = folders.rows(Postgres(data)), folders.texts(Postgres(data))
        folders.manage(data, "backup", str(backup))
    yield Saved(backup, data, state, answers, rows, texts)
    for each in (data, folder / "restored"):
        remove_run_directory(each)


@pytest.fixture(scope="module")
def restored(saved: Saved) -> Iterator[Product]:
    data = saved.backup.parent / "restored"
    folders.manage(data, "restore", str(saved.backup))
    with _running(data) as product:
        yield product


def test_restored__rows_and_release_documents__are_those_that_were_there(restored: Product, saved: Saved) -> None:
    postgres = Postgres(saved.backup.parent / "restored")
    now = folders.rows(postgres)
    lost = {table: keys - now[table] for table, keys in saved.rows.items() if table not in _MAY_DIFFER}
    assert {table: keys for table, keys in lost.items() if keys} == {}
    assert folders.texts(postgres) == saved.texts


def test_restored__events__are_scored_to_the_same_bits(restored: Product, saved: Saved) -> None:
    for slug, answers in saved.answers.items():
        again = _scored(restored, saved.state, slug)
        for (event, was), (_, now) in zip(answers, again, strict=True):
            for name in ("probability", "score", "predictor", "transform", "release"):
                assert now[name] == was[name], f"{slug}, {event}: {name}"


def test_restored__recorded_events__are_found_and_explained(restored: Product, saved: Saved) -> None:
    with Console(restored.console, saved.state["tokens"]["admin@example.com"]) as admin:
        for slug, answers in saved.answers.items():
            for _, was in answers:
                now = admin.get(f"tenants/{slug}/events/{was['event_id']}")
                assert now["score"] == was["score"]
                assert now["recomputed"]["equal"] is True, now["recomputed"]


def test_restored__audit_trail__is_whole(restored: Product, saved: Saved) -> None:
    assert "are as they were written" in folders.manage(saved.backup.parent / "restored", "verify_audit").stderr


def test_restore__into_what_is_not_empty__is_refused(restored: Product, saved: Saved) -> None:
    refused = folders.manage(saved.data, "restore", str(saved.backup), expect=1)
    assert "The database is not empty" in refused.stderr


def test_restore__of_a_damaged_backup__names_the_file_and_writes_nothing(saved: Saved, tmp_path: Path) -> None:
    manifest = json.loads((saved.backup / "manifest.json").read_text())
    name = next(path for path in manifest["files"] if path.startswith("events/") and path.endswith(".parquet"))
    content = (saved.backup / name).read_bytes()
    (saved.backup / name).write_bytes(content[:-1])
    try:
        refused = folders.manage(tmp_path / "new", "restore", str(saved.backup), expect=1)
    finally:
        (saved.backup / name).write_bytes(content)
    assert f"{name} is damaged" in refused.stderr
    assert not (tmp_path / "new" / "lake").exists()
    assert not (tmp_path / "new" / "postgres").exists()


def test_backup__to_a_folder_that_is_there__is_refused(saved: Saved) -> None:
    refused = folders.manage(saved.data, "backup", str(saved.backup), expect=1)
    assert "is there already" in refused.stderr


def _scored(product: Product, state: dict[str, Any], slug: str) -> list[tuple[Json, Json]]:
    """Events that were sent before, sent once more under ids of their own."""
    with Scoring(product.scoring, state["keys"][slug]) as client:
        events = [
            (each["intent"], {name: each["sent"][name] for name in ("features", "context")})
            for each in state["tenants"][slug]["sent"].values()
        ]
        return [(event, client.score(intent, event)) for intent, event in events]


@contextmanager
def _running(data: Path) -> Iterator[Product]:
    scoring, console = free_ports(2)
    log = data.parent / f"{data.name}.log"
    with running(data, scoring_port=scoring, console_port=console, log=log, env=folders.ENVIRONMENT) as product:
        yield product
