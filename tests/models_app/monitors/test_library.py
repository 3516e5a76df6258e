"""Libraries of known fraud, with a lake: made of labels once a day; copies of it among the alerts are risk."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from models_app.incidents import words
from models_app.incidents.models import Incident
from models_app.monitors import library
from models_app.monitors.models import Monitor
from models_app.monitors.order import KEPT, forget_looks
from models_app.statistics.monitors.copies import MOST
from scoring.engine.signatures import COUNT
from scoring.models import HourProfile
from tenants.scope import platform_scope, tenant_scope
from tests.factories import World
from tests.models_app.changes.evidence.test_compute import _places, world
from tests.models_app.monitors.test_labels import report
from tests.models_app.monitors.test_looks import look, open_incidents
from tests.models_app.monitors.worlds import UNTIL, count, intent_of
from tests.recorded import record_events

__all__ = ["_places", "world"]  # fixtures

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAYS = 8  # of looks
END = UNTIL + timedelta(days=5)
POSITIVE = sum(row % 7 == 0 for row in range(1300, 1500))
MORE = sum(row % 7 == 0 for row in range(800, 900))


@pytest.fixture
def labelled(world: World, tmp_path: Path) -> World:
    """Whose labels of two hours are reported before the first look; events of weeks are counted."""
    record_events(world, tmp_path / "segments", score=0.4)
    report(world, tmp_path / "labels", range(73, 75))
    count(world, END - timedelta(days=20), 20 * 24)
    return world


def known(world: World) -> np.ndarray:
    with tenant_scope(world.tenant.pk):
        return library.read(Monitor.objects.get().library)


def alerts(world: World, since: int, until: int, near: int) -> None:
    """In each of these hours before END four alerts, of which so many are copies of known fraud."""
    fraud, rng = known(world), np.random.default_rng(since)
    with tenant_scope(world.tenant.pk):
        for back in range(since, until, -1):
            found = rng.integers(0, 2**32, (4, COUNT), dtype=np.uint32)
            found[:near] = fraud[rng.integers(0, len(fraud), near)]
            HourProfile.objects.filter(hour=END - back * HOUR).update(signatures=found.tolist())


def test_look__at_labels__learns_the_signatures_of_those_that_are_positive_once_a_day(
    labelled: World, tmp_path: Path
) -> None:
    look(labelled, END - DAYS * 24 * HOUR)
    first = known(labelled)
    assert first.shape == (POSITIVE, COUNT)
    report(labelled, tmp_path / "more", range(68, 69))
    look(labelled, END - (DAYS * 24 - 6) * HOUR)
    assert np.array_equal(known(labelled), first)
    look(labelled, END - (DAYS * 24 - 24) * HOUR)
    assert np.array_equal(known(labelled)[:POSITIVE], first)
    assert len(known(labelled)) == POSITIVE + MORE


def test_library__that_is_full__forgets_the_oldest(labelled: World) -> None:
    full = np.arange(MOST * COUNT, dtype=np.uint32).reshape(MOST, COUNT)
    with tenant_scope(labelled.tenant.pk):
        found = library.grown(full, intent_of(labelled), END - timedelta(days=20), END)
    assert found.shape == full.shape
    assert np.array_equal(found[: MOST - POSITIVE], full[POSITIVE:])


def test_look__at_alerts_that_are_copies_of_known_fraud__opens_an_incident_of_risk(labelled: World) -> None:
    look(labelled, END - DAYS * 24 * HOUR)
    alerts(labelled, DAYS * 24, 6, near=0)
    for back in range(DAYS * 24 - 24, 0, -24):
        look(labelled, END - back * HOUR)
    look(labelled, END - 6 * HOUR)
    assert open_incidents(labelled) == []
    alerts(labelled, 6, 0, near=2)
    look(labelled, END)
    (incident,) = open_incidents(labelled)
    assert incident.kind == Incident.Kind.RISK
    assert words.of_signal(incident.signals[0]).startswith("Alerts come that are nearly the same as known fraud since")
    assert "copies" in {each["of"] for each in incident.signals}


def test_signatures__of_hours_that_no_look_needs__are_forgotten(labelled: World) -> None:
    with platform_scope():
        HourProfile.objects.update(signatures=[[1] * COUNT])
    forget_looks(now=END + KEPT - timedelta(days=1))
    with platform_scope():
        left = HourProfile.objects.exclude(signatures=[])
        assert left.count() == HourProfile.objects.filter(hour__gte=END - timedelta(days=1)).count()
