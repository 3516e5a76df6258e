"""How scores spread, and where they cross."""

import numpy as np
import pytest

from models_app.statistics.evidence.histograms import crossing, histogram
from models_app.statistics.references import BetaReference

REFERENCE = BetaReference(2, 8)


def test_histogram__of_scores_on_the_reference__has_what_it_expects() -> None:
    scores = REFERENCE.score_at(np.random.default_rng(3).uniform(size=100_000))
    found = histogram(scores, scores, REFERENCE)
    assert found.before == found.after
    assert sum(found.after) == 100_000
    assert sum(found.reference) == pytest.approx(100_000)
    frequent = [place for place, count in enumerate(found.reference) if count > 1_000]
    assert [found.after[place] for place in frequent] == pytest.approx(
        [found.reference[place] for place in frequent], rel=0.15
    )


def test_histogram__nothing_live__has_no_before() -> None:
    assert histogram(None, np.array([0.5]), REFERENCE).before is None
    assert crossing(None, np.array([0.5])) is None


def test_crossing__counts_each_event_once__rows_are_before() -> None:
    found = crossing(np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0]))
    assert found is not None
    assert (found.counts[0][0], found.counts[0][-1], found.counts[-1][-1], found.counts[-1][0]) == (1, 1, 1, 0)
    assert sum(map(sum, found.counts)) == 3
