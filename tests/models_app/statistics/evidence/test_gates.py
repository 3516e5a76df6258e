"""Gates: the alert rate against the target and against what is live."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_app.statistics.drift import Drift
from models_app.statistics.evidence.gates import Gate, Margin, Reason, against, gate_of, tolerance_of
from models_app.statistics.evidence.paired import of_counts
from models_app.statistics.prediction import interval

STILL = Drift(0.0, 1.0)
EVENTS, TARGET = 200_000, 0.01


def gate(both: int, only_before: int, only_after: int, n: int = EVENTS) -> Gate:
    """At a target of 1 % with a tolerance of 10 %."""
    change = of_counts(both, only_before, only_after)
    target, live = (rate(alerts, n) for alerts in (both + only_after, both + only_before))
    return gate_of(target, Margin(change.relative, change.low, change.high), live, 0.1)


def rate(alerts: int, n: int) -> Margin | None:
    return against(TARGET, alerts / n, *interval(alerts, n, math.inf, STILL))


def test_gate__seven_rises_of_eight_percent__does_not_pass_one_of_them() -> None:
    live, states = 2_000, []
    for _ in range(7):
        risen = round(live * 1.08)
        states.append(gate(live, 0, risen - live).state)
        live = risen
    assert states == ["not enough events", *["fail"] * 6]


def test_gate__stays_at_twice_the_target__fails() -> None:
    found = gate(4_000, 0, 0)
    assert found.state == "fail"
    assert "against the target" in found.sentence


def test_gate__brings_what_has_drifted_back_to_the_target__repairs() -> None:
    found = gate(2_000, 600, 0)
    assert found.state == "repairs"
    assert "+25.1 % to +35.1 % off" in found.sentence


def test_gate__on_target_but_off_on_days_held_out__fails_and_says_by_how_much() -> None:
    on_target = rate(2_000, EVENTS)
    found = gate_of(on_target, None, on_target, 0.1, held_out=Margin(0.25, 0.12, 0.4))
    assert (found.state, found.reason) == ("fail", Reason.OFF)
    assert found.sentence.startswith("Held out, the alert rate was +12.0 % to +40.0 % against the target.")


@pytest.mark.parametrize(
    "held_out", [None, Margin(0.08, -0.02, 0.2), Margin(0.12, 0.02, 0.25), Margin(0.0, None, None)]
)
def test_gate__not_known_to_be_off_on_days_held_out__is_as_without(held_out: Margin | None) -> None:
    on_target = rate(2_000, EVENTS)
    assert gate_of(on_target, None, on_target, 0.1, held_out=held_out).state == "pass"


def test_gate__on_target_but_off_on_days_held_out__lost_in_two_of_a_hundred() -> None:
    """What days held out cost where nothing moves: of 500 fits of 128,660 events (enough for 1 %), how many fail."""
    rng, fitted, rest = np.random.default_rng(3), 91_900, 36_760
    alerts = rng.binomial(rest, rng.binomial(fitted, TARGET, 500) / fitted)
    margins = [against(TARGET, each / rest, *interval(int(each), rest, fitted, STILL)) for each in alerts]
    assert np.mean([each is not None and each.position(0.1).value == "beyond" for each in margins]) <= 0.02


def test_gate__on_target_and_live_too__passes() -> None:
    assert gate(1_900, 100, 110).state == "pass"


def test_gate__too_few_events_for_the_rate_but_nobody_changes_sides__passes() -> None:
    """A tenant with 50 alerts knows its rate to a third of itself; that nothing moves is known all the same."""
    assert gate(50, 0, 0, 5_000).state == "pass"
    assert gate(50, 0, 0, 4_000).state == "pass"  # live is at 1.25 %, which may be chance
    assert gate(50, 0, 0, 1_500).state == "fail"  # three times the target is not


def test_gate__small_steps_away_from_the_target_with_few_events__do_not_pass() -> None:
    assert gate(5_000, 0, 250, 480_000).state == "not enough events"


def test_gate__moves_much_and_away_from_the_target__fails_though_its_rate_is_hardly_known() -> None:
    assert gate(40, 10, 60, 5_000).state == "fail"


def test_gate__nothing_live__is_held_against_the_target_alone() -> None:
    assert gate_of(rate(2_010, EVENTS), None, None, 0.1).state == "pass"
    assert gate_of(rate(20, 2_000), None, None, 0.1).state == "not enough events"
    assert gate_of(rate(2_600, EVENTS), None, None, 0.1).state == "fail"


def test_gate__no_target_there__is_held_against_what_is_live() -> None:
    assert gate_of(None, Margin(0.0, -0.01, 0.01), None, 0.1).state == "pass"
    assert gate_of(None, Margin(0.5, 0.4, 0.6), None, 0.1).state == "fail"
    assert gate_of(None, Margin(None, None, None), None, 0.1).sentence.startswith("No event alerts")


@pytest.mark.parametrize(("alerts_a_day", "tolerance"), [(0.0, 0.1), (0.5, 0.1), (2.0, 0.2)])
def test_tolerance__of_few_alerts__is_the_wider_of_a_share_and_alerts_a_day(
    alerts_a_day: float, tolerance: float
) -> None:
    """At 10 alerts a day a tenth of them is one."""
    assert tolerance_of(0.1, alerts_a_day, 1_000.0, 0.01) == pytest.approx(tolerance)


shares = st.floats(-0.9, 3)


@given(relative=shares, down=st.floats(0, 0.9), up=st.floats(0, 3), tolerance=st.floats(0.01, 0.5))
def test_gate__what_is_surely_off_the_target__never_goes_live_without_a_reason(
    relative: float, down: float, up: float, tolerance: float
) -> None:
    target = Margin(relative, relative - down, relative + up)
    found = gate_of(target, Margin(0.0, 0.0, 0.0), target, tolerance)
    if target.position(tolerance) == "beyond":
        assert found.state == "fail"
    assert found.state != "repairs"  # live is where it would be
