"""The checker of histories: what some order explains passes, and what none explains is found."""

import pytest

from tests.faults.history import Answered, Labelled, Published, unexplained_labels, unexplained_releases

PUBLISHED = [Published(0, 1, 1), Published(10, 11, 2), Published(20, 21, 3)]


def test_releases__each_served_until_the_next_is_known__are_explained() -> None:
    answered = [Answered(5, 6, 1, 0), Answered(10.5, 10.6, 2, 0), Answered(12, 13, 1, 1), Answered(30, 31, 3, 0)]
    assert unexplained_releases(PUBLISHED, answered, lag=2.0) == []


@pytest.mark.parametrize(
    ("answered", "words"),
    [
        ([Answered(5, 6, 2, 0)], "before it was published"),
        ([Answered(5, 6, 7, 0)], "before it was published"),
        ([Answered(15, 16, 1, 0)], "long after 2 had gone live"),
        ([Answered(10.5, 10.6, 2, 0), Answered(10.7, 10.8, 1, 0)], "from release 2 back to 1"),
    ],
)
def test_releases__of_no_order__are_found(answered: list[Answered], words: str) -> None:
    (found,) = unexplained_releases(PUBLISHED, answered, lag=2.0)
    assert words in found


def test_publications__numbered_against_their_order_or_twice__are_found() -> None:
    assert "began after" in unexplained_releases([Published(5, 6, 1), Published(0, 1, 2)], [], 1.0)[0]
    assert "one after the other" in unexplained_releases([Published(0, 1, 1), Published(2, 3, 1)], [], 1.0)[0]


def test_labels__any_of_those_reported_at_once_is_explained__an_earlier_one_is_not() -> None:
    labelled = [Labelled(0, 1, "a", 1), Labelled(2, 4, "a", 0), Labelled(3, 5, "a", 1), Labelled(0, 1, "b", 1),
                Labelled(2, 3, "b", 0)]  # fmt: skip
    assert unexplained_labels(labelled, {"a": 0, "b": 0}) == unexplained_labels(labelled, {"a": 1, "b": 0}) == []
    assert unexplained_labels(labelled, {"a": 1, "b": 1}) == ["b: kept 1, the last were [0]"]
    cut_off = Labelled(4, float("inf"), "b", 1)
    assert unexplained_labels([*labelled, cut_off], {"a": 1, "b": 1}) == []
    assert unexplained_labels([*labelled, cut_off], {"a": 1, "b": 0}) == []
    assert unexplained_labels(labelled, {"a": 1}) == ["b: kept None, the last were [0]"]
