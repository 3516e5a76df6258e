"""The law of conservation: a ledger that balances passes, and each loss that is planted in it is found."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.faults.conservation import Ledger
from tests.faults.load import Seen, Sent

ANSWERED = [f"answered-{number}" for number in range(3)]
BROKEN_OFF = ["recorded before its answer was cut off", "never recorded"]
EARLIER = ["of an earlier fault"]
KEPT = Counter([*EARLIER, *ANSWERED, BROKEN_OFF[0]])


def seen(**statuses: int) -> Seen:
    """Three events that were answered, two that were broken off, and one more for each of these."""
    ids = dict.fromkeys(ANSWERED, 200) | dict.fromkeys(BROKEN_OFF, 0) | statuses
    return Seen([Sent(0.0, 0.1, status, event_id) for event_id, status in ids.items()], begun=len(ids))


def without(event_id: str) -> Counter[str]:
    return KEPT - Counter([event_id])


BALANCED = Ledger(seen(refused=503), KEPT, KEPT, KEPT.total(), refusals=(503,))


def test_law__of_a_ledger_that_balances__holds() -> None:
    assert BALANCED.broken() == []
    assert (BALANCED.lost, BALANCED.doubled) == (0, 0)


def test_law__of_segments_at_which_nobody_could_look__is_held_to_by_the_lake() -> None:
    assert replace(BALANCED, segments=None).broken() == []


def test_law__of_events_that_are_lost_and_counted_as_such__holds() -> None:
    kept = without(ANSWERED[0])
    ledger = replace(BALANCED, segments=kept, lake=kept, minutes=kept.total(), counted_lost=1)
    assert ledger.broken() == []
    assert ledger.lost == 1


@pytest.mark.parametrize(
    ("planted", "words"),
    [
        ({"lake": without(ANSWERED[0]), "minutes": KEPT.total() - 1},
         ["1 answered events are lost, 0 counted so", "1 events differ between segments and lake"]),
        ({"segments": without(ANSWERED[0])}, ["1 events differ between segments and lake"]),
        ({"segments": None, "lake": without(ANSWERED[0]), "minutes": KEPT.total() - 1},
         ["1 answered events are lost, 0 counted so"]),
        ({"counted_lost": 1}, ["0 answered events are lost, 1 counted so"]),
        ({"lake": KEPT + Counter(ANSWERED[:1]), "minutes": KEPT.total() + 1},
         ["1 events are in the lake more than once", "1 events differ between segments and lake"]),
        ({"segments": KEPT + Counter(EARLIER), "lake": KEPT + Counter(EARLIER), "minutes": KEPT.total() + 1},
         ["1 events are in the lake more than once"]),
        ({"segments": KEPT + Counter(ANSWERED[:1])}, ["1 events differ between segments and lake"]),
        ({"minutes": KEPT.total() - 1}, ["minutes count 4 events, the lake 5"]),
        ({"minutes": KEPT.total() + 1}, ["minutes count 6 events, the lake 5"]),
        ({"seen": replace(BALANCED.seen, begun=7)}, ["7 requests were begun, 6 have ended"]),
        ({"seen": seen(odd=500)}, ["answers of other kinds: {200: 3, 0: 2, 500: 1}"]),
        ({"refusals": ()}, ["answers of other kinds: {200: 3, 0: 2, 503: 1}"]),
        ({"refusals": (429, 422)}, ["answers of other kinds: {200: 3, 0: 2, 503: 1}"]),
    ],
)  # fmt: skip
def test_law__of_a_loss_that_is_planted__is_broken(planted: dict[str, object], words: list[str]) -> None:
    assert replace(BALANCED, **planted).broken() == words  # type: ignore[arg-type]


@pytest.mark.parametrize("where", ["segments", "lake", "both"])
def test_law__of_an_event_that_was_refused_and_recorded__is_broken(where: str) -> None:
    kept = KEPT + Counter(["refused"])
    segments, lake = (kept if where != "lake" else KEPT), (kept if where != "segments" else KEPT)
    found = replace(BALANCED, segments=segments, lake=lake, minutes=lake.total()).broken()
    assert "1 events are kept that were refused" in found
    assert len(found) == (1 if where == "both" else 2)
