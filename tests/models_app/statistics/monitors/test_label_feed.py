"""Label feeds: quiet while labels come as they use to, by the hour, the day or at random; loud once they stop."""

import numpy as np
import pytest

from models_app.statistics.monitors import label_feed
from models_app.statistics.monitors.distribution import HOURS
from models_app.statistics.monitors.label_feed import Feed
from models_app.statistics.monitors.look import LABEL_FEED, of_labels

FIRST = 480_000


def feed_of(hours: list[int]) -> Feed:
    feed = Feed()
    for hour in hours:
        feed = feed.after(hour)
    return feed


def hours_until_told(hours: list[int], most: int = 400) -> int | None:
    """Of silence after the last of these hours."""
    feed = feed_of(hours)
    for more in range(1, most):
        found = label_feed.silence(feed, hours[-1] + 1 + more)
        if found is not None and of_labels([(found, True), (None, False)])[0].a_year <= 1.0:
            return more
    return None


@pytest.mark.parametrize(
    ("apart", "least", "most"),
    [(1, 2, 4), (6, 12, 30), (24, 48, 108)],
)
def test_silence__of_a_feed_by_a_timetable__is_told_after_a_few_of_its_steps(apart: int, least: int, most: int) -> None:
    hours = list(range(FIRST, FIRST + 28 * HOURS, apart))
    assert least <= (hours_until_told(hours) or 0) <= most


def test_silence__of_a_feed_at_random__is_told_at_most_as_often_as_it_says() -> None:
    """By simulation, of four years: the silences that come to be as unusual as once a year."""
    rng = np.random.default_rng(2)
    steps = 1 + rng.exponential(8.0, 4 * 8766 // 9).astype(int)
    feed, alarms = Feed(), 0
    for hour in np.cumsum(steps).tolist():
        found = label_feed.silence(feed, FIRST + hour)
        alarms += found is not None and found.a_year <= 1.0
        feed = feed.after(FIRST + hour)
    assert alarms <= 6  # four in the mean


def test_silence__of_a_feed_that_is_hardly_known__is_not_told() -> None:
    assert label_feed.silence(feed_of([FIRST, FIRST + 1, FIRST + 9]), FIRST + 900) is None
    assert label_feed.silence(Feed(), FIRST) is None


def test_feed__keeps_four_weeks_before_the_latest_label_and_no_hour_twice() -> None:
    feed = feed_of([FIRST, FIRST, FIRST + 5, FIRST + 3, FIRST + 28 * HOURS])
    assert feed.hours == (FIRST + 5, FIRST + 28 * HOURS)


def test_last_day__with_as_many_labels_as_on_its_weekdays__is_usual() -> None:
    days = {day: 1000 if day % 7 < 5 else 10 for day in range(20_000, 20_028)}
    found = label_feed.last_day(days, 20_028)
    assert found is not None
    assert found.a_year > 100
    assert found.times == pytest.approx(1.0)


def test_last_day__with_a_tenth_of_them__is_unusual() -> None:
    days = dict.fromkeys(range(20000, 20027), 1000) | {20_027: 100}
    found = label_feed.last_day(days, 20_028)
    assert found is not None
    assert found.times == pytest.approx(0.1, abs=0.01)
    (signal,) = of_labels([(None, True), (found, False)])
    assert signal.a_year < 1.0
    assert (signal.name, signal.how, signal.since) == (LABEL_FEED, "otherwise many", 20_027 * HOURS)


def test_last_day__of_a_feed_of_a_week__is_not_told() -> None:
    assert label_feed.last_day(dict.fromkeys(range(20020, 20028), 5), 20_028) is None
