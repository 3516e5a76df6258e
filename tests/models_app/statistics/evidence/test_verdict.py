"""A verdict as a value: what decides, why, with which rates; and the sentence that is made of it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from models_app.statistics.evidence import IntentEvidence, Question, ThresholdQuestion, Verdict, examine, verdict_of
from models_app.statistics.evidence.examine import nothing, taken_out
from models_app.statistics.evidence.gates import Reason
from models_app.statistics.evidence.stored import plain, read_verdict
from models_app.statistics.held_out import HeldOutRate
from models_app.statistics.references import BetaReference
from tests.models_app.statistics.evidence.test_examine import REFERENCE, observed, question
from tests.models_app.statistics.evidence.test_recall import judged, seen
from tests.models_app.statistics.evidence.test_segments import redistribution

HELD = HeldOutRate(float(REFERENCE.score_at(0.01)), 0.01, 400, 40_000, 0.01, 0.0089, 0.0112)


def no_alert() -> IntentEvidence:
    """With so few events, none may alert though the rate is on target."""
    seen = observed(100)
    return examine("cards", replace(seen, before=np.zeros(100), after=np.zeros(100)), question(0.01))


def moved_away() -> IntentEvidence:
    """By more than a third, though what the rate itself is remains unknown to that."""
    return examine("cards", observed(500, shift=1.6), question(0.1, tolerance=0.33))


def repaired() -> IntentEvidence:
    seen = observed(200_000)
    assert seen.before is not None
    return examine(
        "cards", replace(seen, before=np.where(seen.before > REFERENCE.score_at(0.013), 1.0, 0.0)), question(0.01)
    )


def no_target() -> IntentEvidence:
    wanted = Question((ThresholdQuestion("decline", 0.9, "review", 0.1),), BetaReference(2, 400))
    return examine("cards", observed(2_000, live=False), wanted)


FOUND: dict[Reason, list[IntentEvidence]] = {
    Reason.UNCHANGED: [],
    Reason.WITHIN: [examine("cards", observed(200_000), question(0.01))],
    Reason.BACK: [repaired()],
    Reason.OFF: [examine("cards", observed(100_000, shift=1.5), question(0.01, 0.1))],
    Reason.BEYOND: [moved_away()],
    Reason.SEGMENT: [redistribution()],
    Reason.WORSE: [judged(seen(600, 0.6, 0.4))[1]],
    Reason.TOO_FEW: [examine("cards", observed(800, noise=0.5), question(0.01))],
    Reason.NO_ALERT: [no_alert()],
    Reason.NO_TARGET: [no_target()],
    Reason.NO_EVENTS: [nothing("cards", "there are no recorded events in the window")],
    Reason.OUT_OF_SERVICE: [taken_out("cards")],
}
STATES = {
    Reason.UNCHANGED: "pass",
    Reason.WITHIN: "pass",
    Reason.BACK: "repairs",
    Reason.OFF: "fail",
    Reason.BEYOND: "fail",
    Reason.SEGMENT: "fail",
    Reason.WORSE: "fail",
    Reason.OUT_OF_SERVICE: "fail",
}


@pytest.mark.parametrize("reason", Reason)
def test_verdict__of_each_reason__has_its_state_and_says_what_it_is_about(reason: Reason) -> None:
    verdict = verdict_of(FOUND[reason])
    assert (verdict.reason, verdict.state) == (reason, STATES.get(reason, "not enough events"))
    assert (verdict.intents, verdict.changed) == ((["cards"], 1) if FOUND[reason] else ([], 0))


@pytest.mark.parametrize("reason", Reason)
def test_verdict__as_json_and_back__is_the_same_with_the_same_sentence(reason: Reason) -> None:
    verdict = verdict_of(FOUND[reason])
    stored = json.loads(json.dumps(plain(verdict)))
    again = read_verdict(stored)
    assert again == verdict
    assert stored["sentence"] == verdict.sentence


def test_verdict__where_no_intent_is_served_otherwise__passes() -> None:
    verdict = verdict_of([])
    assert (verdict.state, verdict.reason) == ("pass", Reason.UNCHANGED)
    assert verdict.sentence == "No score that is returned changes."


def test_verdict__about_a_threshold__has_its_rates_with_their_intervals() -> None:
    (intent,) = FOUND[Reason.OFF]
    worst = verdict_of([intent]).threshold
    assert worst is not None
    (same,) = [each for each in intent.thresholds if each.name == worst.name]
    assert (worst.intent, worst.score, worst.target) == ("cards", same.score, same.target)
    assert (worst.before, worst.after, worst.change, worst.gate) == (same.before, same.after, same.change, same.gate)
    assert (worst.alerts_a_day_before, worst.alerts_a_day_after) == (same.alerts_a_day_before, same.alerts_a_day_after)
    assert worst.events_a_day == pytest.approx(intent.n / intent.days)


def test_verdict__whose_threshold_passes_beside_an_unseen_intent__says_why_it_is_no_pass() -> None:
    verdict = verdict_of([*FOUND[Reason.WITHIN], nothing("loans", "no event yet")])
    assert (verdict.reason, verdict.intents, verdict.unseen) == (Reason.NO_EVENTS, ["loans"], {"loans": "no event yet"})
    assert verdict.sentence.startswith("cards: Alerts at")
    assert verdict.sentence.endswith("loans: no event yet.")


def test_verdict__of_a_version_that_kept_a_sentence_alone__has_no_value() -> None:
    assert read_verdict({"state": "pass", "sentence": "Alerts stay."}) is None
    assert read_verdict(None) is None


def test_sentence__of_a_value__is_made_of_its_numbers() -> None:
    (intent,) = FOUND[Reason.WITHIN]
    verdict: Verdict = verdict_of([intent])
    assert verdict.threshold is not None
    moved = replace(verdict, threshold=replace(verdict.threshold, name="decline", target=0.02))
    assert moved.sentence.startswith("Alerts at ‘decline’")
    assert "target 2 %" in moved.sentence


def test_verdict__of_a_fit_with_days_held_out__leads_with_them() -> None:
    wanted = replace(question(0.01), held_out={HELD.score: HELD})
    verdict = verdict_of([examine("cards", observed(200_000), wanted)])
    assert verdict.sentence.startswith("Held out: 1 % [0.89, 1.12]. Alerts at ")
    assert read_verdict(json.loads(json.dumps(plain(verdict)))) == verdict
