"""Home, and how one intent does: from the statistics by hour."""

from collections.abc import Callable
from datetime import timedelta

from django.db.models import F
from django.test import Client
from django.utils import timezone

from scoring.models import HourStatistics
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import World, add_evidence, make_change, make_intent, serve

Visit = Callable[..., Client]


def scored(world: World, alerts: int, events: int = 10_000) -> None:
    """The last hours of the world's intent."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    with platform_scope():
        for back in range(3):
            HourStatistics.objects.create(
                tenant=world.tenant, intent=world.intent.name, hour=hour - timedelta(hours=back), events=events,
                transform=world.transform.pk, alerts={"review": alerts}, histogram=[events, *[0] * 49],
                thresholds={"review": 0.9},
            )  # fmt: skip


def text(client: Client, path: str = "/") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_home__before_the_first_score__shows_the_next_step(db: None, visit: Visit) -> None:
    assert "0 of 8 steps to the first score" in text(visit(Role.ADMIN))
    serve("acme")
    assert "7 of 8 steps to the first score" in text(visit(Role.ADMIN))


def test_home__with_alerts_off_their_target__names_the_intent(world: World, visit: Visit) -> None:
    scored(world, alerts=500)
    page = text(visit(Role.VIEWER, world.tenant))
    assert "Alert rates off target: 1 of 1" in page
    assert "/tenants/acme/intents/card-payments" in page
    assert "card-payments" in text(visit(Role.VIEWER, world.tenant), "/intents?alerts=off")


def test_home__of_another_tenant__shows_nothing_of_it(world: World, visit: Visit) -> None:
    scored(world, alerts=500)
    other = serve("globex")
    for path in ("/", "/intents", "/intents?alerts=off"):
        assert "acme" not in text(visit(Role.ADMIN, other.tenant), path)


def test_home__change_in_review__waits_for_who_may_decide(world: World, visit: Visit) -> None:
    change = make_change(world)
    add_evidence(change)
    with platform_scope():
        type(change).objects.filter(pk=change.pk).update(state="in review")
    assert "A better transform" in text(visit(Role.APPROVER, world.tenant))
    assert "A better transform" not in text(visit(Role.VIEWER, world.tenant))


def test_intent__that_is_served__draws_its_route_and_judges_its_alerts(world: World, visit: Visit) -> None:
    scored(world, alerts=500)
    page = text(visit(Role.VIEWER, world.tenant), "/tenants/acme/intents/card-payments")
    for said in (
        "Scoring pipeline",
        "β 0.2",
        "off their target",
        "30,000",
        "curl http://",
        world.predictor.key,
    ):
        assert said in page


def test_intent__with_a_change_in_review__shows_it_and_the_releases_that_changed_it(world: World, visit: Visit) -> None:
    change = make_change(world)
    with platform_scope():
        type(change).objects.filter(pk=change.pk).update(state="in review", title="Serve it anew")
        make_intent(world.tenant, "refunds")
    viewer = visit(Role.VIEWER, world.tenant)
    page = text(viewer, "/tenants/acme/intents/card-payments")
    assert "1: Serve it anew" in page
    assert "card-payments is served for the first time" in page
    other = text(viewer, "/tenants/acme/intents/refunds")
    assert "Serve it anew" not in other
    assert "newest releases changed this intent." in other


def test_intent__over_days__has_the_rates_of_the_day_and_of_the_week(world: World, visit: Visit) -> None:
    scored(world, alerts=500)
    with platform_scope():
        HourStatistics.objects.update(hour=F("hour") - timedelta(days=3))
    scored(world, alerts=100)
    page = text(visit(Role.VIEWER, world.tenant), "/tenants/acme/intents/card-payments")
    assert "1 % [" in page
    assert "3 % [" in page


def test_live_parts__of_who_is_logged_out__send_the_whole_page_to_the_login(world: World) -> None:
    path = "/tenants/acme/intents/card-payments"
    answer = Client().get(path, headers={"HX-Request": "true", "HX-Target": "live"})
    assert (answer.headers["HX-Refresh"], answer.content) == ("true", b"")
    assert Client().get(path).status_code == 302
