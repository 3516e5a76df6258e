"""Which events change sides: as many as are counted, the farthest moved first."""

from dataclasses import replace

import numpy as np

from models_app.statistics.evidence import ThresholdQuestion, examine
from models_app.statistics.evidence.decision_changes import decision_changes
from tests.models_app.statistics.evidence.test_examine import observed, question


def test_decision_changes__of_a_threshold__are_those_that_are_counted() -> None:
    seen, asked = observed(20_000, shift=1.5, noise=0.2), question(0.1, 0.01)
    found = examine("cards", seen, asked)
    listed = {each.threshold.name: each for each in decision_changes(seen, asked.thresholds)}
    for threshold in found.thresholds:
        rows, is_new = listed[threshold.name].rows, listed[threshold.name].is_new
        assert threshold.change is not None
        assert (is_new.sum(), (~is_new).sum()) == (threshold.change.only_after, threshold.change.only_before)
        assert threshold.listed == len(rows) == len(set(rows)) > 0
        assert set(threshold.swapped_in) <= set(seen.event_ids[rows[is_new]])


def test_decision_changes__more_than_are_listed__keeps_those_that_move_farthest() -> None:
    seen, asked = observed(20_000, shift=1.5, noise=0.2), question(0.1)
    (everything,) = decision_changes(seen, asked.thresholds)
    (few,) = decision_changes(seen, asked.thresholds, most=10)
    assert seen.before is not None
    moves = np.abs(seen.after - seen.before)
    assert list(few.rows) == list(everything.rows[:10])
    assert moves[few.rows].min() >= moves[everything.rows[10:]].max()


def test_decision_changes__of_a_threshold_that_moves_itself__count_each_side_at_its_own_score() -> None:
    seen = replace(observed(2), before=np.array([0.5, 0.7]), after=np.array([0.5, 0.7]))
    (found,) = decision_changes(seen, [ThresholdQuestion("review", 0.4, "review", 0.1, live_score=0.6)])
    assert (list(found.rows), list(found.is_new)) == ([0], [True])


def test_decision_changes__where_nothing_was_live__are_none() -> None:
    seen, asked = observed(2_000, live=False), question(0.1)
    assert decision_changes(seen, asked.thresholds) == []
    assert examine("cards", seen, asked).thresholds[0].listed is None
