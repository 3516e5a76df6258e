"""What went live by itself is taken back by itself where the hours after it leave the bounds."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from models_app.catalog.references import mathematical
from models_app.changes.standing_approvals.models import StandingApproval
from models_app.notifications.models import Notification
from models_app.refreshes.models import Refresh
from models_app.refreshes.taking_back import WATCHED, take_back_strayed
from scoring.models import HourProfile
from scoring.services import publish_document
from tenants.scope import platform_scope
from tests.factories import make_document, make_transform, text_of
from tests.models_app.refreshes.conftest import Refreshing
from tests.models_app.refreshes.test_standing import allow, live
from tests.models_app.replacements.conftest import THRESHOLDS

EVENTS = 2_000  # an hour


@pytest.fixture
def gone_live(refreshing: Refreshing) -> Refreshing:
    """A refresh that went live just now, within ±30 %; the hours to come are counted by the tests."""
    allow(refreshing)
    assert refreshing.due().outcome == "live"
    return refreshing


def count(case: Refreshing, times: float, hours: int = 4, transform: int | None = None) -> None:
    """So many hours up to `later`, with alerts at `review` so many times their target, and at `decline` at theirs."""
    with platform_scope():
        change = Refresh.objects.get().change_request
        assert change is not None
        own = change.routes[case.world.intent.name][0]["live"]["transform"]
        reference = mathematical(case.world.transform.reference)
        targets = {each["name"]: float(reference.alert_rate(each["score"])) for each in THRESHOLDS}
        alerts = {"review": round(EVENTS * times * targets["review"]), "decline": round(EVENTS * targets["decline"])}
        last = later().replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
        HourProfile.objects.bulk_create(
            HourProfile(
                tenant=case.world.tenant, intent=case.world.intent.name, hour=last - timedelta(hours=ago),
                transform=transform or own, events=EVENTS, alerts=alerts,
                thresholds={each["name"]: each["score"] for each in THRESHOLDS},
            )
            for ago in range(hours)
        )  # fmt: skip


def later() -> datetime:
    """Six hours after it went live."""
    return timezone.now().replace(minute=10) + timedelta(hours=6)


def test_taking_back__of_alert_rates_beyond_the_bounds__serves_what_was_before_and_says_why(
    gone_live: Refreshing,
) -> None:
    before = gone_live.world.release
    count(gone_live, times=2.5)
    assert take_back_strayed(now=later()) == 1
    current = live(gone_live)
    assert (current.number, current.digest, current.published_by) == (4, before.digest, None)
    (refresh,) = gone_live.rows()
    assert refresh.outcome == "taken back"
    (why,) = refresh.refused
    assert why.startswith("the alert rate at “review” was ")
    assert "30 % of it approved" in why
    with platform_scope():
        change = refresh.change_request
        assert change is not None
        assert (change.state, why in change.failure) == ("rolled back", True)
        approval = StandingApproval.objects.get()
        assert (approval.state, approval.ended_by, why in approval.ended_because) == ("revoked", None, True)
        told = set(Notification.objects.filter(tenant=gone_live.world.tenant).values_list("event", flat=True))
        assert {"release.taken_back", "standing_approval.ended"} <= told
    assert take_back_strayed(now=later()) == 0


def test_taking_back__once_done__leaves_the_next_refresh_to_wait(gone_live: Refreshing) -> None:
    count(gone_live, times=2.5)
    take_back_strayed(now=later())
    with platform_scope():
        Refresh.objects.update(due=timezone.now() - timedelta(days=3))
    assert gone_live.due().outcome == "waits"


@pytest.mark.parametrize("times", [0.85, 1.0, 1.2])
def test_taking_back__of_alert_rates_within_the_bounds__does_nothing(gone_live: Refreshing, times: float) -> None:
    count(gone_live, times)
    assert (take_back_strayed(now=later()), live(gone_live).number) == (0, 3)


def test_taking_back__of_alert_rates_far_below__is_done_too(gone_live: Refreshing) -> None:
    count(gone_live, times=0.2)
    assert take_back_strayed(now=later()) == 1


def test_taking_back__before_anything_came__does_nothing(gone_live: Refreshing) -> None:
    assert take_back_strayed(now=later()) == 0


def test_taking_back__of_what_another_transform_did__does_nothing(gone_live: Refreshing) -> None:
    count(gone_live, times=3.0, transform=gone_live.world.transform.pk)
    assert take_back_strayed(now=later()) == 0


def test_taking_back__where_people_have_published_since__leaves_it_to_them(gone_live: Refreshing) -> None:
    count(gone_live, times=2.5)
    world = gone_live.world
    with platform_scope():
        other = make_document(world.intent, make_transform(world.intent, world.predictor))
        publish_document(tenant=world.tenant, document=text_of(other), actor=None, reason="for tests")
    assert (take_back_strayed(now=later()), live(gone_live).number) == (0, 4)


def test_taking_back__of_what_is_live_for_long__is_left_to_people(gone_live: Refreshing) -> None:
    count(gone_live, times=2.5)
    assert take_back_strayed(now=later() + WATCHED) == 0


def test_taking_back__of_a_change_that_people_approved__does_nothing(refreshing: Refreshing) -> None:
    assert refreshing.due().outcome == "waits"
    count(refreshing, times=3.0)
    assert take_back_strayed(now=later()) == 0
