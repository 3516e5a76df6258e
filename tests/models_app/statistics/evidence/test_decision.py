"""The few lines that a change request is decided on."""

from dataclasses import replace

import numpy as np
import pytest

from models_app.statistics.evidence import examine
from models_app.statistics.evidence.decision import amount, decision_of
from models_app.statistics.evidence.examine import nothing
from models_app.statistics.held_out import HeldOutRate
from tests.models_app.statistics.evidence.test_examine import observed, question
from tests.models_app.statistics.evidence.test_segments import redistribution


def test_decision__of_a_change__has_each_threshold_a_day_with_its_interval() -> None:
    found = examine("cards", observed(100_000, shift=0.5), question(0.1, 0.01))
    decision = decision_of([found])
    assert [line.name for line in decision.lines] == [each.name for each in found.thresholds]
    for line, each in zip(decision.lines, found.thresholds, strict=True):
        assert line.alerts_before is not None
        assert line.alerts_before.value == pytest.approx(each.alerts_a_day_before)
        assert line.alerts_after.value == pytest.approx(each.alerts_a_day_after)
        assert line.alerts_after.low < line.alerts_after.value < line.alerts_after.high
        assert line.new_alerts is not None
        assert line.dropped_alerts is not None
        gained = line.alerts_after.value - line.alerts_before.value
        assert line.new_alerts - line.dropped_alerts == pytest.approx(gained)
        assert line.gate == each.gate.state


def test_decision__of_a_first_release__has_no_before() -> None:
    seen = replace(observed(20_000), before=None, probability_before=None)
    (line,) = decision_of([examine("cards", seen, question(0.1))]).lines
    assert (line.alerts_before, line.new_alerts, line.dropped_alerts) == (None, None, None)
    assert "→" not in line.sentence


def test_decision__of_a_fit_with_days_held_out__leads_with_them() -> None:
    wanted = question(0.1)
    held = HeldOutRate(wanted.thresholds[0].score, 0.1, 420, 4_000, 0.105, 0.09, 0.12)
    found = examine("cards", observed(20_000), replace(wanted, held_out={held.score: held}))
    (line,) = decision_of([found]).lines
    assert line.held_out == held
    assert ": held out 10.5 % [9, 12], " in line.sentence


def test_decision__of_a_sample_without_labels__says_what_is_not_known() -> None:
    seen = replace(observed(20_000), total=100_000, labels=np.empty(0, np.int8))
    unknown = " ".join(decision_of([examine("cards", seen, question(0.1))]).unknown)
    assert "20,000 of 100,000 events were drawn" in unknown
    assert "differ from week to week is assumed" in unknown
    assert "finds more fraud is not known" in unknown


def test_decision__of_several_intents__names_each() -> None:
    found = [examine("cards", observed(20_000), question(0.1)), nothing("loans", "there are no recorded events")]
    decision = decision_of(found)
    assert {line.intent for line in decision.lines} == {"cards"}
    assert "loans: There are no recorded events." in decision.unknown


@pytest.mark.parametrize(("value", "text"), [(0.0, "0"), (0.25, "0.2"), (12.34, "12.3"), (1234.5, "1,234")])
def test_amount__of_any_size__is_short(value: float, text: str) -> None:
    assert amount(value) == text


def test_decision__where_segments_move__has_those_that_move_most() -> None:
    decision = decision_of([redistribution()])
    first = decision.segments[0]
    assert {each.segment.value for each in decision.segments} == {"web", "app"}
    assert first.segment.moves
    assert first.sentence.startswith(f"‘at-0.01’, channel = {first.segment.value}: ")
    assert first.sentence.endswith("] beside all; fail")


def test_decision__of_a_change_that_all_segments_share__has_none_of_them() -> None:
    assert decision_of([examine("cards", observed(100_000), question(0.1))]).segments == []


def test_decision__with_a_stray_event_in_a_segment_of_its_own__says_that_nothing_is_known_of_it() -> None:
    seen = observed(20_000)
    channel = seen.contexts["channel"].copy()
    channel[0] = ""
    found = examine("cards", replace(seen, contexts={"channel": channel}), question(0.1))
    said = "Of 1 of 3 segments by context nothing is known: fewer than 100 events or 20 alerts."
    assert said in decision_of([found]).unknown
