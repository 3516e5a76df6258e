"""When refreshes are asked for: once each, whatever beats and clocks do."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from models_app.refreshes.models import Refresh, RefreshPolicy
from models_app.refreshes.order import SETTLED, order_refreshes
from models_app.refreshes.schedule import latest_due, next_due
from tenants.scope import platform_scope
from tests.factories import World, serve
from tests.watching import make_refresh

NOW = datetime(2026, 3, 11, 10, 30, tzinfo=UTC)  # a Wednesday


@pytest.mark.parametrize(
    ("schedule", "latest", "following"),
    [
        ("hourly", datetime(2026, 3, 11, 10, tzinfo=UTC), datetime(2026, 3, 11, 11, tzinfo=UTC)),
        ("daily", datetime(2026, 3, 11, tzinfo=UTC), datetime(2026, 3, 12, tzinfo=UTC)),
        ("weekly", datetime(2026, 3, 9, tzinfo=UTC), datetime(2026, 3, 16, tzinfo=UTC)),
        ("monthly", datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)),
    ],
)
def test_schedule__of_each_kind__is_at_full_times(schedule: str, latest: datetime, following: datetime) -> None:
    assert (latest_due(schedule, NOW), next_due(schedule, NOW)) == (latest, following)
    assert latest_due(schedule, latest) == latest


def planned(**changes: object) -> World:
    """A world with a daily policy, of which nothing was made."""
    world = serve()
    make_refresh(world.intent)
    with platform_scope():
        Refresh.objects.all().delete()
        RefreshPolicy.objects.update(**{"since": NOW - timedelta(days=60)} | changes)
    return world


def dues() -> list[datetime]:
    with platform_scope():
        return list(Refresh.objects.order_by("due").values_list("due", flat=True))


def over() -> None:
    with platform_scope():
        Refresh.objects.update(state="failed")


@pytest.mark.django_db
class TestOrder:
    def test_order__again_and_again__asks_once_a_day(self) -> None:
        planned()
        assert [order_refreshes(now=NOW + timedelta(hours=each)) for each in range(3)] == [1, 0, 0]
        over()
        assert order_refreshes(now=NOW + timedelta(days=1)) == 1
        assert dues() == [NOW.replace(hour=0, minute=0), NOW.replace(day=12, hour=0, minute=0)]

    def test_order__before_events_have_settled__waits(self) -> None:
        planned()
        midnight = NOW.replace(hour=0, minute=0)
        order_refreshes(now=midnight + SETTLED / 2)
        assert dues() == [midnight - timedelta(days=1)]

    def test_order__while_one_is_under_way__asks_for_none(self) -> None:
        planned()
        assert order_refreshes(now=NOW) == 1
        assert order_refreshes(now=NOW + timedelta(days=1)) == 0

    def test_order__clock_that_jumps_ahead_and_back__asks_for_none_twice(self) -> None:
        planned()
        found = []
        for days in (0, 3, 0, -1, 3, 0):
            found.append(order_refreshes(now=NOW + timedelta(days=days)))
            over()
        assert found == [1, 1, 0, 0, 0, 0]

    def test_order__what_was_due_before_it_was_set__is_not_made_up_for(self) -> None:
        planned(since=NOW)
        assert order_refreshes(now=NOW) == 0

    def test_order__switched_off__asks_for_none(self) -> None:
        planned(enabled=False)
        assert order_refreshes(now=NOW) == 0

    def test_order__other_schedule_at_the_same_time__asks_for_none_again(self) -> None:
        planned()
        monday = datetime(2026, 3, 9, 0, 30, tzinfo=UTC)
        assert order_refreshes(now=monday) == 1
        over()
        with platform_scope():
            RefreshPolicy.objects.update(schedule="weekly")
        assert order_refreshes(now=monday) == 0


@pytest.mark.django_db(transaction=True)
def test_order__by_two_beats_at_once__asks_once() -> None:
    planned()
    start, found = Barrier(4), []

    def beat() -> None:
        start.wait()
        try:
            found.append(order_refreshes(now=NOW))
        finally:
            connection.close()

    beats = [Thread(target=beat) for _ in range(4)]
    for each in beats:
        each.start()
    for each in beats:
        each.join()
    assert (sorted(found), len(dues())) == ([0, 0, 0, 1], 1)
