"""kill -9 of what works: nothing that was answered is lost or double, and what was begun is finished once."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from models_app.transforms.fits import request_fit
from models_app.transforms.models import Fit, Transform
from models_app.transforms.samples import upload_sample
from muse_site.driving.client import wait
from muse_site.driving.running import Product
from scoring.models import ServingProcess
from tenants.scope import platform_scope
from tests.factories import World, make_reference, serve
from tests.live.clients import kept_after, scoring_clients

pytestmark = pytest.mark.live


def test_scoring_worker__killed_under_load__loses_and_doubles_no_answered_event(product: Product) -> None:
    world = serve()
    with scoring_clients(product.scoring, world, tries=20) as answers:
        wait(lambda: len(serving()) == 2, "both workers to speak", 30.0)
        for pid in serving():
            known, before = serving(), len(answers.given)
            os.kill(pid, signal.SIGKILL)
            wait(lambda known=known: serving() - known, "another worker in its place", 30.0)
            wait(lambda before=before: len(answers.given) > before + 500, "scoring to go on", 30.0)
    assert answers.failures == []
    kept = kept_after(world)
    assert [event for event in answers.event_ids() if kept[event] != 1] == []


def test_worker__killed_in_the_middle_of_a_fit__the_fit_finishes_once(product: Product, tmp_path: Path) -> None:
    world = serve()
    fit = long_fit(world, tmp_path)
    wait(lambda: state_of(fit).state == Fit.State.RUNNING, "the fit to begin", 30.0, pause=0.01)
    kill_celery(tmp_path / "data")
    assert state_of(fit).state == Fit.State.RUNNING
    wait(lambda: state_of(fit).state == Fit.State.SUCCEEDED, "the fit to finish", 120.0)
    assert state_of(fit).attempt == 2
    with platform_scope():
        assert Transform.objects.filter(tenant=world.tenant).exclude(pk=world.transform.pk).count() == 1


def serving() -> set[int]:
    """All scoring processes that ever spoke."""
    with platform_scope():
        return set(ServingProcess.objects.values_list("pid", flat=True))


def long_fit(world: World, folder: Path) -> Fit:
    """Of a sample that takes seconds to read and sort."""
    pyarrow.parquet.write_table(pa.table({"p": np.random.default_rng(1).random(6_000_000)}), folder / "sample.parquet")
    upload = SimpleUploadedFile("sample.parquet", (folder / "sample.parquet").read_bytes())
    with platform_scope():
        sample = upload_sample(actor=None, tenant=world.tenant, name="large", upload=upload)
        return request_fit(
            actor=None,
            tenant=world.tenant,
            intent=world.intent,
            predictor=world.predictor,
            reference=make_reference(2.0, 2.0),
            source={"kind": "sample", "sample": sample.pk},
        )


def state_of(fit: Fit) -> Fit:
    with platform_scope():
        return Fit.objects.get(pk=fit.pk)


def kill_celery(data: Path) -> None:
    """`kill -9` of the worker and its children, of which some end by themselves when others do."""
    for pid in celery_workers(data):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def celery_workers(data: Path) -> list[int]:
    """The worker of the product on this folder, and its children."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command, environment = (process / "cmdline").read_bytes(), (process / "environ").read_bytes()
        except OSError:  # it has ended meanwhile
            continue
        if b"celery" in command and b"\0worker\0" in command and f"MUSE_DATA={data}\0".encode() in environment:
            found.append(int(process.name))
    assert found, "no Celery worker runs"
    return found
