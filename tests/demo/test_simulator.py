"""The simulator of the demonstration: reproducible, seasonal, drifting, with fraud of the right share."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from muse_site.demo.profiles import CHANNELS, FEATURES, PROFILES, Profile
from muse_site.demo.simulator import Payments, Simulator
from scoring.engine.document import Feature
from scoring.engine.features import FeatureEncoder
from scoring.lake.reading import day_of_uuid7

START = date(2026, 9, 21)  # a Monday


def simulated(profile: Profile, days: range) -> list[Payments]:
    simulator = Simulator(profile, START)
    return [simulator.day(day) for day in days]


def test_day__asked_twice_and_in_any_order__is_the_same() -> None:
    once, twice = Simulator(PROFILES[0], START), Simulator(PROFILES[0], START)
    twice.day(3)
    assert once.day(7).events() == twice.day(7).events()


def test_day__other_seed_tenant_or_day__differs() -> None:
    ids = {
        Simulator(PROFILES[0], START).day(1).event_ids[0],
        Simulator(PROFILES[0], START).day(2).event_ids[0],
        Simulator(PROFILES[0], START, seed=1).day(1).event_ids[0],
        Simulator(PROFILES[1], START).day(1).event_ids[0],
    }
    assert len(ids) == 4


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.slug)
def test_day__of_the_history__has_at_least_2000_payments(profile: Profile) -> None:
    assert min(len(day) for day in simulated(profile, range(60))) >= 2_000


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.slug)
def test_fraud__over_the_history__has_the_share_of_the_profile(profile: Profile) -> None:
    fraud = np.concatenate([day.fraud for day in simulated(profile, range(54))])
    assert fraud.mean() == pytest.approx(profile.fraud_share, rel=0.15)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.slug)
def test_fraud__of_the_second_month__comes_by_web_alone_or_wherever_payments_are_made(profile: Profile) -> None:
    days = simulated(profile, range(40, 60))
    channel, fraud = (np.concatenate([getattr(day, name) for day in days]) for name in ("channel", "fraud"))
    by_web = (channel[fraud == 1] == 0).mean()
    assert by_web > 0.95 if profile.tested_on_web else by_web == pytest.approx(profile.channels[0], abs=0.05)


def test_volume__at_weekends__follows_the_profile() -> None:
    market = PROFILES[1]
    sizes = np.array([len(day) for day in simulated(market, range(28))]).reshape(4, 7)
    assert sizes[:, 5:].mean() / sizes[:, :5].mean() == pytest.approx(market.weekend, rel=0.05)


def test_hours__of_a_day__are_busier_in_the_evening_than_at_night() -> None:
    hours = np.concatenate([day.columns["hour"] for day in simulated(PROFILES[0], range(7))])
    assert ((hours >= 17) & (hours < 20)).sum() > 5 * (hours < 3).sum()


def test_fraud__from_first_to_second_month__turns_from_large_to_rapid() -> None:
    def rapid(days: range) -> float:
        parts = simulated(PROFILES[1], days)
        fraud = np.concatenate([part.fraud for part in parts]) == 1
        return float(np.concatenate([part.columns["payments_last_hour"] for part in parts])[fraud].mean())

    assert rapid(range(40, 60)) > 1.5 * rapid(range(-90, -60))


def test_events__as_sent__fit_the_declared_schema() -> None:
    payments = Simulator(PROFILES[2], START).day(5)
    events = payments.events()
    encoder = FeatureEncoder(
        [Feature(**{**each, "categories": tuple(each.get("categories", ()))}) for each in FEATURES]
    )
    columns, errors = encoder.many([event["features"] for event in events])
    assert not errors
    for feature in FEATURES:
        np.testing.assert_array_equal(columns[feature["name"]], payments.columns[feature["name"]])
    assert {event["context"]["channel"] for event in events} <= set(CHANNELS)


def test_event_ids__of_a_day__are_unique_and_carry_the_day() -> None:
    payments = Simulator(PROFILES[0], START).day(2)
    assert len(set(payments.event_ids)) == len(payments)
    assert {day_of_uuid7(event_id) for event_id in payments.event_ids} == {date(2026, 9, 23)}


def test_live_payments__at_given_moments__occur_then() -> None:
    noon = int(datetime(2026, 12, 1, 12, tzinfo=UTC).timestamp() * 1_000_000)
    moments = np.array([noon, noon + 250_000])
    payments = Simulator(PROFILES[0], START).at(moments, np.random.default_rng(1))
    assert [event["occurred_at"] for event in payments.events()] == [
        "2026-12-01T12:00:00.000000Z",
        "2026-12-01T12:00:00.250000Z",
    ]
    assert payments.columns["hour"].tolist() == [12.0, 12.0]
