"""Every address of the control plane's own: who sees what, and how many queries it takes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from models_app.transforms.models import Fit, Sample
from scoring.models import ConsumerLane, MinuteStatistics, ServingProcess
from tenants.scope import platform_scope
from tests.factories import World, make_tenant, make_transform, serve
from tests.models_app.conftest import Api, fields

SHARED = ("models", "predictors", "references", "serving")
OF_TENANT = (
    "intents/card-payments/statistics",
    "transforms",
    "transforms/{transform}",
    "samples",
    "fits",
    "fits/{fit}",
    "releases",
    "releases/1",
    "releases/1/export",
    "releases/1/diff/2",
)
POSTS = ("transforms", "samples", "fits", "fits/{fit}/cancel", "releases", "releases/rollback")


@pytest.fixture
def world(db: None) -> World:
    world = serve().publish(y=(0.0, 0.1, 0.2, 0.3, 1.0))
    add_rows(world)
    return world


def add_rows(world: World) -> None:
    """One more of everything that lists show."""
    with platform_scope():
        common = {"tenant": world.tenant, "intent": world.intent, "predictor": world.predictor}
        transform = make_transform(world.intent, world.predictor)
        done = {"state": "succeeded", "transform": transform}
        Fit.objects.create(**common, reference=transform.reference, source={"kind": "recorded"}, **done)
        Fit.objects.create(**common, reference=transform.reference, source={"kind": "recorded"})
        Sample.objects.create(tenant=world.tenant, name="s", digest="a" * 64, size=1, column="p", rows=1)
        now = timezone.now().replace(second=0, microsecond=0)
        for minutes in (5, 6):
            MinuteStatistics.objects.update_or_create(
                tenant=world.tenant,
                intent=world.intent.name,
                minute=now - timedelta(minutes=minutes),
                release=1,
                predictor="cards@1",
                transform=1,
                defaults={"events": 10, "alerts": {"review": 2}, "histogram": [10, *[0] * 49]},
            )


def path_of(world: World, path: str) -> str:
    with platform_scope():
        fit = Fit.objects.filter(tenant=world.tenant, state="queued").first()
    return f"tenants/{world.tenant.slug}/" + path.format(transform=world.transform.pk, fit=fit.pk)


@pytest.mark.parametrize("path", OF_TENANT)
def test_tenant_address__viewer_of_it__sees_it(api: Callable[..., Api], world: World, path: str) -> None:
    assert api("viewer", world.tenant).get(path_of(world, path)).status_code == 200


@pytest.mark.parametrize("path", OF_TENANT)
def test_tenant_address__person_of_another_tenant__is_404(api: Callable[..., Api], world: World, path: str) -> None:
    other = serve()
    stranger = api("admin", other.tenant)
    assert stranger.get(path_of(world, path)).status_code == 404
    if "{" in path:  # the other tenant's row below the own tenant's address
        of_own = path_of(world, path).replace(world.tenant.slug, other.tenant.slug)
        assert stranger.get(of_own).status_code == 404


@pytest.mark.parametrize("path", POSTS)
def test_tenant_address__post_by_a_stranger_or_a_viewer__is_404_or_403(
    api: Callable[..., Api], world: World, path: str
) -> None:
    assert api("admin", make_tenant()).post(path_of(world, path)).status_code == 404
    assert api("viewer", world.tenant).post(path_of(world, path)).status_code == 403


@pytest.mark.parametrize("path", SHARED)
def test_shared_address__without_a_platform_role__is_404(api: Callable[..., Api], world: World, path: str) -> None:
    assert api("viewer").get(path).status_code == 200
    mine = api("admin", world.tenant)
    assert mine.get(path).status_code == 404
    if path != "serving":
        assert mine.post(path).status_code == 404
        assert mine.get(f"{path}/none/1").status_code == 404
        assert api("viewer").post(path).status_code == 403
        assert api("viewer").get(f"{path}/none/1").status_code == 404


def queries(api: Api, path: str) -> int:
    """What a request asks of the database beside transactions and scopes, once its token's use is noted."""
    api.get("me")
    with CaptureQueriesContext(connection) as captured:
        response = api.get(path)
    assert response.status_code == 200
    frame = ("SAVEPOINT", "RELEASE", "SELECT set_config")
    return len([each for each in captured if not each["sql"].startswith(frame)])


@pytest.mark.parametrize("path", [path for path in OF_TENANT if "diff" not in path])
def test_tenant_address__more_rows__as_many_queries(admin: Api, world: World, path: str) -> None:
    address = path_of(world, path)
    before = queries(admin, address)
    add_rows(world)
    world.publish()
    assert queries(admin, address) == before <= 7


@pytest.mark.parametrize("path", SHARED)
def test_shared_address__more_rows__as_many_queries(admin: Api, world: World, path: str) -> None:
    before = queries(admin, path)
    serve()
    assert queries(admin, path) == before <= 7


def test_statistics__two_minutes__are_added_up_by_step(admin: Api, world: World) -> None:
    path = path_of(world, "intents/card-payments/statistics")
    by_minute = admin.get(path, step="minute").json()["rows"]
    assert [row["events"] for row in by_minute] == [10, 10]
    rows = admin.get(path, step="day").json()["rows"]
    assert sum(row["events"] for row in rows) == 20
    assert sum(row["alerts"]["review"] for row in rows) == 4
    assert len(rows[0]["histogram"]) == 50
    late = (timezone.now() + timedelta(hours=1)).isoformat()
    assert admin.get(path, start=late, end=(timezone.now() + timedelta(hours=2)).isoformat()).json()["rows"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"step": "week"}, "step"),
        ({"start": "yesterday"}, "start"),
        ({"start": "2026-01-01T00:00:00Z", "end": "2026-06-01T00:00:00Z"}, "start"),
        ({"start": "2026-01-02T00:00:00Z", "end": "2026-01-01T00:00:00Z"}, "start"),
        ({"from": "2026-01-02T00:00:00Z"}, "from"),
    ],
)
def test_statistics__bad_period__names_the_parameter(
    admin: Api, world: World, query: dict[str, Any], field: str
) -> None:
    assert fields(admin.get(path_of(world, "intents/card-payments/statistics"), **query)) == [field]


def test_serving__processes_and_lanes__the_living_are_shown(admin: Api) -> None:
    now = timezone.now()
    for name, seen in (("alive", now), ("dead", now - timedelta(minutes=5))):
        ServingProcess.objects.create(
            name=name, machine="m", pid=1, started_at=now, seen_at=seen, releases={"acme": 3}, lost_events=7
        )
    ConsumerLane.objects.create(machine="m", lane="0", seen_at=now, events=5, set_aside=1)
    found = admin.get("serving").json()
    assert [(each["name"], each["releases"], each["lost_events"]) for each in found["processes"]] == [
        ("alive", {"acme": 3}, 7)
    ]
    assert [(each["lane"], each["events"], each["set_aside"]) for each in found["consumers"]] == [("0", 5, 1)]
