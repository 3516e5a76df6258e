"""What thresholds did to labelled events, and that its intervals hold what they promise, on simulated events."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from models_app.statistics.evidence.calibration import bins_of, brier_of, in_the_large
from models_app.statistics.evidence.cuts import at_false_positive_rate
from models_app.statistics.evidence.outcomes import Known, at_alert_rates, at_thresholds
from models_app.statistics.evidence.shares import Estimate, Sampled, Share

RUNS = 150
INDEPENDENT = Sampled()


def holds(found: Estimate | Share | None, truth: float) -> bool:
    return found is not None and found.low <= truth and (found.high is None or truth <= found.high)


def simulated(n: int, each: int, random: np.random.Generator) -> Known:
    """Events of entities that have so many `each`; 2 % are positive. What comes ranks better than live."""
    positive = np.repeat(random.random(n // each) < 0.02, each)
    shared = np.repeat(random.normal(size=n // each), each)
    before = 2.0 * positive + 0.6 * shared + 0.8 * random.normal(size=n)
    after = 2.4 * positive + 0.6 * shared + 0.6 * random.normal(size=n)
    entities = np.repeat(np.arange(n // each), each) if each > 1 else None
    return Known(before, after, positive, Sampled(0.95, entities), np.exp(random.normal(3.0, 0.7, n)))


def figures(known: Known) -> dict[str, Estimate | Share | None]:
    (at,), ranked = at_thresholds(known, [("decline", 2.3)]), at_alert_rates(known)[0]
    return {
        "recall": at.after.recall,
        "precision": at.after.precision,
        "recall change": at.recall_change,
        "precision change": at.precision_change,
        "money caught": at.after.money_caught,
        "money change": at.money_change,
        "recall at 1 %": ranked.after.recall,
        "recall change at 1 %": ranked.recall_change,
    }


def value_of(found: Estimate | Share | None) -> float:
    assert found is not None
    return found.value if isinstance(found, Estimate) else found.rate


def test_half_width__of_few_entities__is_wider_than_of_many_with_the_same_variance() -> None:
    many, few = np.full(400, 0.05), np.array([*np.full(396, 0.005), *np.full(4, 0.4975)])
    assert np.isclose(np.sum(many**2), np.sum(few**2), rtol=1e-3)
    assert INDEPENDENT.half_width(many) == pytest.approx(1.96, rel=0.002)
    assert INDEPENDENT.half_width(few) > 1.1 * INDEPENDENT.half_width(many)
    assert INDEPENDENT.half_width(np.zeros(5)) == 0.0
    by_entity = Sampled(0.95, np.repeat(np.arange(100), 4))
    assert by_entity.half_width(many) == pytest.approx(2 * 1.96, rel=0.006)


@pytest.mark.parametrize("each", [1, 5])
def test_outcomes__simulated_by_entity__cover_the_truth(each: int) -> None:
    random, n, many = np.random.default_rng(8), 10_000, 1_000_000
    truth = {name: value_of(found) for name, found in figures(simulated(many, each, random)).items()}
    truth |= {name: value * n / many for name, value in truth.items() if name.startswith("money")}
    held = dict.fromkeys(truth, 0)
    for _ in range(RUNS):
        for name, found in figures(simulated(n, each, random)).items():
            held[name] += holds(found, truth[name])
    assert all(0.90 <= count / RUNS <= 0.99 for count in held.values()), held


@pytest.mark.parametrize(("negative", "positive"), [(10_000, 2_000), (2_000, 200)])
def test_recall__at_a_false_positive_rate_of_few_negatives__covers_the_truth(negative: int, positive: int) -> None:
    random, label = np.random.default_rng(3), np.arange(negative + positive) >= negative
    held = dict.fromkeys((0.001, 0.005, 0.01), 0)
    for _ in range(2 * RUNS):
        scores = random.normal(2.0 * label, 1.0)
        for rate in held:
            found = at_false_positive_rate(scores, label, rate).share("", INDEPENDENT)
            held[rate] += holds(found, float(stats.norm.sf(stats.norm.isf(rate) - 2.0)))
    assert all(0.92 <= count / (2 * RUNS) <= 0.98 for count in held.values()), held


def test_in_the_large__calibrated__covers_one_and_tells_a_wrong_scale() -> None:
    random, held = np.random.default_rng(9), 0
    for _ in range(2 * RUNS):
        p = random.beta(0.2, 5.0, 2_000)
        held += holds(in_the_large(p, random.random(2_000) < p, INDEPENDENT), 1.0)
    assert 0.92 <= held / (2 * RUNS) <= 0.98
    off = in_the_large(20 * p, random.random(2_000) < p, INDEPENDENT)
    assert off is not None
    assert off.high is not None
    assert off.high < 0.1


def test_outcome__of_counted_events__has_them() -> None:
    def of(*rows: int) -> NDArray[np.float64]:
        return np.isin(np.arange(8), rows).astype(np.float64)

    amounts = np.array([10.0, 20.0, 40.0, np.nan, 1.0, 2.0, 4.0, 8.0])
    known = Known(of(0, 4, 5), of(0, 1, 4), np.arange(8) < 4, INDEPENDENT, amounts)
    (found,) = at_thresholds(known, [("decline", 0.5)])
    assert found.before is not None
    assert (found.before.caught, found.before.missed, found.before.false_alarms) == (1, 3, 2)
    assert (found.after.caught, found.after.missed, found.after.false_alarms) == (2, 2, 1)
    assert value_of(found.recall_change) == 0.25
    assert value_of(found.precision_change) == pytest.approx(1 / 3)
    money = (found.after.money_caught, found.after.money_missed, found.after.money_bothered, found.money_change)
    assert [value_of(each) for each in money] == [30.0, 40.0, 1.0, 20.0]
    assert value_of(found.after.false_alarms_per_fraud) == pytest.approx(0.5)


def test_outcome__nothing_live_and_no_alert__has_no_change_and_no_precision() -> None:
    known = Known(None, np.zeros(5), np.arange(5) < 2, INDEPENDENT)
    (found,) = at_thresholds(known, [("decline", 0.5)])
    assert (found.before, found.recall_change, found.precision_change, found.money_change) == (None,) * 4
    assert (found.after.precision, found.after.false_alarms_per_fraud, found.after.money_caught) == (None,) * 3


def test_outcome__same_alerts_twice__do_not_differ() -> None:
    known = simulated(5_000, 1, np.random.default_rng(1))
    (found,) = at_thresholds(Known(known.after, known.after, known.positive, INDEPENDENT), [("decline", 2.3)])
    assert found.precision_change == Estimate(0.0, 0.0, 0.0)
    assert value_of(found.recall_change) == 0.0


def test_bins__of_many_events__are_fine_where_probabilities_are_high() -> None:
    random = np.random.default_rng(2)
    p = random.beta(0.2, 5.0, 10_000)
    bins = bins_of(p, random.random(10_000) < p, INDEPENDENT)
    sizes = [each.observed.n for each in bins]
    assert sum(sizes) == 10_000
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 10
    assert np.all(np.diff([each.expected for each in bins]) > 0)


def test_brier__of_one_probability_for_each_bin__is_the_sum_of_its_parts() -> None:
    p = np.repeat([0.1, 0.5], [684, 316])
    positive = np.random.default_rng(2).random(1_000) < p
    bins = bins_of(p, positive, INDEPENDENT)
    found = brier_of(p, positive, bins)
    assert found.score == pytest.approx(found.reliability - found.resolution + found.uncertainty)
