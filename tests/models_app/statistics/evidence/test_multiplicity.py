"""Many gates at once: how many pass by chance, and which pass nevertheless."""

import math

import numpy as np
import pytest

from models_app.statistics.evidence.gates import Gate, Margin, gate_of
from models_app.statistics.evidence.multiplicity import discoveries, false_pass, p_beyond

RNG = np.random.default_rng(5)
TOLERANCE = 0.1


def gate(truth: float, deviation: float) -> Gate:
    """Seen with this standard deviation of the logarithm, where the rate is truly so far off what is live."""
    seen = math.log1p(truth) + deviation * RNG.normal()
    ends = [math.expm1(seen + z * deviation) for z in (0.0, -1.96, 1.96)]
    return gate_of(None, Margin(*ends), None, TOLERANCE)


def test_p_beyond__truth_at_the_edge__is_uniform_among_those_that_pass() -> None:
    p = np.array([p_beyond(gate(TOLERANCE, 0.01)) for _ in range(4_000)])
    for level in (0.005, 0.01, 0.02):
        assert np.mean(p <= level) == pytest.approx(level, abs=0.007)


def test_p_beyond__does_not_pass__is_one() -> None:
    assert p_beyond(gate(0.5, 0.01)) == 1.0
    assert p_beyond(gate_of(None, Margin(None, None, None), None, TOLERANCE)) == 1.0


def test_p_beyond__nobody_changes_sides__is_naught() -> None:
    assert p_beyond(gate_of(None, Margin(0.0, 0.0, 0.0), None, TOLERANCE)) == 0.0


@pytest.mark.parametrize("deviation", [0.01, 0.03, 0.045, 0.06])
def test_false_pass__is_how_many_pass_at_the_edge(deviation: float) -> None:
    found = [gate(TOLERANCE, deviation) for _ in range(3_000)]
    passed = np.mean([each.state == "pass" for each in found])
    assert np.mean([false_pass(each) for each in found]) == pytest.approx(passed, abs=0.007)


def test_discoveries__three_hundred_at_the_edge__hardly_any_of_those_that_pass_are_taken() -> None:
    """Each passes alone in one of forty cases: about seven of them."""
    passed, taken = [], []
    for _ in range(40):
        p = [p_beyond(gate(TOLERANCE, 0.02)) for _ in range(300)]
        passed.append(sum(each < 1.0 for each in p))
        taken.append(sum(discoveries(p, 0.05)))
    assert 5.0 < np.mean(passed) < 10.0
    assert np.mean([each > 0 for each in taken]) <= 0.15


def test_discoveries__many_clear_ones__are_taken_with_few_false_among_them() -> None:
    clear, edge = ([p_beyond(gate(truth, 0.02)) for _ in range(150)] for truth in (0.0, TOLERANCE))
    taken = discoveries(clear + edge, 0.05)
    assert sum(taken[:150]) > 140
    assert sum(taken[150:]) / sum(taken) <= 0.08


def test_discoveries__in_whatever_order__are_those_of_benjamini_and_hochberg() -> None:
    p = [0.01, 0.04, 0.03, 0.005, 0.2]
    assert discoveries(p, 0.05) == [True, True, True, True, False]
    assert discoveries([], 0.05) == []
