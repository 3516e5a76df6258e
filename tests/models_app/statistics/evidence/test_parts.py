"""Events divided by a feature: those values of which most can be told, the rest together, and what is not known."""

from dataclasses import replace

import numpy as np
import pytest

from models_app.statistics.evidence import examine, verdict_of
from models_app.statistics.evidence.beside import Clustered
from models_app.statistics.evidence.decision import decision_of
from models_app.statistics.evidence.parts import Parts, Values
from models_app.statistics.evidence.segments import judged, of_attribute
from tests.models_app.statistics.evidence.test_examine import question
from tests.models_app.statistics.evidence.test_segments import redistributed


def texts(codes: np.ndarray, may_be_none: bool = False) -> Values:
    names = tuple(f"m{each}" for each in range(int(codes.max()) + 1))
    return Values("feature", names=names, codes=codes.astype(np.int64), may_be_none=may_be_none)


def named(parts: Parts) -> dict[str, int]:
    return dict(zip(parts.names, parts.counts().tolist(), strict=True))


def test_values__of_many_merchants__are_those_with_the_most_alerts_and_the_rest_together() -> None:
    """Of a hundred merchants with 150 events each, the last has alerts; a small one is told of by nobody."""
    codes = np.append(np.repeat(np.arange(100), 150), np.repeat(100, 30))
    parts = texts(codes).parts((codes >= 99).astype(float))
    assert len(parts.names) == 20
    assert named(parts)["m99"] == 150
    assert "m100" not in parts.names
    assert named(parts)["others"] == 81 * 150 + 30


def test_values__that_are_not_there__are_none_where_they_may_be_and_else_not_known() -> None:
    codes = np.repeat([0, 1, -1], [150, 200, 250])
    assert named(texts(codes, may_be_none=True).parts(np.zeros(600))) == {"m1": 200, "m0": 150, "": 250}
    assert named(texts(codes).parts(np.zeros(600))) == {"m1": 200, "m0": 150}
    numbers = Values("feature", numbers=np.where(codes < 0, np.nan, codes))
    assert named(numbers.parts(np.zeros(600))) == {"below 1": 150, "1 and above": 200}


def test_values__of_some_events__are_theirs() -> None:
    rows = np.arange(600) < 150
    assert named(texts(np.repeat([0, 1], 300)).of(rows).parts(np.zeros(150))) == {"m0": 150}


@pytest.mark.parametrize("known", [1.0, 0.9])
def test_examine__by_a_feature__judges_its_segments_and_says_what_is_not_known(known: float) -> None:
    """Web is where a feature has 1: what moves there moves here, and context and feature are asked together."""
    seen, random = redistributed(), np.random.default_rng(7)
    codes = np.where(random.random(len(seen)) < known, seen.contexts["channel"] == "web", -1).astype(np.int64)
    seen = replace(seen, contexts={}, features={"kind": Values("feature", names=("a", "b"), codes=codes)})
    found = examine("cards", seen, replace(question(0.01), segment_features=("kind", "merchant")))
    (threshold,) = found.thresholds
    assert {(each.name, each.source, each.moves) for each in threshold.segments} == {
        ("kind = a", "feature", True),
        ("kind = b", "feature", True),
    }
    assert verdict_of([found]).reason == "a segment moves"
    assert sum(group.n for group in found.by_feature["kind"]) == np.count_nonzero(codes >= 0)
    unknown = decision_of([found]).unknown
    assert "How alerts move by merchant is not known: it was not recorded." in unknown
    few = f"What kind is, is not known of {np.count_nonzero(codes < 0):,} of 200,000 events: it was not recorded."
    assert (few in unknown) == (known < 1.0)


def test_segments__of_features_that_have_nothing_to_do_with_the_change__hardly_ever_move() -> None:
    """Five features with twenty values each, all asked at once, as alerts come and go by chance."""
    moved, worlds, n = 0, 30, 5_000
    for seed in range(worlds):
        random = np.random.default_rng(seed)
        fate, clustered = random.random(n), Clustered(random.integers(0, 14, n))
        before, after = fate < 0.2, (fate > 0.04) & (fate < 0.24)
        found = []
        for feature in range(5):
            parts = texts(random.integers(0, 20, n)).parts(before + after + 0.0)
            found += of_attribute(f"f{feature}", parts.names, parts.place, before, after, clustered, [0.1] * 20)
        assert len(found) == 100
        moved += any(each.moves for each in judged([found])[0])
    assert moved <= 0.05 * worlds
