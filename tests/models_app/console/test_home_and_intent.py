"""Home, and how one intent does: from the statistics by hour and by day."""

from collections.abc import Callable
from datetime import timedelta

from django.db.models import F
from django.test import Client
from django.utils import timezone

from scoring.models import DayStatistics, HourStatistics
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import World, add_evidence, make_change, make_intent, make_person, make_policy_change, serve

Visit = Callable[..., Client]


def scored(world: World, alerts: int, events: int = 10_000, days_ago: int = 0, late: int = 0) -> None:
    """The last hours of the world's intent; all of its events occurred on one day."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    common = {"tenant": world.tenant, "intent": world.intent.name, "transform": world.transform.pk}
    common |= {"thresholds": {"review": 0.9}}
    with platform_scope():
        for back in range(3):
            HourStatistics.objects.create(
                hour=hour - timedelta(hours=back), events=events, late=late, alerts={"review": alerts},
                histogram=[events, *[0] * 49], **common,
            )  # fmt: skip
        day = hour.date() - timedelta(days=days_ago)
        DayStatistics.objects.create(day=day, events=3 * events, alerts={"review": 3 * alerts}, **common)


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
    for phrase in (
        "Scoring pipeline",
        "β 0.2",
        "off their target",
        "30,000",
        "curl http://",
        world.predictor.key,
    ):
        assert phrase in page


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


def test_intent__over_days__has_the_rates_of_the_week_and_of_today(world: World, visit: Visit) -> None:
    scored(world, alerts=500, days_ago=3)
    with platform_scope():
        HourStatistics.objects.update(hour=F("hour") - timedelta(days=3))
    scored(world, alerts=100)
    page = text(visit(Role.VIEWER, world.tenant), "/tenants/acme/intents/card-payments")
    assert "3 % [" in page
    assert "300 of 30,000: 1 %" in page
    assert "By when events occurred (UTC)" in page


def test_pages__of_a_backfill__tell_it_from_what_happens_now(world: World, visit: Visit) -> None:
    scored(world, alerts=500, days_ago=40, late=10_000)
    viewer = visit(Role.VIEWER, world.tenant)
    home, intent = text(viewer), text(viewer, "/tenants/acme/intents/card-payments")
    for page in (home, intent):
        assert "30,000 had occurred more than an hour before" in page
        assert "off target: 1" not in page
        assert "off their target" not in page
    assert "0 in this hour and the last, as they occurred" in intent


def test_home__off_its_target__says_by_when_events_are_counted(world: World, visit: Visit) -> None:
    scored(world, alerts=500)
    assert "Counted by when events occurred (UTC), as evidence counts them" in text(visit(Role.VIEWER, world.tenant))


def test_live_parts__of_who_is_logged_out__send_the_whole_page_to_the_login(world: World) -> None:
    path = "/tenants/acme/intents/card-payments"
    answer = Client().get(path, headers={"HX-Request": "true", "HX-Target": "live"})
    assert (answer.headers["HX-Refresh"], answer.content) == ("true", b"")
    assert Client().get(path).status_code == 302


def test_home__with_policy_changes_that_wait__lists_those_that_the_person_may_agree_to(visit: Visit) -> None:
    world, other = serve("acme"), serve("globex")
    author = make_person(role=Role.ADMIN)
    make_policy_change(world.tenant, author)
    make_policy_change(other.tenant, author)
    role = {"kind": "role", "subject": "bo@example.com", "before": {"role": None}, "after": {"role": "admin"}}
    make_policy_change(None, author, **role)
    heading = "Policy changes that wait for a second person"
    page = text(visit(Role.ADMIN, world.tenant))
    assert heading in page
    assert "tolerance: 10 % → 25 %" in page
    assert "/tenants/globex" not in page
    assert "bo@example.com" not in page
    assert "role of bo@example.com" in text(visit(Role.ADMIN))
    assert heading not in text(visit(Role.APPROVER, world.tenant))
    own = Client()
    own.force_login(author, "django.contrib.auth.backends.ModelBackend")
    assert heading not in text(own)
