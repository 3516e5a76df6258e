"""Reading stored evidence, however old it is."""

import json
from typing import Any

import msgspec
import pytest

from models_app.statistics.evidence import examine, stored, verdict_of
from models_app.statistics.evidence.examine import nothing
from models_app.statistics.evidence.gates import Reason
from tests.models_app.statistics.evidence.test_examine import observed, question

RATE = {"threshold": 0.9, "alerts": 11, "n": 268, "rate": 0.041, "low": 0.023, "high": 0.072}

NO_ALERT = {"both": 0, "only_before": 0, "only_after": 0, "relative": None, "low": None, "high": None}


def threshold(**other: Any) -> dict[str, Any]:
    """As the first version stored one: without a gate's reason, and without a forecast where days were few."""
    return {
        "name": "decline",
        "score": 0.9,
        "action": "decline",
        "target": 0.05,
        "before": RATE,
        "after": {**RATE, "alerts": 14, "rate": 0.052, "low": 0.031, "high": 0.086},
        "change": {
            "both": 10, "only_before": 1, "only_after": 4, "relative": 0.27, "low": -0.1, "high": 0.8
        },
        "alerts_a_day_before": 4.1,
        "alerts_a_day_after": 5.2,
        "forecast": None,
        "gate": {"state": "not enough events", "tolerance": 0.1, "sentence": "too few events to tell"},
        "swapped_in": ["e-1"],
        "swapped_out": [],
        **other,
    }  # fmt: skip


def intent(**other: Any) -> dict[str, Any]:
    """As the first version stored one: there were no samples, no histograms, and nothing was left out."""
    return {
        "intent": "payments",
        "n": 268,
        "days": 2.7,
        "thresholds": [threshold()],
        "levels": [{"alert_rate": 0.1, "before": None, "after": 0.7, "reference": 0.7}],
        "by_day": [{"name": "2026-11-25", "n": 268, "before": [11], "after": [14]}],
        "by_context": {"channel": [{"name": "web", "n": 268, "before": None, "after": [14]}]},
        "movement": {"levels": [0.5], "before": None, "after": [0.2], "mean_before": None, "mean_after": 0.2},
        "rank_correlation": 0.98,
        "performance": None,
        **other,
    }


def test_read__what_is_written__is_the_same() -> None:
    found = [examine("cards", observed(2_000, shift=1.2), question(0.1, 0.01)), nothing("loans", "no event yet")]
    read = stored.read(stored.text_of(found, verdict_of(found)))
    assert (read.intents, read.verdict) == (found, verdict_of(found))


@pytest.mark.parametrize("around", [lambda intents: intents, lambda intents: {"intents": intents}])
def test_read__the_oldest_evidence__has_its_thresholds_gates_and_verdict(around: Any) -> None:
    read = stored.read(json.dumps(around([intent()])))
    (found,) = read.intents
    assert (found.n, found.total, found.left_out, found.scale) == (268, 268, 0, 1.0)
    assert (found.histogram, found.crossing, found.note, found.out_of_service) == (None, None, "", False)
    (each,) = found.thresholds
    assert (each.forecast.low, each.forecast.high, each.forecast.weeks) == (0.0, 1.0, [])  # nothing was foretold
    assert each.gate.reason is Reason.TOO_FEW
    assert read.verdict.threshold is not None
    assert (read.verdict.state, read.verdict.threshold.name) == ("not enough events", "decline")
    assert read.verdict.sentence.startswith("Alerts at ‘decline’ 0.9 would be at 5.2 % [3.1, 8.6], live 4.1 %")


def test_read__verdict_that_was_a_sentence_alone__is_found_in_the_gates() -> None:
    old = {"intents": [intent()], "verdict": {"state": "not enough events", "sentence": "Alerts at ‘decline’ 0.9 …"}}
    assert stored.read(json.dumps(old)).verdict.reason is Reason.TOO_FEW


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"gate": {"state": "pass", "tolerance": 0.1, "sentence": ""}}, Reason.WITHIN),
        ({"gate": {"state": "fail", "tolerance": 0.1, "sentence": ""}}, Reason.BEYOND),
        ({"change": None, "before": None}, Reason.TOO_FEW),
        ({"change": None, "before": None, "target": 0.0}, Reason.NO_TARGET),
        ({"change": NO_ALERT}, Reason.NO_ALERT),
    ],
)
def test_read__gate_without_a_reason__gets_it_from_its_numbers(other: dict[str, Any], reason: Reason) -> None:
    (found,) = stored.read(json.dumps([intent(thresholds=[threshold(**other)])])).intents
    assert found.thresholds[0].gate.reason is reason


def test_read__performance_that_was_stored_without_intervals__has_none() -> None:
    share = {"at": "decline", "hits": 3, "n": 9, "rate": 0.33, "low": 0.1, "high": 0.6}
    judged = {"auc": 0.9, "recall": [share], "precision": [], "calibration": [{"expected": 0.1, "observed": share}]}
    old = {"n": 268, "labelled": 90, "positive": 9, "matured": [0.3], "before": None, "after": judged}
    (found,) = stored.read(json.dumps([intent(performance=old)])).intents
    assert found.performance is not None
    assert (found.performance.after.auc_interval, found.performance.after.brier) == (None, None)
    assert (found.performance.outcomes, found.performance.auc_change, found.performance.warnings) == ([], None, [])
    assert found.why_no_performance == ""


def test_read__what_is_no_evidence__says_which_field() -> None:
    with pytest.raises(msgspec.ValidationError, match="days"):
        stored.read(json.dumps([intent(days="two")]))
