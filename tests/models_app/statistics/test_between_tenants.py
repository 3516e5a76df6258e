import numpy as np
import pytest

from models_app.statistics.between_tenants import spread_between
from models_app.statistics.fit import fit_mapping
from models_app.statistics.references import BetaReference

BETA = BetaReference(2.0, 8.0)


def tenants(count: int, events: int, seed: int, apart: float = 0.5) -> list[np.ndarray]:
    """Probabilities of tenants whose risk differs, with this standard deviation in logits."""
    rng = np.random.default_rng(seed)
    return [1 / (1 + np.exp(5 + shift - 1.5 * rng.normal(size=events))) for shift in rng.normal(0, apart, count)]


def test_spread_between__tenants_that_differ__is_what_fits_without_each_of_them_give():
    samples, target = tenants(6, 20_000, seed=1), 0.01
    score = float(BETA.score_at(target))
    (spread,) = spread_between(samples, [target])
    expected = []
    for place, sample in enumerate(samples):
        rest = np.concatenate([each for number, each in enumerate(samples) if number != place])
        expected.append(np.mean(fit_mapping(rest, BETA, [score]).mapping().many(sample) >= score))
    assert spread.rates == pytest.approx(sorted(expected), abs=2 / 20_000)
    assert (spread.low, spread.high) == (spread.rates[0], spread.rates[-1])


def test_spread_between__one_more_tenant__lies_in_it_as_often_as_it_says():
    held, platforms = 0, 200
    for seed in range(platforms):
        *pool, new = tenants(10, 2_000, seed)
        (spread,) = spread_between(pool, [0.05])
        edge = np.quantile(np.concatenate(pool), 0.95)
        held += spread.low <= np.mean(new >= edge) <= spread.high
    assert held / platforms == pytest.approx(8 / 10, abs=3 * np.sqrt(0.16 / platforms))


def test_spread_between__tenants_with_few_events__do_not_tell():
    samples = [*tenants(3, 5_000, seed=2), np.full(50, 0.9)]
    (spread,) = spread_between(samples, [0.01])
    assert len(spread.rates) == 3
    assert spread.sentence.startswith("The 3 tenants are the sample, however many events they have")


@pytest.mark.parametrize("count", [0, 1])
def test_spread_between__fewer_than_two_tenants__knows_nothing(count):
    (spread,) = spread_between(tenants(count, 5_000, seed=3), [0.01])
    assert (spread.low, spread.high) == (None, None)
    assert "takes two tenants" in spread.sentence


def test_spread_between__tied_probabilities__takes_the_nearest_rate_that_there_is():
    first, second = np.repeat([0.1, 0.9], [970, 30]), np.repeat([0.1, 0.9], [950, 50])
    (spread,) = spread_between([first, second], [0.04])
    assert spread.rates == (0.03, 0.05)


def test_spread_between__constant_probabilities__ends():
    (spread,) = spread_between([np.ones(1000), np.zeros(1000)], [0.01])
    assert spread.rates == (0.0, 1.0)
