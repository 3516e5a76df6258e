"""Quiet hours by a clock in a named zone: over midnight, and over the days on which clocks are set."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from tenants.quiet_hours import QuietHours, check, read


def hours(text: str) -> QuietHours:
    found = read(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("22:00-07:00 UTC", "2026-11-29T21:59", "2026-11-29T21:59"),
        ("22:00-07:00 UTC", "2026-11-29T22:00", "2026-11-30T07:00"),
        ("22:00-07:00 UTC", "2026-11-30T06:59", "2026-11-30T07:00"),
        ("22:00-07:00 UTC", "2026-11-30T07:00", "2026-11-30T07:00"),
        ("12:00-13:00 UTC", "2026-11-30T12:30", "2026-11-30T13:00"),
        ("12:00-13:00 UTC", "2026-11-30T13:30", "2026-11-30T13:30"),
        ("22:00-07:00 Europe/Berlin", "2026-11-29T21:30", "2026-11-30T06:00"),
        ("22:00-07:00 Europe/Berlin", "2026-07-01T20:30", "2026-07-02T05:00"),
        ("22:00-07:00 Europe/Berlin", "2026-03-28T22:00", "2026-03-29T05:00"),  # clocks go forward in this night
        ("22:00-07:00 Europe/Berlin", "2026-10-24T22:00", "2026-10-25T06:00"),  # and back in this one
        ("22:00-02:30 Europe/Berlin", "2026-03-28T23:00", "2026-03-29T01:30"),  # an end that no clock shows
        ("20:00-08:00 Asia/Kolkata", "2026-11-29T15:00", "2026-11-30T02:30"),
    ],
)
def test_held_until__in_and_out_of_quiet_hours__is_their_end_or_now(text: str, at: str, expected: str) -> None:
    found = hours(text).held_until(datetime.fromisoformat(f"{at}+00:00"))
    assert found == datetime.fromisoformat(f"{expected}+00:00")


@given(
    at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    begin=st.integers(0, 1439),
    end=st.integers(0, 1439),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Chatham", "Asia/Kolkata"]),
)
def test_held_until__of_any_hours__is_not_earlier_and_within_a_day_and_no_longer_held(
    at: datetime, begin: int, end: int, zone: str
) -> None:
    if begin == end:
        return
    words = [f"{each // 60:02}:{each % 60:02}" for each in (begin, end)]
    quiet, moment = hours(f"{words[0]}-{words[1]} {zone}"), at.replace(tzinfo=UTC)
    found = quiet.held_until(moment)
    assert 0 <= (found - moment).total_seconds() <= 25 * 3600
    assert (quiet.held_until(found) - found).total_seconds() <= 3600  # an hour that clocks show twice


@pytest.mark.parametrize(
    "text",
    ["22:00", "22:00-07:00", "22-7 UTC", "24:00-07:00 UTC", "22:00-22:00 UTC", "22:00-07:00 Mars/Base", "x", " "],
)
def test_text__that_is_no_quiet_hours__is_refused_in_words(text: str) -> None:
    with pytest.raises(ValidationError, match="expected"):
        check(text)


def test_text__that_is_empty_or_whole__is_read_back() -> None:
    assert read("") is None
    assert str(hours("22:00-07:00 Europe/Berlin")) == "22:00-07:00 Europe/Berlin"
