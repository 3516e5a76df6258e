"""Evidence on simulated events, as `benchmarks/evidence.py` measures it, with room for what chance does to 40 runs."""

from typing import Any

import numpy as np
import pytest

from benchmarks import evidence
from benchmarks.evidence_worlds import HISTORY, WEEK, WINDOW, WORLDS, drawn
from models_app.statistics.evidence.paired import of_counts


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    return evidence.measured(runs=40, seed=0)


@pytest.mark.parametrize("world", WORLDS)
def test_intervals__of_simulated_events__hold_the_truth(measured: dict[str, Any], world: str) -> None:
    covered = {name: found["coverage"] for name, found in measured["worlds"][world].items()}
    assert set(covered) == set(evidence.INTERVALS)
    assert min(covered.values()) >= 0.85, covered


@pytest.mark.parametrize("gate", ["false_pass", "false_pass_against_live"])
def test_gates__of_rates_off_by_the_tolerance__hardly_ever_pass(measured: dict[str, Any], gate: str) -> None:
    assert max(measured["gates"][gate].values()) <= 0.1, measured["gates"][gate]


def test_gates__of_rates_on_target_with_enough_events__mostly_pass(measured: dict[str, Any]) -> None:
    assert min(measured["gates"]["power"].values()) >= 0.6, measured["gates"]["power"]


def test_intervals__for_independent_events__are_too_narrow_where_cards_share_their_fate() -> None:
    alone = evidence.intervals(WORLDS["clusters"], runs=40, seed=0)["change"]["coverage"]
    assert alone > _without_clusters()


def _without_clusters() -> float:
    """Coverage of the change's interval by somebody who does not know of cards."""
    rng, held = np.random.default_rng(0), 0
    for _ in range(40):
        days = drawn(rng, WORLDS["clusters"], 1, HISTORY + WEEK)
        window = slice(HISTORY - WINDOW, HISTORY)
        change = of_counts(*(int(each[0, window].sum()) for each in (days.both, days.only_before, days.only_after)))
        assert change.low is not None
        held += change.low <= days.ratio[0] <= (change.high or float("inf"))
    return held / 40
