import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_app.statistics.agreement import sentence
from models_app.statistics.cold_start import MemberQuantiles, default_mapping, validation_quantiles
from models_app.statistics.references import BetaReference, CurveReference
from scoring.engine.aggregation import AGGREGATIONS, aggregation_from
from scoring.engine.correction import PosteriorCorrection
from tests.models_app.statistics.strategies import large_samples, references, samples, scores, small_samples

BETA = BetaReference(2.0, 8.0)
betas = st.floats(0.01, 1.0)


@given(samples.filter(lambda sample: len(sample) > 1))
def test_validation_quantiles__any_sample__levels_increase_within_bounds_and_values_do_not_fall(sample):
    levels, values = np.array(validation_quantiles(sample)).T
    assert np.all(np.diff(levels) > 0.0)
    assert np.all(np.diff(values) >= 0.0)
    assert np.all((levels > 0.0) & (levels < 1.0) & (values >= 0.0) & (values <= 1.0))


def test_validation_quantiles__many_outputs__dense_to_the_last_event_and_plain_json():
    sample = np.random.default_rng(1).random(100_000)
    quantiles = validation_quantiles(sample)
    assert json.loads(json.dumps(quantiles)) == quantiles
    assert math.isclose(quantiles[-1][0], 1.0 - 1e-5)
    assert all(abs(np.mean(sample >= value) - (1.0 - level)) < 1e-9 for level, value in quantiles)


def test_validation_quantiles__single_output__value_error():
    with pytest.raises(ValueError, match="at least 2 outputs, found 1"):
        validation_quantiles(np.array([0.5]))


@given(large_samples(), betas, references, st.lists(scores, max_size=4))
def test_default_mapping__one_model__reaches_targets_on_its_validation_events(sample, beta, reference, declared):
    members = [MemberQuantiles(validation_quantiles(sample), beta)]
    fit = default_mapping(members, "mean", reference, declared)
    found = fit.mapping().many(PosteriorCorrection(beta).many(sample))
    for threshold in fit.thresholds:
        rate = np.mean(found >= threshold.score)
        # Between two levels the source is interpolated: they are 8 % apart in the tail, 0.5 % of events in the body.
        slack = min(0.005, 0.08 * threshold.target) + 2.0 / len(sample)
        if len(np.unique(sample)) == len(sample):
            assert threshold.reachable
            assert abs(rate - threshold.target) <= slack
        assert abs(rate - threshold.achieved) <= slack + 0.001


@given(small_samples.filter(lambda sample: len(sample) > 1), betas, references, st.lists(scores, max_size=4))
def test_default_mapping__awkward_samples__still_a_valid_mapping(sample, beta, reference, declared):
    members = [MemberQuantiles(validation_quantiles(sample), beta)]
    fit = default_mapping(members, "mean", reference, declared)
    assert (fit.mapping().one(0.0), fit.mapping().one(1.0)) == (0.0, 1.0)
    assert len(fit.thresholds) == len(set(declared))


@pytest.mark.parametrize("name", sorted(AGGREGATIONS))
def test_default_mapping__models_that_rank_alike__reaches_targets(name):
    rng = np.random.default_rng(2)
    first = rng.beta(0.4, 20.0, 50_000)
    second = np.sqrt(first)
    members = [MemberQuantiles(validation_quantiles(first), 0.5, 2.0), MemberQuantiles(validation_quantiles(second))]
    declared = [float(BETA.score_at(rate)) for rate in (0.1, 0.01, 0.001)]
    fit = default_mapping(members, name, BETA, declared)
    outputs = [PosteriorCorrection(0.5).many(first), second]
    found = fit.mapping().many(aggregation_from(name, [2.0, 1.0]).many(outputs))
    for score, rate in zip(declared, (0.1, 0.01, 0.001), strict=True):
        assert abs(np.mean(found >= score) / rate - 1.0) < 0.05


def test_default_mapping__validation_scores_with_an_atom__reports_what_cannot_be_reached():
    sample = np.concatenate([np.random.default_rng(3).random(7000) * 0.5, np.full(3000, 0.8)])
    members = [MemberQuantiles(validation_quantiles(sample))]
    fit = default_mapping(members, "mean", BETA, [float(BETA.score_at(0.1))])
    assert not fit.thresholds[0].reachable
    assert math.isclose(fit.thresholds[0].nearest_above, 0.3, abs_tol=0.01)
    assert fit.atoms[0].value == 0.8
    assert fit.n == 0


@pytest.mark.parametrize(
    ("quantiles", "message"),
    [
        ([], "at least one pair"),
        ([[0.1, 0.1], [0.2]], "at least one pair"),
        ([[0.1, 0.1], [0.1, 0.2]], "quantiles\\[1\\]: expected increasing levels"),
        ([[0.1, 0.2], [0.2, 0.1]], "quantiles\\[1\\]: expected increasing values"),
        ([[0.1, 0.2], [0.2, 1.1]], "every value in \\[0, 1\\]"),
        ([[0.1, math.nan], [0.2, 0.3]], "every value in \\[0, 1\\]"),
        ([[-0.1, 0.1], [0.2, 0.3]], "every level in \\[0, 1\\]"),
    ],
)
def test_default_mapping__bad_quantiles__value_error(quantiles, message):
    with pytest.raises(ValueError, match=message):
        default_mapping([MemberQuantiles(quantiles)], "mean", BETA, [])


def agreeing(correlation: float, n: int = 200_000) -> list[np.ndarray]:
    """Outputs of three models whose logits correlate so."""
    rng = np.random.default_rng(0)
    shared, own = np.sqrt(correlation) * rng.normal(size=n), np.sqrt(1.0 - correlation)
    return [1 / (1 + np.exp(4 - 1.3 * (shared + own * rng.normal(size=n)))) for _ in range(3)]


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.6, 0.9, 1.0])
@pytest.mark.parametrize("name", sorted(AGGREGATIONS))
def test_default_mapping__models_that_agree_more_or_less__tells_a_range_that_holds(name, correlation):
    reference, outputs = CurveReference(((0.5, 0.1), (0.8, 0.01), (0.95, 0.001))), agreeing(correlation)
    members = [MemberQuantiles(validation_quantiles(each)) for each in outputs]
    fit = default_mapping(members, name, reference, [0.5, 0.8, 0.95])
    found = fit.mapping().many(aggregation_from(name, [1.0] * 3).many(outputs))
    for threshold in fit.thresholds:
        rate = np.mean(found >= threshold.score)
        slack = 0.1 * threshold.target  # what 200 alerts leave open
        assert threshold.low - slack <= rate <= threshold.high + slack
        assert threshold.low <= threshold.target * 1.001
        assert threshold.high >= threshold.target * 0.999


@pytest.mark.parametrize("name", sorted(AGGREGATIONS))
def test_default_mapping__of_several_models__calls_nothing_reached(name):
    members = [MemberQuantiles(validation_quantiles(each)) for each in agreeing(0.9, 10_000)]
    for threshold in default_mapping(members, name, BETA, [0.3, 0.6]).thresholds:
        assert (threshold.reachable, threshold.achieved) == (None, None)


def test_default_mapping__asked_twice__gives_the_same_range():
    members = [MemberQuantiles(validation_quantiles(each)) for each in agreeing(0.5, 10_000)]
    first, second = (default_mapping(members, "mean", BETA, [0.3]) for _ in range(2))
    assert first == second


def test_default_mapping__maximum_of_models_with_ties__bounds_hold_whatever_they_have_in_common():
    tied = [np.concatenate([np.zeros(6000), np.linspace(0.1, 0.9, 4000)]) for _ in range(2)]
    members = [MemberQuantiles(validation_quantiles(each)) for each in tied]
    fit = default_mapping(members, "max", BETA, [float(BETA.score_at(0.2))])
    for opposed in (tied[1], tied[1][::-1]):
        rate = np.mean(fit.mapping().many(np.maximum(tied[0], opposed)) >= fit.thresholds[0].score)
        assert fit.thresholds[0].low - 0.001 <= rate <= fit.thresholds[0].high + 0.001


@pytest.mark.parametrize(("models", "name", "words"), [
    (1, "mean", "like those that its model was validated on"),
    (3, "mean", "Assumed, for its 3 models were not seen on the same events"),
    (2, "max", "at most those of all models together"),
])  # fmt: skip
def test_sentence__one_or_several_models__says_what_is_assumed(models, name, words):
    assert words in sentence(models, name)
