"""What has happened, by what stands out: the table that tells scale, risk, data faults and a changed client apart.

Its rows are looked at from the top; the first that holds is what happened. A data fault comes first, for it moves
everything behind it; a changed client before the alert rate, for its own events are to have its own transform.

| what stands out | kind | what to do |
| --- | --- | --- |
| a feature of which values are missing, new, all the same or in another unit | data fault | do not refit; repair it |
| an attribute of context, or how many events come | client changed | look at it; a route of its own may be due |
| a single feature that is otherwise spread, for a tenth of the events | data fault | do not refit; look at it |
| several such features | client changed | look at it |
| alerts that are nearly the same as known fraud | risk | do not refit; tell people |
| an alert rate, the riskiest events, or those beyond the fit: and these came beside the others | risk | do not refit |
| the same, and all events have moved | scale | refit |
| labels, which do not come, or otherwise many a day | data fault | repair their feed; do not refit |
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

import msgspec

from models_app.statistics.monitors.look import Signal
from models_app.statistics.monitors.telling_apart import Told

_MUCH = 0.1  # share of events that a feature must be spread otherwise for


class Kind(StrEnum):
    """What an incident is."""

    SCALE = "scale"
    RISK = "risk"
    DATA_FAULT = "data fault"
    CLIENT_CHANGED = "client changed"


class Finding(msgspec.Struct, frozen=True):
    """What has happened, shown by the `signals`, the first of which names it; `told`: by what risk and scale were."""

    kind: Kind
    signals: tuple[Signal, ...]
    told: Told | None = None

    @property
    def since(self) -> int:
        """The hour, counted from 1970."""
        return min(each.since for each in self.signals)


def found(signals: Sequence[Signal], a_year: float, tell: Callable[[Signal], Told]) -> Finding | None:
    """What has happened, by signals of which the most unusual comes first; None where nothing stands out.

    `a_year`: how many false alarms a year are accepted. `tell`: whether an alert rate has moved by scale or by risk.
    """
    out = [each for each in signals if each.a_year <= a_year]
    features = [each for each in out if each.of == "feature"]
    gross = tuple(each for each in features if each.how != "otherwise spread")
    if gross:
        return Finding(Kind.DATA_FAULT, gross)
    client = tuple(each for each in out if each.of in ("context", "volume"))
    if client:
        return Finding(Kind.CLIENT_CHANGED, client)
    spread = tuple(each for each in features if each.ratio >= _MUCH)
    if spread:
        return Finding(Kind.DATA_FAULT if len(spread) == 1 else Kind.CLIENT_CHANGED, spread)
    copies = tuple(each for each in out if each.of == "copies")
    if copies:
        return Finding(Kind.RISK, copies)
    moved = tuple(each for each in out if each.of in ("alert rate", "risk", "beyond"))
    if moved:
        told = tell(moved[0])
        is_risk = told.kind == "risk" and (moved[0].of != "alert rate" or moved[0].ratio > 1.0)
        return Finding(Kind.RISK if is_risk else Kind.SCALE, moved, told)
    labels = tuple(each for each in out if each.of == "labels")
    return Finding(Kind.DATA_FAULT, labels) if labels else None


def standing(a_year: Mapping[int, float], at_most: float) -> set[int]:
    """Which of many intents have changed, so that few of those named are named falsely however many are looked at.

    By how often a year as much as each one's most unusual signal comes about by chance: the k most unusual are named
    where the last of them is at most `at_most` · k / intents, Benjamini's and Hochberg's step. Of signals that are sums
    (sequential.py) it is the same step for sums of evidence: whoever has waited for h hours finds a share of false
    names of h · `at_most` / 8,766 in the mean at most, whatever intents have to do with each other (Dandapanthula and
    Ramdas, arXiv 2501.04130). Of those that are chances, what intents have in common must make them go together.
    """
    order = sorted(a_year, key=lambda each: a_year[each])
    named = [rank for rank, each in enumerate(order, start=1) if a_year[each] <= at_most * rank / len(order)]
    return set(order[: max(named, default=0)])
