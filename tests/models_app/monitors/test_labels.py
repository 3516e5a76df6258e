"""Looks at labels, with a lake: a feed that stops, what mature labels say, and what pages and REST tell of it."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from models_app.incidents import services as incidents
from models_app.incidents.models import Incident
from models_app.monitors.labels import Labels, told_by_precision
from models_app.monitors.models import Monitor
from models_app.statistics.monitors.alert_rate import Target
from models_app.statistics.monitors.look import Hour, Served
from models_app.statistics.monitors.matured import Matured, Share
from models_app.statistics.monitors.telling_apart import Told
from tenants.roles import Role
from tenants.scope import platform_scope, tenant_scope
from tenants.services import create_personal_token
from tests.factories import World, make_person
from tests.models_app.changes.evidence.test_compute import _places, world
from tests.models_app.monitors.test_looks import look, open_incidents
from tests.models_app.monitors.worlds import UNTIL, count, intent_of
from tests.recorded import NOON, record_events
from tests.scoring.eventlog import consume, ids, label, write, writer

__all__ = ["_places", "world"]  # fixtures

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
HOURS = 10


def report(world: World, folder: Path, hours: range) -> None:
    """In each of these hours before UNTIL, labels of a hundred events; one in seven is positive."""
    of = {"tenant": world.tenant.pk, "intent": world.intent.name}
    all_ids, out = ids(3000), writer(folder)
    for back in hours:
        at = int((UNTIL - back * HOUR).timestamp() * 1e6)
        rows = range(100 * (back % 30), 100 * (back % 30) + 100)
        assert write(out, *(label(all_ids[row], int(row % 7 == 0), at + row, **of) for row in rows))
        consume(folder, machine=folder.name)


@pytest.fixture
def labelled(world: World, tmp_path: Path) -> World:
    """Whose events of two days up to NOON are recorded; labels came in each of ten hours up to UNTIL, looks too."""
    record_events(world, tmp_path / "segments", score=0.4)
    count(world, UNTIL - timedelta(days=15), 15 * 24)
    for back in range(HOURS, 0, -1):
        report(world, tmp_path / f"labels-{back}", range(back, back + 1))
        look(world, UNTIL - (back - 1) * HOUR)
    return world


def test_look__at_mature_labels__tells_precision_calibration_and_delay(labelled: World) -> None:
    with tenant_scope(labelled.tenant.pk):
        found = Monitor.objects.get().labels
    matured = found["matured"]
    assert matured["events"] == 3000
    assert 0 < matured["counted"] <= 1000
    assert matured["calibration"]
    assert matured["delay"]["half"] > (UNTIL - NOON) / timedelta(days=1) - 1
    assert len(found["feed"]["hours"]) == HOURS


def test_look__at_a_feed_that_stops__opens_a_data_fault_that_names_it_and_closes_once_labels_come(
    labelled: World, tmp_path: Path
) -> None:
    count(labelled, UNTIL, 48)
    look(labelled, UNTIL + HOUR)
    assert open_incidents(labelled) == []
    look(labelled, UNTIL + 30 * HOUR)
    (incident,) = open_incidents(labelled)
    assert (incident.kind, incident.subject) == (Incident.Kind.DATA_FAULT, "label feed")
    assert incident.since == UNTIL
    report(labelled, tmp_path / "again", range(-30, -31, -1))
    with platform_scope():
        Incident.objects.update(seen_at=UNTIL - timedelta(days=2))
    look(labelled, UNTIL + 32 * HOUR)
    assert open_incidents(labelled) == []


def test_look__at_a_feed_whose_end_is_usual__opens_no_other_incident(labelled: World) -> None:
    count(labelled, UNTIL, 16)
    look(labelled, UNTIL + 15 * HOUR)
    (incident,) = open_incidents(labelled)
    analyst = make_person(role=Role.ANALYST, tenant=labelled.tenant)
    with tenant_scope(labelled.tenant.pk):
        incidents.close(actor=analyst, incident=incident, note="Outcomes come no more.", is_usual=True)
        before = Monitor.objects.get().known
    assert look(labelled, UNTIL + 16 * HOUR).known["features"].keys() == before["features"].keys()
    assert open_incidents(labelled) == []


def test_incident_of_labels__over_rest_and_on_its_page__says_what_to_do_and_what_labels_say(labelled: World) -> None:
    count(labelled, UNTIL, 48)
    look(labelled, UNTIL + 30 * HOUR)
    (incident,) = open_incidents(labelled)
    person = make_person(role=Role.VIEWER, tenant=labelled.tenant)
    token = create_personal_token(person=person, name="tests", actor=None)[1]
    client = Client(headers={"authorization": f"Bearer {token}"})
    base = f"/api/v1/tenants/{labelled.tenant.slug}"
    found = client.get(f"{base}/incidents/{incident.pk}").json()
    assert "label feed repaired" in found["next_step"]
    assert found["signals"][0]["sentence"].startswith("The label feed is silent since 2026-11-29 00:00 UTC")
    (monitor,) = client.get(f"{base}/monitors").json()["results"]
    assert monitor["labels"]["matured"]["events"] == 3000
    assert monitor["measured"]["scores"]["events"] > 0
    pages = Client()
    pages.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    page = pages.get(f"/tenants/{labelled.tenant.slug}/incidents/{incident.pk}").content.decode()
    assert "Labels now" in page
    assert "Calibration" in page


@pytest.mark.parametrize(("positive", "before", "kind"), [(500, "scale", "risk"), (1000, "risk", "scale")])
def test_told__by_labels_that_alerts_have_already__is_risk_where_precision_holds(
    labelled: World, positive: int, before: str, kind: str
) -> None:
    """A seventh of the labelled alerts are positive, as usual or half of that; they are twice as many."""
    labels = Labels(matured=Matured(3500, 3500, {"review": Share(3500, positive, 0.0, 1.0)}))
    with tenant_scope(labelled.tenant.pk):
        intent = intent_of(labelled)
        hour = int((NOON - timedelta(days=2)).timestamp()) // 3600
        hours = [Hour(hour, {1: Served(1000, {"review": 100}, {})})]
        targets = {(1, "review"): Target(0.05, 0.1, 0.1)}
        found = told_by_precision(intent, labels, Told(before, 0.5, 0.0), hours, UNTIL, targets)  # type: ignore[arg-type]
    assert found.kind == kind
