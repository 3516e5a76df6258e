"""What came of the runs of the benchmark of incidents: as figures, as a table, and beside what is wanted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import special

from benchmarks.incident_worlds import HOURS, WORLDS

FALSE_ALARMS = 1.0  # an intent and year, at most
NAMED, RECALL = 0.9, 0.02
CONFIDENCE = 0.95  # that no less is found, and that there are no more false alarms, as if runs were independent
# By world: hours within which, and the share of runs that is to be found in them.
GOALS = {"attack_2": (12, 0.95), "attack_05": (72, 0.8), "fault_null": (2, 0.95), "fault_constant": (2, 0.95),
         "fault_unit": (2, 0.95), "category_renamed": (2, 0.95)}  # fmt: skip


@dataclass(frozen=True)
class Run:
    """What came of one: after how many `hours` what was found, None where nothing was; and the recall that it cost.

    `begun`: the hour of the day; `of` and `name`: the first signal's; `broken`: the feature that was, if any.
    """

    begun: int
    hours: int | None = None
    kind: str = ""
    of: str = ""
    name: str = ""
    broken: str | None = None
    recall_lost: float = 0.0


@dataclass(frozen=True)
class Runs:
    """All of one world."""

    world: str
    runs: Sequence[Run]

    def as_json(self) -> dict[str, Any]:
        """Shares found (within the goal's hours, where there is one), told apart, named; hours; recall."""
        hours = np.array([each.hours or np.inf for each in self.runs])
        within, _ = GOALS.get(self.world, (HOURS, 0.0))
        found = [each for each in self.runs if each.hours]
        named = [each.name == each.broken for each in self.runs if each.broken is not None]
        lost = float(np.mean([each.recall_lost for each in self.runs]))
        return {
            "found": float(np.mean(hours <= within)),
            "found_at_least": _at_least(int(np.count_nonzero(hours <= within)), len(hours)),
            "hours_p95": _at(hours, 0.95),
            **({"named_first": float(np.mean(named))} if named else {}),
            **({"recall_lost": lost} if "attack" in self.world else {}),
            "runs": len(self.runs),
            "found_at_all": len(found) / len(self.runs),
            "hours_median": _at(hours, 0.5),
            "hours_p80": _at(hours, 0.8),
            "told_apart": float(np.mean([each.kind in WORLDS[self.world][1] for each in found])) if found else None,
            "kinds": dict(Counter(f"{each.kind} by {each.of}" for each in found)),
        }


@dataclass
class Quiet:
    """What was found in so many `years` in which nothing happened."""

    alarms: list[str] = field(default_factory=list)
    years: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return {
            "false_alarms_per_intent_year": len(self.alarms) / self.years,
            "at_most": float(special.gammaincinv(len(self.alarms) + 1, CONFIDENCE)) / self.years,
            "years": self.years,
            "kinds": dict(Counter(self.alarms)),
        }

    def as_text(self) -> str:
        found = self.as_json()
        a_year = f"{found['false_alarms_per_intent_year']:.2f}, at most {found['at_most']:.2f}"
        return f"false alarms an intent and year: {a_year}, in {self.years:.2f} years of nothing: {found['kinds']}"


def as_text(told: Mapping[str, Runs | Quiet]) -> str:
    """The table of what is found, and how often nothing is."""
    heads = ("what happens", "found", "told apart rightly", "hours, median", "hours, 95 of 100", "right feature first",
             "recall lost")  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    lines += [_row(each.world, each.as_json()) for each in told.values() if isinstance(each, Runs)]
    return "\n".join([*lines, *(f"\n{each.as_text()}" for each in told.values() if isinstance(each, Quiet))])


def missed(told: Mapping[str, Runs | Quiet]) -> str | None:
    """The goals that were missed, in words; None of none."""
    found = {name: each.as_json() for name, each in told.items()}
    words = [f"{name}: {found[name]['found']:.0%} within {within} hours, {share:.0%} wanted"
             for name, (within, share) in GOALS.items() if name in found and found[name]["found"] < share]  # fmt: skip
    words += [f"{name}: named first in {each['named_first']:.0%}, {NAMED:.0%} wanted"
              for name, each in found.items() if each.get("named_first", 1.0) < NAMED]  # fmt: skip
    words += [f"{name}: {each['recall_lost']:.1%} of recall lost, at most {RECALL:.0%} wanted"
              for name, each in found.items() if each.get("recall_lost", 0.0) > RECALL]  # fmt: skip
    if found.get("nothing", {}).get("false_alarms_per_intent_year", 0.0) > FALSE_ALARMS:
        words.append("nothing: more than one false alarm an intent and year")
    return "missed: " + "; ".join(words) if words else None


def _row(world: str, found: Mapping[str, Any]) -> str:
    within = f" within {GOALS[world][0]} h" if world in GOALS else ""
    cells = (
        world,
        f"{found['found']:.0%}{within}, at least {found['found_at_least']:.0%}",
        _share(found["told_apart"]),
        _hours(found["hours_median"]),
        _hours(found["hours_p95"]),
        _share(found.get("named_first")),
        _share(found.get("recall_lost"), 1),
    )
    return f"| {' | '.join(cells)} |"


def _share(value: float | None, digits: int = 0) -> str:
    return "" if value is None else f"{value:.{digits}%}"


def _hours(value: float | None) -> str:
    return "more than 120" if value is None else f"{value:.0f}"


def _at_least(count: int, of: int) -> float:
    """The least share of which so many are not too many, by Clopper and Pearson."""
    return float(special.betaincinv(count, of - count + 1, 1.0 - CONFIDENCE)) if count else 0.0


def _at(hours: Any, level: float) -> float | None:
    """After how many hours so large a share is found; None where it is not."""
    found = float(np.quantile(hours, level, method="higher"))
    return found if np.isfinite(found) else None
