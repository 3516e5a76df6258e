"""Sends a tenant's history through batch REST, two days at a time, and its labels a week behind.

What was sent before is not remembered anywhere: the product is asked whether it has the last payment of a piece.
"""

from bisect import bisect_left
from collections.abc import Callable
from datetime import timedelta

from muse_site.demo.profiles import INTENT
from muse_site.demo.simulator import Payments, Simulator
from muse_site.driving.client import Console, Json, Scoring

DAYS_A_PIECE = 2
_LABELLED_AFTER = timedelta(days=7)
_MICROSECONDS_A_DAY = 86_400_000_000


class History:
    """The history of one tenant, from its first day on."""

    def __init__(self, console: Console, scoring: Scoring, simulator: Simulator) -> None:
        self._console = console
        self._scoring = scoring
        self._simulator = simulator

    def send(self, first_day: int, end_day: int, labelled: range, sent: Callable[[int], None]) -> int:
        """Send what is missing of these days; how many payments that were.

        `labelled`: the days of which labels are known. `sent` is told the number of payments of each piece.
        """
        starts = range(first_day, end_day, DAYS_A_PIECE)
        pieces = [range(day, min(day + DAYS_A_PIECE, end_day)) for day in starts]  # the last one may be shorter
        done = bisect_left(pieces, True, key=lambda piece: not self._is_kept(piece))
        if done:  # the run before may have ended between a piece and its labels
            self._label(pieces[done - 1], labelled)
        total = 0
        for piece in pieces[done:]:
            count = self._send(piece)
            self._label(piece, labelled)
            total += count
            sent(count)
        return total

    def _is_kept(self, piece: range) -> bool:
        last = self._simulator.day(piece[-1]).event_ids[-1]
        path = f"tenants/{self._simulator.profile.slug}/events/{last}"
        return self._console.find(path, intent=INTENT) is not None

    def _send(self, piece: range) -> int:
        events = [event for day in piece for event in self._simulator.day(day).events()]
        self._scoring.score_batch(INTENT, events)
        return len(events)

    def _label(self, piece: range, labelled: range) -> None:
        labels = [label for day in piece if day in labelled for label in _labels(self._simulator.day(day))]
        if labels:
            self._scoring.label(labels)


def _labels(payments: Payments) -> list[Json]:
    known = payments.occurred_at + _LABELLED_AFTER.days * _MICROSECONDS_A_DAY
    stamps = known.astype("datetime64[us]").astype(str).tolist()
    return [
        {"intent": INTENT, "event_id": event_id, "label": label, "labelled_at": f"{stamp}Z"}
        for event_id, label, stamp in zip(payments.event_ids, payments.fraud.tolist(), stamps, strict=True)
    ]
