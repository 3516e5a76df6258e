"""Segments: what moves beside the intent is found, and by chance nothing is."""

from dataclasses import replace

import numpy as np
import pytest

from models_app.statistics.evidence import IntentEvidence, Observations, examine, stored, verdict_of
from models_app.statistics.evidence.beside import Clustered, Difference, shrunk
from models_app.statistics.evidence.gates import Reason
from models_app.statistics.evidence.segments import Segment, in_words, judged, of_attribute
from tests.models_app.statistics.evidence.test_examine import REFERENCE, observed, question

RNG = np.random.default_rng(11)
SWAPPED, DAYS, TOLERANCE = 0.3, 14, 0.1


def simulated(ratios: list[float], alerts: int, attribute: str = "channel") -> list[tuple[Segment, float]]:
    """Segments with about so many alerts each, of which 30 % are others after the change, and so many times as many.

    Of the events that do not alert there are a hundred in each: they tell nothing.
    """
    place, before, after = [], [], []
    for j, ratio in enumerate(ratios):
        stays = RNG.poisson(alerts * (1 - SWAPPED))
        gone, new = RNG.poisson(alerts * SWAPPED), RNG.poisson(alerts * (ratio - 1 + SWAPPED))
        place.append(np.full(stays + gone + new + 100, j))
        before.append(np.repeat([True, True, False, False], [stays, gone, new, 100]))
        after.append(np.repeat([True, False, True, False], [stays, gone, new, 100]))
    rows = np.concatenate(place)
    days, names = RNG.integers(0, DAYS, len(rows)), [f"{attribute}-{j}" for j in range(len(ratios))]
    sides = (np.concatenate(before), np.concatenate(after))
    return of_attribute(attribute, names, rows, *sides, Clustered(days), [TOLERANCE] * len(names))


def moving(found: list[tuple[Segment, float]]) -> list[str]:
    return [each.value for each in judged([found])[0] if each.moves]


def test_segments__a_fifth_more_and_a_fifth_less_on_two_halves__are_seen() -> None:
    seen = [moving(simulated([1.2, 0.8], 1_000)) for _ in range(100)]
    assert np.mean([bool(each) for each in seen]) >= 0.75


def test_segments__at_the_edge_of_the_tolerance__seldom_move() -> None:
    assert np.mean([bool(moving(simulated([1.1, 0.9], 1_000))) for _ in range(200)]) <= 0.06


def test_segments__twelve_that_stay__hardly_ever_move() -> None:
    assert np.mean([bool(moving(simulated([1.0] * 12, 150))) for _ in range(100)]) <= 0.01


def test_segments__of_many_at_the_edge__those_marked_are_few() -> None:
    """Each alone would be marked in one of forty cases, so in a fourth of them some would."""
    ratios = [1.1, 0.9] * 6
    assert np.mean([bool(moving(simulated(ratios, 1_000))) for _ in range(100)]) <= 0.08


def test_segments__a_few_alerts__say_nothing() -> None:
    """Before and after together: it is the direction that is asked."""
    assert simulated([1.0, 1.0], 4) == []


def test_segments__one_value_only__is_the_intent_itself() -> None:
    assert simulated([1.5], 1_000) == []


def test_segments__from_none_to_many_in_one__both_move() -> None:
    """Of nothing there is no share; that many alert where none did is known all the same."""
    rows = np.repeat([0, 1], [500, 120])
    before, after = np.repeat([True, False], [500, 120]), np.ones(620, bool)
    clustered = Clustered(np.arange(620) % DAYS)
    found = of_attribute("channel", ["app", "web"], rows, before, after, clustered, [TOLERANCE] * 2)
    web, app = judged([found])[0]
    assert (app.value, app.moves) == ("app", True)
    assert (web.relative, web.beside, web.moves) == (None, None, True)
    assert in_words([web]) == ["within channel = web alerts go from 0 % to 100 %"]


@pytest.mark.parametrize("segments", [2, 3, 8])
@pytest.mark.parametrize("spread", [0.05, 0.2, 0.5])
@pytest.mark.parametrize("deviation", [0.03, 0.1])
def test_shrunk__over_many_worlds__holds_the_truth(segments: int, spread: float, deviation: float) -> None:
    """Hardest are two or three segments that are known half as well as they differ: 92 %."""
    random = np.random.default_rng(2)
    truth = random.normal(0.0, spread, (800 // segments, segments))
    seen = truth + random.normal(0.0, deviation, truth.shape)
    held = [
        low <= np.expm1(each) <= high
        for was, true in zip(seen, truth, strict=True)
        for (_, low, high), each in zip(
            shrunk([Difference(value, deviation**2, None) for value in was.tolist()]), true, strict=True
        )
    ]
    assert np.mean(held) >= 0.91


@pytest.mark.parametrize("alerts", [25, 60, 300])
def test_segments__of_few_alerts_or_many__intervals_hold_the_truth(alerts: int) -> None:
    """On average over worlds in which they lie more or less apart: that is what shrinkage promises."""
    held = []
    for spread in [0.0, 0.1, 0.2] * 60:
        ratios = np.maximum(np.exp(RNG.normal(0.0, spread, 3)), 0.75)
        truth = {f"channel-{j}": each / np.mean(ratios) - 1.0 for j, each in enumerate(ratios.tolist())}
        for each, _ in simulated(ratios.tolist(), alerts):
            assert each.low is not None
            assert each.high is not None
            held.append(each.low <= truth[each.value] <= each.high)
    assert 0.925 <= np.mean(held) <= 0.99


@pytest.mark.parametrize("named", [True, False])
def test_segments__cards_of_five_events__are_known_as_well_as_cards_are(named: bool) -> None:
    """At the edge of the tolerance, 2.5 % of them lie beyond for certain, and more where cards are not known."""
    beyond = []
    for _ in range(150):
        card = np.repeat(np.arange(400), 5)
        place, fate = card % 2, RNG.random(400)[card]
        before, after = fate < 0.35, (fate > 0.05) & (fate < 0.4 + np.where(place, 0.035, -0.035))
        clustered = Clustered(RNG.integers(0, DAYS, 400)[RNG.permutation(card)], card if named else None)
        found = of_attribute("channel", ["app", "web"], place, before, after, clustered, [TOLERANCE] * 2)
        beyond += [p <= 0.025 for _, p in found]
    assert np.mean(beyond) <= 0.04 if named else np.mean(beyond) > 0.06


def test_shrunk__what_is_known_badly__is_drawn_towards_the_intent_most() -> None:
    well, badly = shrunk([Difference(0.2, 0.02**2, None), Difference(0.2, 0.3**2, None)])
    assert well[0] == pytest.approx(np.expm1(0.2), rel=0.05)
    assert badly[0] < 0.6 * well[0]


def redistributed(n: int = 200_000, web: float = 1.2) -> Observations:
    """Alerts of web times so many, those of app as many fewer: in all they stay."""
    seen = observed(n)
    assert seen.before is not None
    rate = REFERENCE.alert_rate(seen.before)
    factor = np.where(seen.contexts["channel"] == "web", web, 2.0 - web)
    return replace(seen, after=REFERENCE.score_at(np.clip(rate / factor, 1e-12, 1.0)))


def redistribution() -> IntentEvidence:
    return examine("cards", redistributed(), question(0.01))


def test_verdict__total_stays_and_segments_move__is_no_pass_and_names_them_with_numbers() -> None:
    found = redistribution()
    (threshold,) = found.thresholds
    assert {each.value for each in threshold.moving} == {"web", "app"}
    verdict = verdict_of([found])
    assert (verdict.state, verdict.reason) == ("fail", Reason.SEGMENT)
    assert "within channel = web alerts go from 0.978 % to 1.19 %, +19 % [" in verdict.sentence
    assert "% of its alerts are new" not in verdict.sentence  # a tenth: that is little
    assert verdict.threshold is not None
    assert verdict.threshold.moving == threshold.moving


def test_verdict__segments_move_within_the_tolerance_set_for_them__passes() -> None:
    wanted = question(0.01)
    wide = replace(wanted, thresholds=tuple(replace(each, segment_tolerance=0.4) for each in wanted.thresholds))
    assert verdict_of([examine("cards", redistributed(), wide)]).state == "pass"


def test_segments__the_whole_intent_moves__move_not_beside_it() -> None:
    found = examine("cards", observed(200_000, shift=1.5), question(0.01))
    assert [each.moves for each in found.thresholds[0].segments] == [False, False]
    assert verdict_of([found]).reason is Reason.OFF


def test_segments__nothing_live__there_are_none() -> None:
    assert examine("cards", observed(20_000, live=False), question(0.01)).thresholds[0].segments == []


def test_segments__stored_and_read__are_the_same() -> None:
    found = redistribution()
    assert stored.read(stored.text_of([found], verdict_of([found]))).intents == [found]


def test_threshold__moved_with_the_change__is_counted_where_it_lies_in_what_is_live() -> None:
    """From 1 % to 2 %: the scores stay, and the client's alerts double."""
    wanted = question(0.02)
    (each,) = wanted.thresholds
    moved = replace(wanted, thresholds=(replace(each, live_score=float(REFERENCE.score_at(0.01))),))
    (found,) = examine("cards", observed(200_000), moved).thresholds
    assert found.before is not None
    assert found.before.rate == pytest.approx(0.01, rel=0.1)
    assert found.change is not None
    assert found.change.relative == pytest.approx(1.0, abs=0.1)
    assert (found.gate.state, found.gate.reason) == ("fail", Reason.BEYOND)
    assert found.gate.live_target is not None
    assert abs(found.gate.live_target.relative or 0.0) < 0.1  # against its own target, not the new one
