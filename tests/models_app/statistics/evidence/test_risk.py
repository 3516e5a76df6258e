"""Risk beside that which a live transform was fitted on: what has risen is told, what varies anyway is not."""

from dataclasses import replace

import numpy as np
import pytest

from models_app.statistics.drift import DAY
from models_app.statistics.evidence import Observations, Question, ThresholdQuestion, examine, verdict_of
from models_app.statistics.evidence.findings import Risk
from models_app.statistics.evidence.observations import Answering
from models_app.statistics.evidence.risk import LIVE, risks
from models_app.statistics.fit import FittedMapping, fit_mapping
from models_app.statistics.fitting_sample import Of, fitting_sample, of_knots
from models_app.statistics.references import CurveReference
from models_app.statistics.sample import SortedSample
from scoring.engine.probability import FloatArray

REFERENCE = CurveReference(((0.5, 0.1), (0.9, 0.01)))
QUESTION = Question(
    (ThresholdQuestion("review", 0.5, "review", 0.1), ThresholdQuestion("decline", 0.9, "decline", 0.1)), REFERENCE
)
DAYS = 14


def window(random: np.random.Generator, a_day: int, attack: float = 0.0, effect: float = 0.0) -> list[FloatArray]:
    """Two weeks, day by day: an `attack` is in the second; risk varies from day to day by the share `effect`."""
    found = []
    for day in range(DAYS):
        p = random.beta(0.4, 30, a_day) * np.exp(random.normal(0, effect))
        of_attack = random.random(a_day) < (attack if day >= DAYS // 2 else 0.0)
        p[of_attack] = random.beta(8, 4, of_attack.sum())
        found.append(np.minimum(p, 1.0))
    return found


def in_order(days: list[FloatArray]) -> list[FloatArray]:
    """As a fit has them: the values of each day in increasing order."""
    return [np.sort(day) for day in days]


def observed(past: list[FloatArray], now: list[FloatArray], of: Of = Of.EVENTS) -> Observations:
    """A refit on `now` of what was fitted on `past`."""
    was, p = np.concatenate(past), np.concatenate(now)
    live, refit = (fit_mapping(each, REFERENCE, [0.5, 0.9]) for each in (was, p))
    thresholds = knots(live)
    fitted = fitting_sample(SortedSample(was), [knot for _, knot in thresholds.values()], in_order(past), of)
    return Observations(
        event_ids=np.arange(len(p)).astype(str).astype(object),
        occurred_at=np.repeat(np.arange(DAYS) * DAY, len(now[0])),
        after=refit.mapping().many(p),
        probability_after=p,
        since=0,
        until=DAYS * DAY,
        before=live.mapping().many(p),
        probability_before=p.copy(),
        answering=(Answering(LIVE, "cards@1", 3, np.ones(len(p), bool), thresholds, fitted),),
    )


def knots(fitted: FittedMapping) -> dict[str, tuple[float, float]]:
    return {each.name: (each.score, float(np.interp(each.score, fitted.y, fitted.x))) for each in QUESTION.thresholds}


def risk(attack: float, effect: float = 0.0, a_day: int = 4000, seed: int = 1) -> Risk:
    random = np.random.default_rng(seed)
    past = window(random, a_day, effect=effect)
    (found,) = risks(observed(past, window(random, a_day, attack, effect)), QUESTION)
    return found


def test_risk__attack_in_the_second_week__rose_by_few_events_that_are_very_high() -> None:
    found = risk(attack=0.03)
    assert found.fitted_mean == pytest.approx(0.0132, abs=0.0005)
    assert found.mean == pytest.approx(0.023, abs=0.001)
    review, decline = found.thresholds
    assert (review.rose, decline.rose) == (False, True)  # 10 % is 11.4 % now, which is tolerated
    assert decline.fitted == pytest.approx(0.01, abs=1e-4)
    assert decline.seen == pytest.approx(0.025, abs=0.002)
    assert found.very_high is not None
    assert found.very_high > 0.8
    assert found.distance is not None
    assert found.floor is not None
    assert found.distance > found.floor
    quiet, loud = found.by_day[:7], found.by_day[7:]
    assert all(day.distance < day.floor for day in quiet if day.floor)
    assert all(day.distance > day.floor for day in loud if day.floor)
    assert sum(day.beyond for day in loud) > 100 > 10 > sum(day.beyond for day in quiet)
    assert found.beyond == sum(day.beyond for day in found.by_day)


def test_risk__all_events_a_little_riskier__rose_by_many_small_ones() -> None:
    random = np.random.default_rng(2)
    past, now = window(random, 4000), [np.minimum(1.0, 1.5 * day) for day in window(random, 4000)]
    (found,) = risks(observed(past, now), QUESTION)
    assert all(each.rose for each in found.thresholds)
    assert found.very_high is not None
    assert found.very_high < 0.3


def test_risk__same_events_as_those_fitted_on__has_no_distance() -> None:
    days = window(np.random.default_rng(3), 2000)
    (found,) = risks(observed(days, days), QUESTION)
    assert found.distance == 0.0
    assert found.mean == pytest.approx(found.fitted_mean)
    assert [each.relative for each in found.thresholds] == [0.0, 0.0]


@pytest.mark.parametrize("effect", [0.0, 0.1, 0.25])
def test_risk__nothing_but_day_effects__rises_and_passes_the_floor_in_few_worlds(effect: float) -> None:
    random = np.random.default_rng(1)
    found = [
        one for _ in range(60) for one in calm(window(random, 400, effect=effect), window(random, 400, effect=effect))
    ]
    assert np.mean([any(each.rose for each in one.thresholds) for one in found]) <= 0.05
    assert np.mean([one.distance > one.floor for one in found if one.distance and one.floor]) <= 0.08
    assert np.mean([day.distance > day.floor for one in found for day in one.by_day if day.floor]) <= 0.08
    ends = [(each.low, each.high) for one in found for each in one.thresholds]
    assert np.mean([low <= 0.0 <= high for low, high in ends if low is not None and high is not None]) >= 0.93


def calm(past: list[FloatArray], now: list[FloatArray]) -> list[Risk]:
    """As `observed` of a refit, but without one, which is what takes long."""
    was, p = np.concatenate(past), np.concatenate(now)
    ends = {"review": (0.5, float(np.quantile(was, 0.9))), "decline": (0.9, float(np.quantile(was, 0.99)))}
    fitted = fitting_sample(SortedSample(was), [knot for _, knot in ends.values()], in_order(past))
    answering = Answering(LIVE, "cards@1", 3, np.ones(len(p), bool), ends, fitted)
    occurred_at, ids = np.repeat(np.arange(DAYS) * DAY, len(now[0])), np.empty(len(p), object)
    return risks(Observations(ids, occurred_at, p, p, 0, DAYS * DAY, p, p, answering=(answering,)), QUESTION)


@pytest.mark.parametrize("of", [Of.OTHERS, Of.VALIDATION])
def test_risk__fitted_on_other_than_own_events__is_told_and_never_rose(of: Of) -> None:
    random = np.random.default_rng(4)
    seen = observed(window(random, 2000), window(random, 2000, attack=0.05), of)
    (found,) = risks(seen, QUESTION)
    assert found.fitted_of == of
    assert found.thresholds[1].relative is not None
    assert found.thresholds[1].relative > 1.0
    assert not any(each.rose for each in found.thresholds)


def test_risk__transform_of_a_former_version__is_read_from_its_knots() -> None:
    random = np.random.default_rng(5)
    past, now = window(random, 4000), window(random, 4000, attack=0.03)
    seen, was = observed(past, now), np.concatenate(past)
    live = fit_mapping(was, REFERENCE, [0.5, 0.9])
    fitted = of_knots(live.x, live.y, REFERENCE, live.n, Of.EVENTS)
    assert fitted is not None
    assert fitted.mean == pytest.approx(was.mean(), rel=0.01)
    (found,) = risks(replace(seen, answering=(replace(seen.answering[0], fitted=fitted),)), QUESTION)
    assert not found.kept
    assert [each.rose for each in found.thresholds] == [False, True]
    assert found.thresholds[1].fitted == pytest.approx(0.01, rel=0.01)


def test_risk__nothing_known_of_the_fitting_sample__is_told_of_the_events_alone() -> None:
    random = np.random.default_rng(6)
    seen = observed(window(random, 1000), window(random, 1000))
    (found,) = risks(replace(seen, answering=(replace(seen.answering[0], fitted=None),)), QUESTION)
    assert (found.fitted_of, found.thresholds, found.n) == ("", [], 14_000)


def test_risk__attack_that_is_no_drift_of_past_weeks__rose_though_weeks_differ() -> None:
    random = np.random.default_rng(7)
    seen = observed(window(random, 4000, effect=0.1), window(random, 4000, attack=0.06, effect=0.1))
    (found,) = risks(seen, QUESTION)
    assert found.thresholds[1].rose


def test_verdict__risk_rose__stands_beside_the_state_and_in_the_sentence() -> None:
    random = np.random.default_rng(8)
    past = window(random, 4000)
    verdict = verdict_of([examine("cards", observed(past, window(random, 4000, attack=0.03)), QUESTION)])
    assert verdict.risk_rose
    assert verdict.state in ("pass", "repairs", "not enough events", "fail")
    (rise,) = verdict.risk_rises
    assert (rise.intent, rise.name) == ("cards", "decline")
    assert "Risk rose: events at or above the probability of ‘decline’ 0.9 went from 1 % to 2.5" in verdict.sentence
    calm = verdict_of([examine("cards", observed(past, window(random, 4000)), QUESTION)])
    assert not calm.risk_rose
    assert "Risk rose" not in calm.sentence


def test_fitting_sample__shares__are_those_of_its_events() -> None:
    values = np.random.default_rng(9).beta(0.4, 30, 50_000)
    kept = fitting_sample(SortedSample(values), [0.05, 0.2], in_order(np.array_split(values, 10)))
    for x in (0.05, 0.2, *kept.values[::10]):
        assert kept.share(x) == np.mean(values >= x)
    assert kept.share(values.max() + 1e-9) == 0.0
    assert (kept.n, kept.days, kept.degrees) == (50_000, 10, 9)
    assert kept.share(float(kept.reached(np.array([1e-3]))[0])) == pytest.approx(1e-3, abs=2e-5)
    assert kept.above[-1] == 1 / 50_000
