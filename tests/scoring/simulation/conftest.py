"""What every simulation wants: release 1 of the tenant, and silence."""

import logging
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from pytest_django import Settings

from tests.documents import simple
from tests.scoring.eventlog import keep_document


@pytest.fixture(autouse=True)
def documents(settings: Settings, tmp_path: Path) -> None:
    """Of no idempotency: a record that is read twice must not be saved by its event's id."""
    settings.SERVING_CACHE_DIR = tmp_path / "serving"
    settings.LAKE = str(tmp_path / "lake")
    content = simple()
    intent = content.intents["card-payments"]
    content.intents["card-payments"] = msgspec.structs.replace(intent, idempotency_seconds=0)
    keep_document(content.build())


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The product logs every trouble; here they are many."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
