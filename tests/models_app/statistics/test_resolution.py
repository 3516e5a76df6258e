"""What references resolve: at declared thresholds, and between neighbouring scores."""

import numpy as np
import pytest
from hypothesis import given

from models_app.statistics.references import BetaReference, CurveReference
from models_app.statistics.resolution import Unresolved, check_steps, target_at
from tests.models_app.statistics.strategies import beta_references


@pytest.mark.parametrize(
    ("reference", "score", "rate", "way"),
    [
        (BetaReference(2, 400), 0.9, 0.0, "lower"),
        (BetaReference(400, 2), 0.1, 1.0, "higher"),
        (BetaReference(2, 20), 0.9999, 2e-79, "lower"),
        (CurveReference(((0.5, 1e-300),)), 0.6, 8e-301, "lower"),
        (CurveReference(((0.5, 0.1),)), 1e-12, 1 - 4.6e-12, "higher"),
    ],
)
def test_target__beyond_the_reference__says_so_with_its_numbers(reference, score, rate, way):
    with pytest.raises(
        Unresolved, match=rf"threshold {score:g} is beyond what .* resolves: .* declare a {way}"
    ) as found:
        target_at(reference, score)
    assert (found.value.score, found.value.alert_rate) == (score, pytest.approx(rate, rel=0.1))


def test_target__beyond_beta__names_it():
    with pytest.raises(Unresolved, match=r"^threshold 0.9 is beyond what beta\(2, 400\) resolves"):
        target_at(BetaReference(2, 400), 0.9)


@pytest.mark.parametrize("rate", [1e-8, 1e-6, 0.01, 0.5, 1 - 1e-6])
def test_target__within_the_reference__is_its_alert_rate(rate):
    reference = BetaReference(2, 20)
    assert target_at(reference, float(reference.score_at(rate))) == pytest.approx(rate)


@given(beta_references)
def test_steps__of_usual_references__are_fine(reference):
    check_steps(reference)
    rates = np.geomspace(1e-6, 0.5, 50)
    assert np.allclose(reference.alert_rate(reference.score_at(rates)), rates, rtol=0.01)


@pytest.mark.parametrize(
    "reference",
    [
        BetaReference(1e4, 0.5),
        BetaReference(1e6, 0.6),
        BetaReference(2, 0.4),
        CurveReference(((0.5, 0.1), (0.5000000000000001, 1e-5))),
        CurveReference(((1 - 1e-15, 0.5),)),
    ],
)
def test_steps__that_skip_alert_rates__are_refused(reference):
    with pytest.raises(ValueError, match="one score and the next differ"):
        check_steps(reference)
