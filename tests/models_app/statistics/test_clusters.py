"""Design effects: by simulation, and where there is nothing to know them from."""

import numpy as np
import pytest

from models_app.statistics.clusters import INDEPENDENT, of_change, of_days, of_rate
from models_app.statistics.evidence.paired import of_counts, score_interval

DAYS, CARDS, SIZE = 14, 400, 5


def shared_fates(random: np.random.Generator, change: float, days: float = 0.0) -> tuple[np.ndarray, ...]:
    """Cards of five events each that alert together, and days on which more or fewer change sides."""
    n = DAYS * CARDS * SIZE
    scatter = np.exp(random.normal(0, days, DAYS) - days * days / 2) if days else np.ones(DAYS)
    card = np.arange(n) // SIZE
    day = card // CARDS
    fate = random.random(DAYS * CARDS)[card]
    before, after = fate < 0.1, (fate < 0.07) | ((fate > 0.5) & (fate < 0.5 + (0.03 + 0.1 * change) * scatter[day]))
    return before, after, day, card


@pytest.mark.parametrize(("days", "named"), [(0.0, True), (0.0, False), (0.5, True)])
def test_of_change__simulated__makes_the_interval_cover_the_truth(days: float, named: bool) -> None:
    """Cards lie within a day each, so that days alone tell it, too."""
    random, covered = np.random.default_rng(8), 0
    for _ in range(400):
        before, after, day, card = shared_fates(random, 0.1, days)
        both = int(np.sum(before & after))
        effect = of_change(before, after, day, card if named else None)
        found = of_counts(both, int(before.sum()) - both, int(after.sum()) - both, effect=effect)
        covered += found.low is not None and found.high is not None and found.low <= 0.1 <= found.high
    assert 0.925 <= covered / 400 <= 0.985


def test_of_rate__cards_that_alert_together__is_their_size() -> None:
    _, after, _, card = shared_fates(np.random.default_rng(1), 0.0)
    assert of_rate(after, card).factor == pytest.approx(SIZE, rel=0.1)
    assert of_rate(after, None) == INDEPENDENT
    assert of_rate(np.zeros(10, bool), np.arange(10)) == INDEPENDENT


def test_of_change__nothing_changes_or_too_few_days__is_that_of_independent_events() -> None:
    before, after, day, _ = shared_fates(np.random.default_rng(1), 0.0)
    assert of_change(before, before, day) == INDEPENDENT
    assert of_change(before, after, np.zeros(len(day), int)) == INDEPENDENT
    assert of_change(np.zeros(len(day), bool), after, day) == INDEPENDENT


def test_of_change__days_that_agree_by_chance__are_not_believed() -> None:
    """Each day the same two events change sides: that says nothing of how days differ."""
    day = np.repeat(np.arange(DAYS), 100)
    place = np.tile(np.arange(100), DAYS)
    assert of_change(place < 2, (place > 0) & (place < 3), day).factor > 0.2


@pytest.mark.parametrize("spread", [0.0, 0.1, 0.3])
def test_of_days__simulated__makes_the_interval_cover_the_rate_behind_the_days(spread: float) -> None:
    random, covered, runs = np.random.default_rng(5), 0, 2_000
    events = np.full(7, 5_000)
    for _ in range(runs):
        scatter = np.exp(random.normal(0, spread, 7) - spread * spread / 2)
        alerts = random.binomial(events, 0.02 * scatter)
        z = of_days(events, alerts).quantile(0.95)
        low, high = score_interval(int(alerts.sum()), int(events.sum()), z)
        covered += low <= 0.02 <= high
    assert 0.93 <= covered / runs <= 0.985


def test_of_days__of_two_days_or_none_that_alert__says_nothing() -> None:
    assert of_days(np.full(2, 1_000), np.array([10, 90])) == INDEPENDENT
    assert of_days(np.full(7, 1_000), np.zeros(7, int)) == INDEPENDENT
