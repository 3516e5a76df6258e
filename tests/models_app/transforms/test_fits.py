"""Fits: asked for, run, cancelled, taken up again, and committed once."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.db import OperationalError
from django.utils import timezone

from models_app import tasks
from models_app.catalog.models import ReferenceDistribution
from models_app.catalog.references import mathematical
from models_app.statistics.fit import fit_mapping
from models_app.transforms import fits, run
from models_app.transforms.lease import Work
from models_app.transforms.models import Fit, Transform
from models_app.transforms.samples import upload_sample
from models_app.work import heartbeat
from models_app.work.lease import Stopped
from scoring.engine.mapping import QuantileMapping
from tenants.models import Intent
from tenants.scope import platform_scope
from tests.factories import World, make_reference, make_tenant, serve
from tests.models_app.conftest import Api, fields
from tests.recorded import NOON, record_events

THRESHOLDS = [{"name": "review", "score": 0.3, "action": "review"}, {"name": "decline", "score": 0.5}]


@pytest.fixture
def world(db: None) -> World:
    world = serve()
    with platform_scope():
        Intent.objects.filter(pk=world.intent.pk).update(thresholds=THRESHOLDS)
        world.intent.refresh_from_db()
    return world


def sample_id(world: World, count: int = 5000) -> int:
    values = np.random.default_rng(3).beta(1, 20, count)
    content = ContentFile(("p\n" + "\n".join(map(repr, values.tolist()))).encode(), "p.csv")
    with platform_scope():
        return upload_sample(actor=None, tenant=world.tenant, name="", upload=content).pk


def body(world: World, source: Any = None, **changes: Any) -> dict[str, Any]:
    content = {
        "intent": world.intent.name,
        "predictor": world.predictor.key,
        "reference": world.transform.reference.key,
        "source": {"kind": "sample", "sample": sample_id(world)} if source is None else source,
    }
    return {**content, **changes}


def requested(world: World, source: Any = None) -> Fit:
    with platform_scope():
        return fits.request_fit(
            actor=None,
            tenant=world.tenant,
            intent=world.intent,
            predictor=world.predictor,
            reference=world.transform.reference,
            source=source or {"kind": "sample", "sample": sample_id(world)},
        )


def read(fit: Fit) -> Fit:
    with platform_scope():
        return Fit.objects.select_related("transform").get(pk=fit.pk)


def test_fit__sample__makes_a_transform_that_reaches_the_targets(admin: Api, world: World) -> None:
    response = admin.post(f"tenants/{world.tenant.slug}/fits", body(world))
    assert response.status_code == 201, response.content
    assert (response.json()["state"], response.json()["transform"]) == ("queued", None)
    tasks.run_work("fit", world.tenant.pk, response.json()["id"])
    fit = admin.get(f"tenants/{world.tenant.slug}/fits/{response.json()['id']}").json()
    assert (fit["state"], fit["error"], fit["progress"], fit["attempt"]) == ("succeeded", "", 1.0, 1)
    assert [line["text"].split()[0] for line in fit["log"]] == ["begun", "read", "5,000", "fitted", "transform"]
    transform = admin.get(f"tenants/{world.tenant.slug}/transforms/{fit['transform']}").json()
    assert (transform["kind"], transform["fit"], transform["verdict"]) == ("custom", fit["id"], "flagged")
    values = np.random.default_rng(3).beta(1, 20, 5000)
    scores = QuantileMapping(tuple(transform["x"]), tuple(transform["y"])).many(values)
    report = transform["report"]
    assert [each["names"] for each in report["thresholds"]] == [["review"], ["decline"]]
    for threshold in report["thresholds"]:
        assert threshold["score"] in transform["y"]
        assert abs((scores >= threshold["score"]).mean() - threshold["target"]) <= 1 / 5000 + 1e-12
    assert report["n"] == report["distinct"] == 5000
    assert report["sample_size"]["relative_error"] > 0.1
    assert report["source"] == {"kind": "sample", "sample": fit["source"]["sample"]}
    assert len(report["summary"]["scores"]["shares"]) == 50


def test_fit__recorded__takes_the_window_and_no_more(world: World, tmp_path: Path) -> None:
    probabilities = record_events(world, tmp_path / "segments")
    fit = requested(world, {"kind": "recorded", "as_of": NOON.isoformat(), "days": 1})
    run.run_fit(world.tenant.pk, fit.pk)
    done = read(fit)
    assert (done.state, done.error) == ("succeeded", "")
    report = done.transform.report
    assert report["n"] == 1500
    assert report["source"]["start"] == "2026-11-24T12:00:00+00:00"
    scores = QuantileMapping(tuple(done.transform.x), tuple(done.transform.y)).many(probabilities[1500:])
    for threshold in report["thresholds"]:
        assert (scores >= threshold["score"]).mean() == threshold["achieved"]


def test_fit__of_a_week__is_judged_on_its_last_two_days_and_made_of_all(
    admin: Api, world: World, tmp_path: Path
) -> None:
    probabilities = record_events(world, tmp_path / "segments", count=7_000, days=7)
    fit = requested(world, {"kind": "recorded", "as_of": NOON.isoformat(), "days": 7})
    run.run_fit(world.tenant.pk, fit.pk)
    found = admin.get(f"tenants/{world.tenant.slug}/transforms/{read(fit).transform_id}").json()
    reference = mathematical(world.transform.reference)
    assert tuple(found["x"]) == fit_mapping(probabilities, reference, [0.3, 0.5]).x
    earlier = fit_mapping(probabilities[:5000], reference, [0.3, 0.5]).mapping()
    held = found["report"]["held_out"]
    assert (held["fitted_days"], held["days"], held["fitted"], held["n"]) == (5, 2, 5000, 2000)
    for each in held["thresholds"]:
        assert each["alerts"] == (earlier.many(probabilities[5000:]) >= each["score"]).sum()
        assert each["low"] < each["rate"] == each["alerts"] / 2000 < each["high"]
    assert [each["score"] for each in found["report"]["next_week"]] == [0.3, 0.5]


@pytest.mark.parametrize(
    ("days", "why_not"),
    [(2, "its events are of 2 days, and it takes 3 to hold some out"), (None, "an uploaded sample")],
)
def test_fit__with_nothing_to_hold_out__says_why(world: World, tmp_path: Path, days: int | None, why_not: str) -> None:
    record_events(world, tmp_path / "segments")
    fit = requested(world, days and {"kind": "recorded", "as_of": NOON.isoformat(), "days": days})
    run.run_fit(world.tenant.pk, fit.pk)
    held = read(fit).transform.report["held_out"]
    assert held["thresholds"] == []
    assert held["why_not"].startswith(why_not)


def test_fit__replay__gives_the_same_knots_as_recorded_probabilities(world: World, tmp_path: Path) -> None:
    record_events(world, tmp_path / "segments")
    window = {"as_of": NOON.isoformat(), "days": 2}
    fits = [requested(world, {"kind": kind, **window}) for kind in ("recorded", "replay")]
    for fit in fits:
        run.run_fit(world.tenant.pk, fit.pk)
    recorded, replayed = (read(fit) for fit in fits)
    assert (recorded.state, replayed.state) == ("succeeded", "succeeded"), replayed.error
    assert recorded.transform.x == replayed.transform.x
    assert [line["text"] for line in replayed.log][1:3] == [
        "2026-11-23 12:00: 1,500 events", "2026-11-24 12:00: 1,500 events",
    ]  # fmt: skip


def test_fit__replay_of_a_feature_not_recorded__fails_and_names_it(world: World, tmp_path: Path) -> None:
    record_events(world, tmp_path / "segments", count=50, features={"amount": 1.0, "foreign": None})
    fit = requested(world, {"kind": "replay", "as_of": NOON.isoformat(), "days": 2})
    run.run_fit(world.tenant.pk, fit.pk)
    assert read(fit).state == "failed"
    assert "hour" in read(fit).error


def test_fit__no_events__fails_and_says_what_would_help(world: World) -> None:
    for kind in ("recorded", "replay"):
        fit = requested(world, {"kind": kind, "as_of": NOON.isoformat(), "days": 0.5})
        run.run_fit(world.tenant.pk, fit.pk)
        assert read(fit).state == "failed"
        assert "no such events" in read(fit).error or "no recorded events" in read(fit).error


def test_fit__fifty_recorded_events__fails_and_makes_no_transform(world: World, tmp_path: Path) -> None:
    record_events(world, tmp_path / "segments", count=50)
    fit = requested(world, {"kind": "recorded", "as_of": NOON.isoformat(), "days": 2})
    run.run_fit(world.tenant.pk, fit.pk)
    done = read(fit)
    assert (done.state, done.transform) == ("failed", None)
    assert "too few" in done.error


@pytest.mark.parametrize(
    ("source", "field"),
    [
        ("yesterday", "source.kind"),
        ({}, "source.kind"),
        ({"kind": "guess"}, "source.kind"),
        ({"kind": "recorded"}, "source.days"),
        ({"kind": "recorded", "days": 0}, "source.days"),
        ({"kind": "recorded", "days": "7"}, "source.days"),
        ({"kind": "recorded", "days": 1e9}, "source.days"),
        ({"kind": "recorded", "days": 28, "half_life_days": 0}, "source.half_life_days"),
        ({"kind": "recorded", "days": 28, "half_life_days": -3}, "source.half_life_days"),
        ({"kind": "recorded", "days": 28, "half_life_days": 0.09}, "source.half_life_days"),
        ({"kind": "recorded", "days": 28, "half_life_days": 366}, "source.half_life_days"),
        ({"kind": "replay", "half_life_days": 1e9}, "source.half_life_days"),
        ({"kind": "replay", "days": 28, "half_life_days": "3"}, "source.half_life_days"),
        ({"kind": "recorded", "half_life_days": None}, "source.days"),
        ({"kind": "recorded", "days": 0, "half_life_days": 3}, "source.days"),
        ({"kind": "sample", "sample": 1, "half_life_days": 3}, "source.half_life_days"),
        ({"kind": "replay", "days": 7, "as_of": "yesterday"}, "source.as_of"),
        ({"kind": "replay", "days": 7, "as_of": "2026-11-25T12:00:00"}, "source.as_of"),
        ({"kind": "replay", "days": 7, "as_of": "0001-01-01T00:00:00Z"}, "source.as_of"),
        ({"kind": "replay", "days": 7, "until": "2026-11-25"}, "source.until"),
        ({"kind": "sample"}, "source.sample"),
        ({"kind": "sample", "sample": 99_999_999}, "source.sample"),
        ({"kind": "sample", "sample": 2**70}, "source.sample"),
    ],
)
def test_request_fit__bad_source__names_the_field(admin: Api, world: World, source: Any, field: str) -> None:
    assert fields(admin.post(f"tenants/{world.tenant.slug}/fits", body(world, source))) == [field]
    with platform_scope():
        assert not Fit.objects.exists()


def test_request_fit__sample_of_fifty__is_refused_at_once(admin: Api, world: World) -> None:
    source = {"kind": "sample", "sample": sample_id(world, 50)}
    response = admin.post(f"tenants/{world.tenant.slug}/fits", body(world, source))
    assert fields(response) == ["source.sample"]
    assert "too few" in response.json()["errors"][0]["expected"]


def beyond(reference: ReferenceDistribution, score: float) -> str:
    return f"threshold {score:g} is beyond what beta({reference.parameters['a']}, {reference.parameters['b']}) resolves"


@pytest.mark.parametrize(("a", "b", "score"), [(2, 400, 0.3), (400, 2, 0.3)])
@pytest.mark.parametrize("kind", ["sample", "recorded", "replay"])
def test_request_fit__threshold_beyond_the_reference__names_it_at_once(
    admin: Api, world: World, kind: str, a: int, b: int, score: float
) -> None:
    reference = make_reference(a, b)
    source = {"kind": kind, **({"sample": sample_id(world)} if kind == "sample" else {"days": 7})}
    response = admin.post(f"tenants/{world.tenant.slug}/fits", body(world, source, reference=reference.key))
    assert fields(response) == ["reference"]
    assert beyond(reference, score) in response.json()["errors"][0]["expected"]


def test_fit__threshold_declared_since__beyond_the_reference__fails_and_names_it(world: World) -> None:
    fit = requested(world)
    with platform_scope():
        Intent.objects.filter(pk=world.intent.pk).update(thresholds=[{"name": "all", "score": 1e-12}])
    tasks.run_work("fit", fit.tenant_id, fit.pk)
    found = read(fit)
    assert (found.state, found.transform) == ("failed", None)
    assert found.error.startswith("threshold 1e-12 is beyond what beta(")


def test_request_fit__sample_of_another_tenant__is_not_there(admin: Api, world: World) -> None:
    source = {"kind": "sample", "sample": sample_id(serve())}
    assert fields(admin.post(f"tenants/{world.tenant.slug}/fits", body(world, source))) == ["source.sample"]


def test_request_fit__replay_of_features_not_kept__is_refused(admin: Api, world: World) -> None:
    with platform_scope():
        Intent.objects.filter(pk=world.intent.pk).update(keep_features="listed", kept_features=["amount"])
    response = admin.post(f"tenants/{world.tenant.slug}/fits", body(world, {"kind": "replay", "days": 7}))
    assert fields(response) == ["source.kind"]
    assert "hour" in response.json()["errors"][0]["expected"]


def test_cancel_fit__queued__is_never_begun(admin: Api, world: World) -> None:
    fit = requested(world)
    path = f"tenants/{world.tenant.slug}/fits/{fit.pk}/cancel"
    assert admin.post(path, {"reason": "wrong window"}).json()["state"] == "cancelled"
    run.run_fit(world.tenant.pk, fit.pk)
    assert read(fit).state == "cancelled"
    assert admin.post(path).status_code == 409


def test_cancel_fit__running__stops_at_the_next_step_and_commits_nothing(admin: Api, world: World) -> None:
    fit = requested(world)
    work = Work.take_up(world.tenant.pk, fit.pk)
    assert work is not None
    assert admin.post(f"tenants/{world.tenant.slug}/fits/{fit.pk}/cancel").status_code == 200
    with pytest.raises(Stopped):
        work.say("still here", 0.5)
    with pytest.raises(Stopped):
        work.succeed(x=[0.0, 1.0], y=[0.0, 1.0], report={})
    assert read(fit).transform is None


def test_take_up__running_elsewhere__is_left_alone_until_its_worker_is_dead(world: World) -> None:
    fit = requested(world)
    first = Work.take_up(world.tenant.pk, fit.pk)
    assert first is not None
    assert Work.take_up(world.tenant.pk, fit.pk) is None
    with platform_scope():
        Fit.objects.update(alive_at=heartbeat.ago(heartbeat.DEAD_AFTER_SECONDS + 1))
    second = Work.take_up(world.tenant.pk, fit.pk)
    assert second is not None
    assert (first.attempt, second.attempt) == (1, 2)
    with pytest.raises(Stopped):  # the first comes back to life: nothing of it counts any more
        first.succeed(x=[0.0, 1.0], y=[0.0, 1.0], report={})
    second.succeed(x=[0.0, 1.0], y=[0.0, 1.0], report={})
    with platform_scope():
        assert Transform.objects.filter(fit__isnull=False).count() == 1
    assert Work.take_up(world.tenant.pk, fit.pk) is None


def test_take_up__under_another_tenant__finds_nothing(world: World) -> None:
    fit = requested(world)
    assert Work.take_up(make_tenant().pk, fit.pk) is None
    assert read(fit).state == "queued"


def test_fits__dead_or_forgotten__are_sent_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr("celery.current_app.send_task", lambda name, **options: sent.append(options["args"]))
    dead, forgotten, fresh = requested(world), requested(world), requested(world)
    Work.take_up(world.tenant.pk, dead.pk)
    Work.take_up(world.tenant.pk, fresh.pk)
    assert tasks.resume_stalled_work() == 0
    with platform_scope():
        Fit.objects.filter(pk=dead.pk).update(alive_at=heartbeat.ago(16))
        Fit.objects.filter(pk=forgotten.pk).update(created_at=heartbeat.ago(31))
    assert tasks.resume_stalled_work() == 2
    assert sorted(sent) == [("fit", world.tenant.pk, dead.pk), ("fit", world.tenant.pk, forgotten.pk)]


def test_fit__worker_died_five_times__fails(world: World) -> None:
    fit = requested(world)
    with platform_scope():
        Fit.objects.update(state="running", attempt=5, alive_at=heartbeat.ago(60), started_at=timezone.now())
    run.run_fit(world.tenant.pk, fit.pk)
    assert read(fit).state == "failed"
    assert "5 times" in read(fit).error


def test_fit__database_away__stays_running_to_be_taken_up_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*arguments: object, **options: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    fit = requested(world)
    monkeypatch.setattr(run, "summarise", away)
    with pytest.raises(OperationalError):
        run.run_fit(world.tenant.pk, fit.pk)
    assert read(fit).state == "running"


def test_fit__unexpected_error__fails_and_names_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object, **options: object) -> None:
        raise ZeroDivisionError("no luck")

    fit = requested(world)
    monkeypatch.setattr(run, "summarise", broken)
    run.run_fit(world.tenant.pk, fit.pk)
    assert "ZeroDivisionError: no luck" in read(fit).error
