import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from models_app.statistics.references import BetaReference, CurveReference, reference_from
from tests.models_app.statistics.strategies import beta_references, references, scores

rates = st.floats(1e-6, 1.0 - 1e-6)


@given(references)
def test_reference__ends__are_zero_and_one(reference):
    assert reference.alert_rate([0.0, 1.0]).tolist() == [1.0, 0.0]
    assert reference.score_at([1.0, 0.0]).tolist() == [0.0, 1.0]
    assert reference.quantile([0.0, 1.0]).tolist() == [0.0, 1.0]


@given(references)
def test_reference__increasing_alert_rates__strictly_decreasing_scores(reference):
    found = reference.score_at(np.geomspace(1e-6, 0.99, 500))
    assert np.all(np.diff(found) < 0.0)
    assert np.all((found > 0.0) & (found < 1.0))


@given(references, rates)
def test_reference__score_at_an_alert_rate__has_that_alert_rate(reference, rate):
    score = float(reference.score_at(rate))
    # With small b, rare alerts sit so near 1 that neighbouring floats are visibly different rates.
    beside = reference.alert_rate([math.nextafter(score, 0.0), math.nextafter(score, 1.0)])
    assert beside[1] * (1.0 - 1e-6) <= rate <= beside[0] * (1.0 + 1e-6)


@given(references, scores)
def test_reference__alert_rate_of_a_score__leads_back_to_it(reference, score):
    rate = float(reference.alert_rate(score))
    if 1e-9 < rate < 1.0 - 1e-6:
        assert math.isclose(float(reference.score_at(rate)), score, abs_tol=1e-6)


@given(references, rates)
def test_reference__quantile__is_the_score_at_the_remaining_rate(reference, level):
    assert math.isclose(float(reference.quantile(level)), float(reference.score_at(1.0 - level)), abs_tol=1e-9)


@given(beta_references, st.floats(0.001, 0.999))
def test_beta_reference__quantile__is_that_of_scipy(reference, level):
    assert math.isclose(float(reference.quantile(level)), stats.beta.ppf(level, reference.a, reference.b), rel_tol=1e-9)


def test_curve_reference__its_points__are_met():
    curve = CurveReference(((0.5, 0.1), (0.8, 0.02), (0.93, 0.005)))
    assert np.allclose(curve.alert_rate([0.5, 0.8, 0.93]), [0.1, 0.02, 0.005], rtol=1e-12)
    assert np.allclose(curve.score_at([0.1, 0.02, 0.005]), [0.5, 0.8, 0.93], rtol=1e-12)


def test_curve_reference__between_points__each_step_divides_the_alerts_alike():
    curve = CurveReference(((0.5, 0.1), (0.7, 0.001)))
    assert math.isclose(float(curve.alert_rate(0.6)), 0.01, rel_tol=1e-12)
    assert math.isclose(float(curve.alert_rate(0.85)), 0.0005, rel_tol=1e-12)


@given(references)
def test_reference_from__stored_parameters__same_reference(reference):
    stored = json.loads(json.dumps(reference.parameters()))
    assert reference_from(stored["kind"], stored) == reference


def test_reference_from__parameters_without_kind__accepted():
    assert reference_from("beta", {"a": 2, "b": 8}) == BetaReference(2.0, 8.0)


POINT = {"score": 0.5, "alert_rate": 0.1}


@pytest.mark.parametrize(
    ("kind", "parameters", "message"),
    [
        ("gamma", {}, "kind: expected one of beta, curve, found 'gamma'"),
        ("beta", {"kind": "curve", "a": 2, "b": 8}, "kind: expected 'beta'"),
        ("beta", [2, 8], "parameters: expected an object"),
        ("beta", {"a": 2}, "parameters.b: expected a value, found none"),
        ("beta", {"a": 2, "b": 8, "c": 1}, "parameters.c: not a field"),
        ("beta", {"a": "2", "b": 8}, "a: expected a finite number, found '2'"),
        ("beta", {"a": True, "b": 8}, "a: expected a finite number"),
        ("beta", {"a": math.nan, "b": 8}, "a: expected a finite number"),
        ("beta", {"a": 2, "b": 0}, "b: expected a number above 0"),
        ("beta", {"a": 2, "b": 0.05}, "cannot be told apart; choose a larger b, or a smaller a"),
        ("beta", {"a": 1e5, "b": 0.5}, "cannot be told apart; choose a larger b, or a smaller a"),
        ("beta", {"a": 10**400, "b": 2}, "^a: expected a finite number, found a larger one than any of float64"),
        ("beta", {"a": 2, "b": math.inf}, "b: expected a finite number, found inf"),
        ("curve", {"points": [{**POINT, "alert_rate": 10**400}]}, "points\\[0\\].alert_rate: expected a finite"),
        ("curve", {"points": []}, "points: expected at least one"),
        ("curve", {"points": "0.5"}, "points: expected a list"),
        ("curve", {"points": [0.5]}, "points\\[0\\]: expected an object"),
        ("curve", {"points": [{"score": 0.5}]}, "points\\[0\\].alert_rate: expected a value"),
        ("beta", {"a": 0.001, "b": 2}, "a: .* choose a larger a"),
        ("curve", {"points": [{**POINT, "alert_rate": None}]}, "points\\[0\\].alert_rate: expected a finite"),
        ("curve", {"points": [{**POINT, "score": 0}]}, "points\\[0\\].score: expected a number above 0"),
        ("curve", {"points": [{**POINT, "score": 1}]}, "points\\[0\\].score: .* below 1"),
        ("curve", {"points": [POINT, {"score": 0.4, "alert_rate": 0.05}]}, "points\\[1\\].score: .* above 0.5"),
        ("curve", {"points": [POINT, {"score": 0.6, "alert_rate": 0.1}]}, "points\\[1\\].alert_rate: .* below 0.1"),
    ],
)
def test_reference_from__bad_parameters__value_error_naming_the_field(kind, parameters, message):
    with pytest.raises(ValueError, match=message):
        reference_from(kind, parameters)
