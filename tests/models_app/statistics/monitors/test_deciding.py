"""What has happened, told apart: in simulated worlds, each of which changes one thing at a known hour."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest

from models_app.statistics.monitors import deciding, look
from models_app.statistics.monitors.deciding import Finding, Kind
from models_app.statistics.monitors.distribution import HOURS
from models_app.statistics.monitors.look import Hour, Known
from tests.models_app.statistics.monitors.worlds import TARGETS, Change, hour_of, nothing

DAYS = 28
NO_LIBRARY = np.empty((0, 8), dtype=np.uint32)
FIRST = 500_000 // HOURS * HOURS  # an hour that begins a day
BEGIN = FIRST + DAYS * HOURS


@cache
def past(seed: int) -> tuple[tuple[Hour, ...], Known]:
    hours = tuple(hour_of(FIRST + number, seed) for number in range(DAYS * HOURS))
    return hours, look.known_of(hours, BEGIN // HOURS)


def found(change: Change, *, hours: int, seed: int = 0, volume: float = 60.0) -> tuple[int, Finding] | None:
    """After how many hours something was found, and what."""
    before, known = past(seed)
    seen, watches = list(before[-HOURS:]), look.Watches()
    for number in range(hours):
        hour = hour_of(BEGIN + number, seed, change, volume)
        seen.append(hour)
        watches = look.watched(watches, [hour], TARGETS, known, {}, NO_LIBRARY)
        signals = look.signals(watches, seen[-HOURS:], known)
        finding = deciding.found(signals, 1.0, lambda signal: told(seen, signal.since, known))
        if finding is not None:
            return number + 1, finding
    return None


def told(hours: Sequence[Hour], since: int, known: Known) -> look.telling_apart.Told:
    return look.told_apart(hours, since, known)


def nulls(columns, rng):  # type: ignore[no-untyped-def]
    return columns | {"amount": np.full(len(columns["amount"]), np.nan)}


def cents(columns, rng):  # type: ignore[no-untyped-def]
    return columns | {"amount": columns["amount"] * 100.0}


def constant(columns, rng):  # type: ignore[no-untyped-def]
    return columns | {"amount": np.full(len(columns["amount"]), 54.6)}


def renamed(columns, rng):  # type: ignore[no-untyped-def]
    return columns | {"kind": np.where(columns["kind"] == "=food", "=groceries", columns["kind"])}


def new_channel(columns, rng):  # type: ignore[no-untyped-def]
    is_new = rng.random(len(columns["channel"])) < 0.3
    return columns | {"channel": np.where(is_new, "=app", columns["channel"])}


def attack(columns, rng):  # type: ignore[no-untyped-def]
    """One event in twenty is among the riskiest of all."""
    risky = rng.random(len(columns["probability"])) < 0.05
    return columns | {"probability": np.where(risky, 0.99 + 0.01 * rng.random(len(risky)), columns["probability"])}


def drifted(columns, rng):  # type: ignore[no-untyped-def]
    """All probabilities are higher, as those of a model whose output has drifted."""
    return columns | {"probability": columns["probability"] ** 0.5}


@pytest.mark.parametrize("seed", range(3))
def test_found__while_nothing_happens__is_nothing(seed: int) -> None:
    assert found(nothing, hours=10 * HOURS, seed=seed) is None


@pytest.mark.parametrize(
    ("change", "name", "how"),
    [
        (nulls, "amount", "nulls"),
        (cents, "amount", "another unit"),
        (constant, "amount", "constant"),
        (renamed, "kind", "new values"),
    ],
)
def test_found__of_a_feature_that_breaks__is_a_data_fault_within_two_hours_that_names_it(
    change: Change, name: str, how: str
) -> None:
    after, finding = found(change, hours=6) or pytest.fail("nothing was found")
    assert after <= 2
    assert finding.kind == Kind.DATA_FAULT
    assert (finding.signals[0].name, finding.signals[0].how) == (name, how)


def test_found__of_a_new_channel__is_a_changed_client() -> None:
    after, finding = found(new_channel, hours=12) or pytest.fail("nothing was found")
    assert after <= 3
    assert finding.kind == Kind.CLIENT_CHANGED
    assert (finding.signals[0].of, finding.signals[0].name) == ("context", "channel")


def test_found__of_three_times_the_volume__is_a_changed_client() -> None:
    _, finding = found(nothing, hours=24, volume=180.0) or pytest.fail("nothing was found")
    assert finding.kind == Kind.CLIENT_CHANGED
    assert finding.signals[0].of == "volume"
    assert finding.signals[0].ratio == pytest.approx(3.0, rel=0.2)


@pytest.mark.parametrize("seed", range(3))
def test_found__of_an_attack__is_risk_and_says_what_share_has_come(seed: int) -> None:
    _, finding = found(attack, hours=48, seed=seed) or pytest.fail("nothing was found")
    assert finding.kind == Kind.RISK
    assert finding.told is not None
    assert 0.01 < finding.told.share < 0.3  # of 0.05, by the few events of some hours


@pytest.mark.parametrize("seed", range(3))
def test_found__of_a_model_that_drifts__is_scale(seed: int) -> None:
    _, finding = found(drifted, hours=96, seed=seed) or pytest.fail("nothing was found")
    assert finding.kind == Kind.SCALE


def test_standing__of_many_intents__are_those_that_are_unusual_enough_for_as_many() -> None:
    quiet = dict.fromkeys(range(98), 200.0)
    assert deciding.standing({**quiet, 98: 1.0 / 99, 99: 1.0 / 2}, 1.0) == set()
    assert deciding.standing({**quiet, 98: 1.0 / 100, 99: 1.0 / 2}, 1.0) == {98}
    assert deciding.standing({**quiet, 98: 1.0 / 60, 99: 1.0 / 50}, 1.0) == {98, 99}
    assert deciding.standing({}, 1.0) == set()


def test_standing__while_nothing_happens__names_any_of_hundreds_of_intents_as_seldom_as_a_single_one() -> None:
    """By simulation, at 4,000 moments: each intent is as unusual as a false alarm at one of 200."""
    rng = np.random.default_rng(5)
    alarms = [bool(deciding.standing(dict(enumerate(200.0 * rng.random(300))), 1.0)) for _ in range(4_000)]
    assert np.mean(alarms) == pytest.approx(1 / 200, abs=0.0035)


def test_watches__after_an_hour_without_events__are_as_they_were() -> None:
    """Of a small intent's night: what the evening has said is not forgotten."""
    _, known = past(0)
    before = look.watched(look.Watches(), [hour_of(BEGIN, 0)], TARGETS, known, {}, NO_LIBRARY)
    assert before.rates
    assert look.watched(before, [Hour(BEGIN + 1)], {}, known, {}, NO_LIBRARY) == before
