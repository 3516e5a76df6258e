"""Histories of what concurrent clients did and saw, and whether some order of it explains all of them.

An operation takes effect at one moment between its beginning and its end. So of two of which one ended before the other
began, the order is known; of others, any will do.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Operation:
    """When it began and ended, in seconds of one clock."""

    began: float
    ended: float

    def follows(self, other: "Operation") -> bool:
        return other.ended < self.began


@dataclass(frozen=True)
class Published(Operation):
    """A release went live under this number; a rollback is one too."""

    number: int


@dataclass(frozen=True)
class Answered(Operation):
    """A client got an answer by this release, over this connection, which one process has at its other end."""

    release: int
    connection: int


@dataclass(frozen=True)
class Labelled(Operation):
    """A client reported what an event turned out to be."""

    event_id: str
    label: int

    @property
    def is_sure(self) -> bool:
        """One that never ended was cut off: it may have come into effect at any time since, or never."""
        return self.ended < float("inf")


def unexplained_releases(published: Sequence[Published], answered: Iterable[Answered], lag: float) -> list[str]:
    """What no order explains. lag: seconds in which every process has learned of a release that has gone live.

    There is one live release at each time, the one of the highest number: numbers follow the order of publications, no
    answer is by one that was not published yet, none by one that was replaced longer ago than the lag, and no process
    goes back to an earlier one.
    """
    return [*_out_of_order(published), *_not_live(published, answered, lag), *_gone_back(answered)]


def unexplained_labels(labelled: Iterable[Labelled], kept: Mapping[str, int]) -> list[str]:
    """The latest label counts: the one that is kept of each event must be one that no other report follows."""
    reports: defaultdict[str, list[Labelled]] = defaultdict(list)
    for each in labelled:
        reports[each.event_id].append(each)
    last = {
        event_id: {each.label for each in own if not any(other.follows(each) for other in own if other.is_sure)}
        for event_id, own in reports.items()
    }
    return [
        f"{event_id}: kept {kept.get(event_id)}, the last were {sorted(labels)}"
        for event_id, labels in last.items()
        if kept.get(event_id) not in labels
    ]


def _out_of_order(published: Sequence[Published]) -> list[str]:
    by_number = sorted(published, key=lambda each: each.number)
    numbers = [each.number for each in by_number]
    found = [f"release {one.number} began after {other.number} had ended" for one, other in pairwise(by_number)
             if one.follows(other)]  # fmt: skip
    expected = list(range(numbers[0], numbers[0] + len(numbers))) if numbers else []
    return found if numbers == expected else [*found, f"numbers are not one after the other: {numbers}"]


def _not_live(published: Sequence[Published], answered: Iterable[Answered], lag: float) -> list[str]:
    began = {each.number: each.began for each in published}
    found = []
    for each in answered:
        if began.get(each.release, float("inf")) > each.ended:
            found.append(f"answered by release {each.release} before it was published")
        replaced = [later.number for later in published
                    if later.number > each.release and later.ended + lag < each.began]  # fmt: skip
        if replaced:
            found.append(f"answered by release {each.release} long after {max(replaced)} had gone live")
    return found


def _gone_back(answered: Iterable[Answered]) -> list[str]:
    by_connection: defaultdict[int, list[Answered]] = defaultdict(list)
    for each in answered:
        by_connection[each.connection].append(each)
    return [
        f"a process went from release {one.release} back to {other.release}"
        for own in by_connection.values()
        for one, other in pairwise(sorted(own, key=lambda each: each.began))
        if other.release < one.release
    ]
