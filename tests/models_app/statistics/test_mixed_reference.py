"""What scores of several references are spread like together."""

import numpy as np
import pytest

from models_app.statistics.mixed_reference import MixedReference, mixed
from models_app.statistics.references import BetaReference, CurveReference

STRICT, LOOSE = CurveReference(((0.5, 0.02), (0.9, 0.001))), CurveReference(((0.5, 0.1), (0.9, 0.01)))


def test_mixed__alert_rates__are_those_of_the_parts_by_their_share() -> None:
    found = mixed([(0.25, STRICT), (0.75, LOOSE)])
    assert float(found.alert_rate(0.9)) == pytest.approx(0.25 * 0.001 + 0.75 * 0.01)
    assert list(found.alert_rate([0.0, 1.0])) == [1.0, 0.0]


def test_mixed__drawn_from_its_parts__is_what_was_drawn() -> None:
    random, n = np.random.default_rng(1), 100_000
    drawn = np.concatenate([STRICT.quantile(random.random(n)), LOOSE.quantile(random.random(3 * n))])
    found = mixed([(0.25, STRICT), (0.75, LOOSE)])
    assert float(found.alert_rate(0.7)) == pytest.approx(np.mean(drawn >= 0.7), rel=0.02)


def test_mixed__score_at__is_the_inverse() -> None:
    found = mixed([(0.5, STRICT), (0.5, BetaReference(2.0, 8.0))])
    rates = np.geomspace(1.0, 1e-6, 50)
    assert found.alert_rate(found.score_at(rates)) == pytest.approx(rates, rel=1e-9)


def test_mixed__of_one_reference__is_that_itself() -> None:
    assert mixed([(0.5, STRICT), (0.5, CurveReference(STRICT.points))]) == STRICT
    assert isinstance(mixed([(0.5, STRICT), (0.5, LOOSE)]), MixedReference)
    with pytest.raises(ValueError, match="at least one"):
        mixed([])
