import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_app.statistics.sample_size import Verdict, assess, relative_standard_error, required_events

rates = st.floats(1e-6, 0.999)


@pytest.mark.parametrize(("rate", "events"), [(0.1, 3_458), (0.01, 38_032), (0.001, 383_776)])
def test_required_events__ten_percent_at_95__published_numbers(rate, events):
    assert required_events(rate) == events


@given(rates, st.floats(0.01, 1.0))
def test_required_events__that_many__know_the_rate_within_delta(rate, delta):
    n = required_events(rate, delta)
    assert 1.96 * relative_standard_error(rate, n) <= delta * (1 + 1e-9)
    if n > 1:
        assert 1.96 * relative_standard_error(rate, n - 1) > delta * (1 - 1e-9)


def test_relative_standard_error__no_events__infinite():
    assert relative_standard_error(0.1, 0) == math.inf


@pytest.mark.parametrize(
    ("n", "verdict"),
    [
        (0, "refused"),
        (50, "refused"),
        (9_999, "refused"),
        (10_000, "flagged"),
        (383_775, "flagged"),
        (383_776, "enough"),
    ],
)
def test_assess__smallest_declared_rate__decides(n, verdict):
    found = assess(n, [0.1, 0.001, 0.01])
    assert (found.verdict, found.alert_rate, found.required) == (Verdict(verdict), 0.001, 383_776)
    assert math.isclose(found.expected_alerts, n * 0.001)


@given(st.integers(0, 10**9), st.lists(rates, min_size=1, max_size=5))
def test_assess__verdict__follows_the_rule(n, declared):
    found = assess(n, declared)
    if found.verdict is Verdict.ENOUGH:
        assert n >= found.required
    assert (found.verdict is Verdict.REFUSED) == (n * min(declared) < 10 * (1 - 1e-9))


def test_assess__too_few__sentence_says_how_many_it_takes():
    assert assess(50, [0.01]).sentence == (
        "50 events: too few. At the smallest declared alert rate, 1 %, 0.5 alerts are expected, and it takes 10: "
        "fit on 1,000 events or more, for instance with a longer window."
    )


def test_assess__flagged__sentence_gives_the_error_that_it_has():
    assert assess(20_000, [0.01]).sentence == (
        "20,000 events: the smallest declared alert rate, 1 %, is known only within ±13.8 % of itself "
        "(95 % confidence); ±10 % of itself takes 38,032 events."
    )


def test_assess__no_threshold_declared__judged_at_one_percent():
    assert assess(50, []).verdict is Verdict.REFUSED
    assert assess(40_000, []).verdict is Verdict.ENOUGH


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1, math.nan])
def test_required_events__rate_out_of_range__value_error(rate):
    with pytest.raises(ValueError, match="alert_rate: expected a number within \\(0, 1\\)"):
        required_events(rate)


def test_required_events__delta_of_zero__value_error():
    with pytest.raises(ValueError, match="delta: expected a number above 0"):
        required_events(0.1, 0.0)
