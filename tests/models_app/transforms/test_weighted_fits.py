"""Fits in which recent events count more: asked for, run on sorted and on sketched days, and told of."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from pytest_django import Settings

from models_app.catalog.references import mathematical
from models_app.statistics.days import merged
from models_app.statistics.fit import fit_mapping
from models_app.statistics.halvings import effective_events, halvings
from models_app.transforms import run
from models_app.transforms.estimate import events_in
from models_app.transforms.models import Fit, Transform
from models_app.transforms.source import WindowSource, read_source, window
from scoring.lake import reading
from scoring.lake.by_day import count_events_by_day
from tenants.models import Intent
from tenants.scope import platform_scope
from tests.factories import World, make_person, serve
from tests.models_app.conftest import Api
from tests.recorded import NOON, record_events

THRESHOLDS = [{"name": "review", "score": 0.3, "action": "review"}, {"name": "decline", "score": 0.5}]
DAYS, A_DAY, HALF_LIFE = 14, 800, 3.0
WORTH = effective_events(halvings(range(DAYS - 1, -1, -1), HALF_LIFE), [A_DAY] * DAYS)


@pytest.fixture
def world(db: None) -> World:
    world = serve()
    with platform_scope():
        Intent.objects.filter(pk=world.intent.pk).update(thresholds=THRESHOLDS)
        world.intent.refresh_from_db()
    return world


@pytest.fixture
def probabilities(world: World, tmp_path: Path) -> np.ndarray:
    return record_events(world, tmp_path / "segments", count=DAYS * A_DAY, days=DAYS)


def source(**changes: Any) -> dict[str, Any]:
    chosen = {"kind": "recorded", "as_of": NOON.isoformat(), "days": DAYS, "half_life_days": HALF_LIFE}
    return {name: value for name, value in {**chosen, **changes}.items() if value != "none"}


def body(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "intent": world.intent.name,
        "predictor": world.predictor.key,
        "reference": world.transform.reference.key,
        "source": source(**changes),
    }


def fitted(admin: Api, world: World, **changes: Any) -> tuple[dict[str, Any], Transform]:
    """What is told of a fit once it has run, and its transform."""
    asked = admin.post(f"tenants/{world.tenant.slug}/fits", body(world, **changes))
    assert asked.status_code == 201, asked.content
    run.run_fit(world.tenant.pk, asked.json()["id"])
    told = admin.get(f"tenants/{world.tenant.slug}/fits/{asked.json()['id']}").json()
    assert (told["state"], told["error"]) == ("succeeded", "")
    with platform_scope():
        return told, Transform.objects.get(pk=told["transform"])


def test_fit__with_a_half_life__is_that_of_its_days_by_their_weights(
    admin: Api, world: World, probabilities: np.ndarray
) -> None:
    told, transform = fitted(admin, world)
    assert (told["source"]["half_life_days"], told["source"]["days"]) == (HALF_LIFE, DAYS)
    assert any(f"11,200 events, worth {WORTH:,} after weighting" in line["text"] for line in told["log"])
    days = [np.sort(day) for day in np.split(probabilities, DAYS)]
    sample = merged(days, halvings(range(DAYS - 1, -1, -1), HALF_LIFE))
    expected = fit_mapping(sample, mathematical(world.transform.reference), [0.3, 0.5])
    assert (tuple(transform.x), tuple(transform.y)) == (expected.x, expected.y)
    report = transform.report
    assert (report["n"], report["effective"]) == (11_200, WORTH)
    assert (report["sample_size"]["n"], report["sample_size"]["effective"]) == (11_200, WORTH)
    assert report["summary"]["n"] == report["fitting_sample"]["n"] == WORTH
    assert report["fitting_sample"]["events"] == 11_200
    assert report["source"]["half_life_days"] == HALF_LIFE
    assert 0 < report["held_out"]["effective"] < report["held_out"]["fitted"] == 10 * A_DAY


def test_fit__without_a_half_life__says_and_stores_nothing_of_it(
    admin: Api, world: World, probabilities: np.ndarray
) -> None:
    told, transform = fitted(admin, world, half_life_days=None)
    assert "half_life_days" not in told["source"]
    assert transform.report["n"] == transform.report["effective"] == len(probabilities)
    assert transform.report["held_out"]["effective"] == 0
    assert not any("worth" in line["text"] for line in told["log"])


@pytest.mark.parametrize(("half_life", "days"), [(0.1, 7), (1, 7), (3.5, 28), (4, 28), (14, 98), (365, 2555)])
def test_source__without_days__is_whole_weeks_of_seven_half_lives(half_life: float, days: int) -> None:
    found = read_source(source(days="none", half_life_days=half_life), now=NOON)
    assert isinstance(found, WindowSource)
    assert (found.days, found.half_life_days) == (days, half_life)


def test_fit__of_replayed_events__weighs_them_alike(admin: Api, world: World, probabilities: np.ndarray) -> None:
    recorded, replayed = (fitted(admin, world, kind=kind)[1] for kind in ("recorded", "replay"))
    assert recorded.x == replayed.x


def test_fit__weighted_and_sketched__reaches_the_targets_within_its_bounds(
    admin: Api, world: World, probabilities: np.ndarray, settings: Settings
) -> None:
    """A quarter as many events are sorted, for each has its weight beside it."""
    settings.ENV = {**settings.ENV, "MUSE_FIT_EXACT_LIMIT": 4 * DAYS * A_DAY}
    exact, of_all = fitted(admin, world)
    settings.ENV = {**settings.ENV, "MUSE_FIT_EXACT_LIMIT": 4 * DAYS * A_DAY - 4}
    told, transform = fitted(admin, world)
    assert (exact["sketched"], told["sketched"]) == (False, True)
    assert (transform.report["n"], transform.report["effective"]) == (11_200, WORTH)
    assert transform.report["sketched"]["relative_error"] < 0.01
    weights = np.repeat(np.exp2(-halvings(range(DAYS - 1, -1, -1), HALF_LIFE)), A_DAY)
    for made in (of_all, transform):
        scores = np.interp(probabilities, made.x, made.y)
        for each in made.report["thresholds"]:
            rate = float(np.sum(weights[scores >= each["score"]]) / np.sum(weights))
            assert rate == pytest.approx(each["target"], abs=1 / WORTH + 0.02 * each["target"])


def test_count_by_day__of_a_window__is_that_of_its_pieces(world: World, probabilities: np.ndarray) -> None:
    for days in (14.0, 13.5, 3.25, 30.0):
        asked = read_source(source(days=days), now=NOON)
        assert isinstance(asked, WindowSource)
        (start, end), name = (window(asked).start, window(asked).end), world.intent.name
        found = count_events_by_day(world.tenant.pk, name, start, end, world.predictor.key)
        assert sum(found) == reading.count_events(world.tenant.pk, name, start, end, world.predictor.key)
        counted = events_in(asked, world.intent, world.predictor.key)
        assert counted[0] == sum(found) >= counted[1] > 0
    assert count_events_by_day(world.tenant.pk, "no-such-intent", start, end) == [0] * 30
    assert events_in(read_source(source(), now=NOON), world.intent, None) == (11_200, WORTH)  # type: ignore[arg-type]


def test_fit__whose_events_are_worth_too_few__fails_and_says_so(admin: Api, world: World, tmp_path: Path) -> None:
    record_events(world, tmp_path / "segments", count=DAYS * 400, days=DAYS)
    response = admin.post(f"tenants/{world.tenant.slug}/fits", body(world, half_life_days=0.1))
    run.run_fit(world.tenant.pk, response.json()["id"])
    with platform_scope():
        fit = Fit.objects.get(pk=response.json()["id"])
    # All but the last day count for next to nothing.
    assert (fit.state, fit.transform) == ("failed", None)
    assert "5,600 events, worth 401 after weighting: too few" in fit.error
    assert "longer half-life" in fit.error


def test_pages__of_a_weighted_fit__say_what_its_events_are_worth(
    admin: Api, world: World, probabilities: np.ndarray, client: Client
) -> None:
    told, transform = fitted(admin, world)
    client.force_login(make_person(role="analyst"))
    for address in (f"fits/{told['id']}", f"transforms/{transform.pk}"):
        page = client.get(f"/tenants/{world.tenant.slug}/{address}").content.decode()
        assert f"worth {WORTH:,} after weighting" in page
    page = client.get(f"/tenants/{world.tenant.slug}/fits/{told['id']}").content.decode()
    assert "recorded, 14 days, half-life 3 days" in page
    assert "half_life_days=3.0" in page  # of “Fit again”


def test_new_fit__with_a_half_life__counts_what_events_are_worth_and_asks_for_it(
    world: World, probabilities: np.ndarray, client: Client
) -> None:
    client.force_login(make_person(role="analyst"))
    address = f"/tenants/{world.tenant.slug}/new-fit"
    form = {**body(world), "source": "recorded", "days": "36500", "half_life_days": ""}
    assert "Half-life (days)" in client.get(address).content.decode()
    form = {**form, "days": "", "half_life_days": "200"}
    page = client.get(address, form).content.decode()
    assert "after weighting" in page
    answer = client.post(address, {"act": "fit", **form})
    assert answer.status_code == 302, answer.content.decode()
    with platform_scope():
        fit = Fit.objects.get()
    assert (fit.source["half_life_days"], fit.source["days"]) == (200.0, 1400.0)
    refused = client.post(address, {"act": "fit", **form, "half_life_days": "0"})
    assert refused.status_code == 422
    assert "greater than or equal to 0.1" in refused.content.decode()
    nothing = client.post(address, {"act": "fit", **form, "half_life_days": ""})
    assert nothing.status_code == 422
    assert "expected days above 0" in nothing.content.decode()
