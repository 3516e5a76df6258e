"""Segments of which few alert on a side: from few to many is found, and by chance nothing is."""

import numpy as np
import pytest

from models_app.statistics.evidence.beside import Clustered
from models_app.statistics.evidence.few import Few
from models_app.statistics.evidence.segments import LEAST_ALERTS, Segment, in_words, judged, of_attribute

TOLERANCE, DAYS, QUIET = 0.1, 14, 100
Found = list[tuple[Segment, float]]
Pair = tuple[float, float]  # alerts before and after, as expected


def simulated(random: np.random.Generator, first: Pair, others: list[Pair], stays: float = 0.7, card: int = 1) -> Found:
    """The first segment and others beside it; of the lesser side's alerts the share that `stays` is of both sides.

    Alerts come in cards of so many, each of one day.
    """
    place, before, after, days, cards = [], [], [], [], []
    for j, (was, came) in enumerate([first, *others]):
        both = stays * min(was, came)
        groups = [random.poisson(each / card) for each in (both, was - both, came - both)]
        of = sum(groups)
        place.append(np.full(of * card + QUIET, j))
        before.append(np.repeat([True, True, False, False], [*(each * card for each in groups), QUIET]))
        after.append(np.repeat([True, False, True, False], [*(each * card for each in groups), QUIET]))
        days.append(np.concatenate([np.repeat(random.integers(0, DAYS, of), card), random.integers(0, DAYS, QUIET)]))
        cards.append(np.concatenate([np.repeat(np.arange(of), card), of + np.arange(QUIET)]) + 100_000 * j)
    rows, sides = np.concatenate(place), (np.concatenate(before), np.concatenate(after))
    clustered = Clustered(np.concatenate(days), np.concatenate(cards) if card > 1 else None)
    names = [str(j) for j in range(1 + len(others))]
    return of_attribute("merchant", names, rows, *sides, clustered, [TOLERANCE] * len(names))


def marked(found: Found) -> set[str]:
    return {each.value for each in judged([found])[0] if each.moves}


@pytest.mark.parametrize(("was", "came"), [(1, 25), (2, 25), (3, 40), (25, 2), (40, 3)])
def test_segment__from_few_alerts_to_many_or_back__is_marked_among_a_dozen(was: float, came: float) -> None:
    random = np.random.default_rng(1)
    found = [simulated(random, (was, came), [(150, 150)] * 11) for _ in range(60)]
    seen = [each for each in found if any(segment.value == "0" for segment, _ in each)]
    assert len(seen) > 50
    assert np.mean(["0" in marked(each) for each in seen]) >= 0.75


@pytest.mark.parametrize("card", [1, 5])
@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize("few", [4.0, 8.0, 15.0])
def test_segment__of_few_alerts_at_the_edge_of_the_tolerance__is_seldom_marked(
    few: float, ratio: float, card: int
) -> None:
    """Whether the whole intent stays or has twice the alerts."""
    random, worlds = np.random.default_rng(2), 150
    first, others = (few, few * ratio * (1 + TOLERANCE)), [(150.0, 150.0 * ratio)] * 3
    assert sum("0" in marked(simulated(random, first, others, card=card)) for _ in range(worlds)) <= 0.05 * worlds


def test_segments__two_hundred_of_few_alerts_that_stay__are_hardly_ever_marked() -> None:
    """Those that are told of are not those that moved by chance, or some of so many would be marked."""
    random = np.random.default_rng(3)
    worlds = [simulated(random, (12.0, 12.0), [(12.0, 12.0)] * 199, stays=0.0) for _ in range(20)]
    assert np.mean([len(each) for each in worlds]) > 100
    assert np.mean([bool(marked(each)) for each in worlds]) <= 0.05


@pytest.mark.parametrize(("few", "many"), [(2.0, 30.0), (8.0, 25.0), (15.0, 15.0), (30.0, 4.0)])
def test_interval__of_few_alerts__holds_the_truth(few: float, many: float) -> None:
    random, held = np.random.default_rng(4), []
    for _ in range(300):
        found = simulated(random, (few, many), [(400, 400)])
        truth = (many / few) / ((many + 400) / (few + 400)) - 1
        held += [
            each.low <= truth <= each.high
            for each, _ in found
            if each.value == "0" and min(each.before, each.after) < LEAST_ALERTS
            if each.low is not None and each.high is not None
        ]
    assert len(held) > 100
    assert np.mean(held) >= 0.93


def test_few__by_hand__is_the_binomial() -> None:
    """Of 4 alerts 4 after, where half would be: one of sixteen; the interval is Clopper and Pearson's of 1 of 2."""
    assert Few(0, 4, 1.0).p_within(0.0) == pytest.approx(1 / 16)
    assert Few(4, 0, 1.0).p_within(0.0) == pytest.approx(1 / 16)
    assert Few(0, 4, 1.0).beside(0.95) is None
    margin = Few(1, 1, 1.0).beside(0.95)
    assert margin is not None
    share = 1 - np.sqrt(0.975)
    assert margin == pytest.approx((0.0, share / (1 - share) - 1, (1 - share) / share - 1))


@pytest.mark.parametrize("before", [0.1, 1e-3])
def test_few__that_tell_as_much_as_a_part_of_one_alert__have_an_interval(before: float) -> None:
    """The design effect divides them; the upper end is so far up that its share was rounded to one."""
    margin = Few(before, 4.0, 1.2).beside(0.95)
    assert margin is not None
    middle, low, high = margin
    assert -1.0 < low < middle < high
    assert 1e8 < high < 1e9


def test_segment__whose_new_alerts_are_all_of_one_day__is_not_marked() -> None:
    """What happened on one day may happen in another segment on the next."""
    calm, burst = np.arange(400), np.arange(400, 425)
    place = np.concatenate([np.zeros(400, int), np.ones(125, int)])
    before = np.concatenate([np.ones(400, bool), np.zeros(125, bool)])
    after = np.concatenate([np.ones(400, bool), np.repeat([True, False], [25, 100])])
    days = np.concatenate([calm % DAYS, np.zeros(len(burst), int), np.arange(100) % DAYS])
    found = of_attribute("merchant", ["a", "b"], place, before, after, Clustered(days), [TOLERANCE] * 2)
    assert "b" not in marked(found)


def test_segment__that_loses_all_its_alerts__is_first_and_has_an_interval() -> None:
    rows = np.repeat([0, 1], [500, 130])
    before, after = np.repeat([True, True, False], [500, 30, 100]), np.repeat([True, False], [500, 130])
    clustered = Clustered(np.arange(630) % DAYS)
    first, _ = judged([of_attribute("merchant", ["a", "b"], rows, before, after, clustered, [TOLERANCE] * 2)])[0]
    assert (first.value, first.moves, first.beside, first.low) == ("b", True, -1.0, -1.0)
    assert in_words([first])[0].startswith("within merchant = b alerts go from 23.1 % to 0 %, -100 % [-100, -8")
