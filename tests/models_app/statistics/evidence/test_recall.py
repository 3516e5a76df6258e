"""The gate on recall: by simulation at the edge of what is tolerated, and where labels cannot tell."""

from dataclasses import replace

import numpy as np
import pytest

from models_app.statistics.evidence import IntentEvidence, Observations, examine, verdict_of
from models_app.statistics.evidence.gates import Reason
from models_app.statistics.evidence.labels import UNLABELLED
from models_app.statistics.evidence.verdict import Verdict
from tests.models_app.statistics.evidence.test_examine import REFERENCE, observed, question

RATE, TOLERANCE = 0.2, 0.05


def seen(frauds: int, before: float, after: float, seed: int = 0) -> Observations:
    """Events on target on both sides, of which so many are fraud: so much of it is caught before and after."""
    random, found = np.random.default_rng(seed), observed(20_000)
    n, at = len(found), REFERENCE.score_at(RATE)
    fraud = np.zeros(n, bool)
    fraud[random.permutation(n)[:frauds]] = True

    def scores(caught: float) -> np.ndarray:
        alerts = random.random(n) < (RATE * n - caught * frauds) / (n - frauds)
        alerts[fraud] = random.random(frauds) < caught
        return np.where(alerts, at, at / 2)

    return replace(found, before=scores(before), after=scores(after), labels=fraud.astype(np.int8), contexts={})


def judged(found: Observations, tolerance: float | None = TOLERANCE) -> tuple[Verdict, IntentEvidence]:
    asked = replace(question(RATE), recall_tolerance=tolerance)
    wide = replace(asked, thresholds=tuple(replace(each, tolerance=0.5) for each in asked.thresholds))
    intent = examine("cards", found, wide)
    return verdict_of([intent]), intent


def test_recall__that_falls_for_certain__fails_and_is_what_the_verdict_says() -> None:
    verdict, intent = judged(seen(600, 0.6, 0.4))
    assert (verdict.state, verdict.reason) == ("fail", Reason.WORSE)
    assert "are at" in verdict.sentence
    assert "but recall changes by -" in verdict.sentence
    assert "allowed is a fall by 5." in intent.thresholds[0].gate.sentence


def test_recall__that_may_have_fallen_too_far__is_not_enough_events_with_its_own_words() -> None:
    verdict, _ = judged(seen(3_000, 0.5, 0.45))
    assert (verdict.state, verdict.reason) == ("not enough events", Reason.WORSE)
    assert "too few events to tell" not in verdict.sentence
    assert "but recall changes by" in verdict.sentence


def test_recall__that_stays_or_rises__passes_and_is_told() -> None:
    for after in (0.5, 0.7):
        verdict, intent = judged(seen(3_000, 0.5, after))
        assert verdict.state == "pass"
        assert intent.thresholds[0].gate.recall is not None


def test_recall__not_asked__is_as_before() -> None:
    verdict, intent = judged(seen(600, 0.6, 0.4), tolerance=None)
    assert (verdict.state, intent.thresholds[0].gate.recall) == ("pass", None)


def test_recall__of_few_frauds__is_not_asked() -> None:
    verdict, intent = judged(seen(40, 0.9, 0.1))
    assert (verdict.state, intent.thresholds[0].gate.recall) == ("pass", None)


def test_recall__of_an_interval_wider_than_the_tolerance__does_not_stand_in_the_way() -> None:
    verdict, intent = judged(seen(60, 0.5, 0.47))
    assert verdict.state == "pass"
    assert intent.thresholds[0].gate.recall is not None


def test_recall__of_labels_mostly_where_live_alerts__is_not_asked() -> None:
    found = seen(2_000, 0.6, 0.4)
    assert found.before is not None
    chosen = np.where(found.before >= REFERENCE.score_at(RATE), found.labels, UNLABELLED).astype(np.int8)
    chosen[::50] = found.labels[::50]
    verdict, intent = judged(replace(found, labels=chosen))
    assert (verdict.state, intent.thresholds[0].gate.recall) == ("pass", None)


@pytest.mark.parametrize(("after", "most", "least"), [(0.45, 0.05, 0.0), (0.5, 1.0, 0.75)])
def test_recall__simulated__passes_at_the_edge_by_chance_only_and_mostly_where_nothing_changes(
    after: float, most: float, least: float
) -> None:
    passed = [judged(seen(4_000, 0.5, after, seed))[0].state == "pass" for seed in range(60)]
    assert least <= np.mean(passed) <= most
