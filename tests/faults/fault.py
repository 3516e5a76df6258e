"""What a fault is, declared: how it hurts, how it heals, and what is promised to clients meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults.evidence import TookHold
from tests.faults.hurting import Hurt


def nothing(_hurt: Hurt) -> None:
    """It heals by itself."""


@dataclass(frozen=True)
class Fault:
    """One row of the table.

    `took_hold` looks before it hurts and says afterwards whether it did; one that did not tries nothing. `seconds` lie
    between hurting and healing. `may_fail`: how many requests may break, which are those that a scoring
    process had in hand. `well_within`: seconds, from the fault on, until every request is answered within a second.
    `may_lose`: whether events may be lost that are counted as such. `refuses_with`: the status by which events are
    refused meanwhile, as is promised, and by no other; 0 where none may be. `falls_back`: the reason that a fallback
    gives which answers meanwhile. `is_short`: whether the short form has it too.
    """

    name: str
    hurt: Callable[[Hurt], None] = nothing
    heal: Callable[[Hurt], None] = nothing
    took_hold: TookHold = field(kw_only=True)
    seconds: float = 0.0
    may_fail: float = 0
    well_within: float = 10.0
    may_lose: bool = False
    refuses_with: int = 0
    falls_back: str = ""
    is_short: bool = False
