"""Fits of more events than are sorted: sketched day by day, by whoever is free, and saying so."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from models_app import tasks
from models_app.statistics.sketch import Sketch
from models_app.transforms import fits, parts, run
from models_app.transforms.events import NoFit
from models_app.transforms.lease import PartWork, Work
from models_app.transforms.models import Fit, FitPart
from models_app.transforms.source import read_source
from models_app.transforms.taking import events
from models_app.work import heartbeat
from models_app.work.lease import Stopped
from scoring.engine.mapping import QuantileMapping
from tenants.models import Intent
from tenants.scope import platform_scope
from tests.factories import World, make_person, serve
from tests.models_app.conftest import Api
from tests.recorded import NOON, record_events

THRESHOLDS = [{"name": "review", "score": 0.3, "action": "review"}, {"name": "decline", "score": 0.5}]
DAYS, A_DAY = 7, 1_500


@pytest.fixture
def world(db: None) -> World:
    world = serve()
    with platform_scope():
        Intent.objects.filter(pk=world.intent.pk).update(thresholds=THRESHOLDS)
        world.intent.refresh_from_db()
    return world


@pytest.fixture
def probabilities(world: World, settings: Settings, tmp_path: Path) -> np.ndarray:
    """Recorded ones, of more events than are sorted."""
    settings.ENV = {**settings.ENV, "MUSE_FIT_EXACT_LIMIT": 5_000}
    return record_events(world, tmp_path / "segments", count=DAYS * A_DAY, days=DAYS)


def source(kind: str = "recorded", days: int = DAYS) -> dict[str, Any]:
    return {"kind": kind, "as_of": NOON.isoformat(), "days": days}


def requested(world: World, **changes: Any) -> Fit:
    with platform_scope():
        return fits.request_fit(
            actor=None,
            tenant=world.tenant,
            intent=world.intent,
            predictor=world.predictor,
            reference=world.transform.reference,
            source=source(**changes),
        )


def read(fit: Fit) -> Fit:
    with platform_scope():
        return Fit.objects.select_related("transform").get(pk=fit.pk)


def rows(fit: Fit) -> list[FitPart]:
    with platform_scope():
        return list(FitPart.objects.filter(fit=fit))


def change(row: FitPart | Fit, **columns: Any) -> None:
    with platform_scope():
        type(row)._default_manager.filter(pk=row.pk).update(**columns)


def begun(fit: Fit) -> Work:
    """A fit that a worker has taken up, with its parts made and none of them done."""
    work = Work.take_up(fit.tenant_id, fit.pk)
    assert work is not None
    parts._begin(read_source(fit.source, now=NOON), work, 5_000)  # type: ignore[arg-type]
    return work


def whole(fit: Fit, work: Work) -> int:
    """How many events it is made of, once all of its parts are done."""
    with platform_scope():
        fit = Fit.objects.select_related("intent", "predictor").get(pk=fit.pk)
    return len(events(fit, read_source(fit.source, now=NOON), work))


def test_fit__of_more_events_than_are_sorted__is_sketched_and_says_so(
    admin: Api, world: World, probabilities: np.ndarray
) -> None:
    address = f"tenants/{world.tenant.slug}/fits"
    body = {
        "intent": world.intent.name, "predictor": world.predictor.key,
        "reference": world.transform.reference.key, "source": source(),
    }  # fmt: skip
    asked = admin.post(address, body).json()
    assert asked["sketched"] is False
    tasks.run_work("fit", world.tenant.pk, asked["id"])
    fit = admin.get(f"{address}/{asked['id']}").json()
    assert (fit["state"], fit["error"], fit["sketched"], fit["progress"]) == ("succeeded", "", True, 1.0)
    assert any("sketched, day by day: more events than the 5,000" in line["text"] for line in fit["log"])
    assert sum("1,500 events" in line["text"] for line in fit["log"]) == DAYS
    report = admin.get(f"tenants/{world.tenant.slug}/transforms/{fit['transform']}").json()["report"]
    assert report["n"] == len(probabilities)
    assert report["source"]["kind"] == "recorded"
    sketched = report["sketched"]
    assert len(sketched["knots"]) == report["knots"] - 2
    assert all(each["low"] <= each["alert_rate"] <= each["high"] for each in sketched["knots"])
    assert 0.0 < sketched["relative_error"] < 0.01
    assert report["fitting_sample"]["sketched"] == sketched["relative_error"]
    assert (report["held_out"]["fitted_days"], report["held_out"]["n"]) == (5, 2 * A_DAY)
    assert not rows(Fit(pk=asked["id"]))


def test_fit__sketched__reaches_the_targets_within_its_bounds(world: World, probabilities: np.ndarray) -> None:
    fit = requested(world)
    run.run_fit(world.tenant.pk, fit.pk)
    transform = read(fit).transform
    scores = QuantileMapping(tuple(transform.x), tuple(transform.y)).many(probabilities)
    for threshold in transform.report["thresholds"]:
        rate = (scores >= threshold["score"]).mean()
        assert rate == pytest.approx(threshold["target"], rel=5 * transform.report["sketched"]["relative_error"])


def test_pages__of_a_sketched_fit__say_so(world: World, probabilities: np.ndarray, client: Client) -> None:
    fit = requested(world)
    run.run_fit(world.tenant.pk, fit.pk)
    client.force_login(make_person(role="admin"))
    page = client.get(reverse("console:fit", args=[world.tenant.slug, fit.pk])).content.decode()
    assert "sketched, day by day" in page
    assert "of each alert rate at most, 95 %; in all margins" in page
    assert "kept by sketches" in page


def test_fit__of_as_many_events_as_are_sorted__is_not_sketched(world: World, probabilities: np.ndarray) -> None:
    fit = requested(world, days=3)
    run.run_fit(world.tenant.pk, fit.pk)
    assert (read(fit).state, read(fit).sketched) == ("succeeded", False)
    assert "sketched" not in read(fit).transform.report


def test_fit__of_replayed_events__is_sketched_alike(world: World, probabilities: np.ndarray) -> None:
    fit = requested(world, kind="replay")
    run.run_fit(world.tenant.pk, fit.pk)
    assert (read(fit).state, read(fit).error, read(fit).sketched) == ("succeeded", "", True)
    assert read(fit).transform.report["n"] == len(probabilities)


def test_fit__whose_worker_died__makes_no_part_again_that_is_done(world: World, probabilities: np.ndarray) -> None:
    fit = requested(world)
    begun(fit)
    first, second, third, *_ = rows(fit)
    for part in (first, second):
        tasks.run_work("part of a fit", fit.tenant_id, part.pk)
    assert PartWork.take_up(fit.tenant_id, third.pk) is not None  # and its worker dies
    long_ago = heartbeat.ago(heartbeat.DEAD_AFTER_SECONDS + 1)
    change(third, alive_at=long_ago)
    change(fit, alive_at=long_ago)
    done = {part.pk: (part.finished_at, bytes(part.sketch or b"")) for part in rows(fit)[:2]}
    work = Work.take_up(fit.tenant_id, fit.pk)
    assert work is not None
    assert work.attempt == 2
    assert whole(fit, work) == len(probabilities)
    found = rows(fit)
    assert len(found) == DAYS
    assert {part.pk: (part.finished_at, bytes(part.sketch or b"")) for part in found[:2]} == done
    assert [part.attempt for part in found[:4]] == [1, 1, 2, 1]


def test_part__of_a_worker_that_was_taken_for_dead__is_counted_once(world: World, probabilities: np.ndarray) -> None:
    fit = requested(world)
    work = begun(fit)
    part = rows(fit)[2]
    slow = PartWork.take_up(fit.tenant_id, part.pk)
    assert slow is not None
    change(part, alive_at=heartbeat.ago(heartbeat.DEAD_AFTER_SECONDS + 1))
    assert whole(fit, work) == len(probabilities)
    with pytest.raises(Stopped):
        slow.succeed(Sketch())
    assert whole(fit, work) == len(probabilities)


def test_part__two_workers_at_once__only_one_takes_it(world: World, probabilities: np.ndarray) -> None:
    fit = requested(world)
    begun(fit)
    part = rows(fit)[0]
    assert PartWork.take_up(fit.tenant_id, part.pk) is not None
    assert PartWork.take_up(fit.tenant_id, part.pk) is None


def test_cancel_fit__while_parts_are_made__ends_them(world: World, probabilities: np.ndarray) -> None:
    fit = requested(world)
    work = begun(fit)
    under_way = PartWork.take_up(fit.tenant_id, rows(fit)[0].pk)
    assert under_way is not None
    with platform_scope():
        fits.cancel_fit(actor=None, tenant=world.tenant, fit=fit)
    assert rows(fit) == []
    with pytest.raises(Stopped):
        under_way.succeed(Sketch())
    with pytest.raises((Stopped, NoFit)):
        whole(fit, work)


def test_fit__of_which_a_part_fails__fails_with_its_reason(world: World, probabilities: np.ndarray) -> None:
    fit = requested(world)
    work = begun(fit)
    part = PartWork.take_up(fit.tenant_id, rows(fit)[0].pk)
    assert part is not None
    part.fail("the disk is on fire")
    with pytest.raises(NoFit, match="2026-11-18 12:00: the disk is on fire"):
        whole(fit, work)
