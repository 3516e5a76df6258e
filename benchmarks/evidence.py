"""Whether evidence tells the truth: intervals and gates on simulated events, of which the truth is known.

    python benchmarks/evidence.py [--runs 1000] [--json OUT]

In each world (`benchmarks/evidence_worlds.py`) a platform of 21 intents has 8 weeks of events, the last two of which
are the evidence for a change of one of them; then the next week comes. Of every interval that evidence shows it is
counted how often it held the truth, and how wide it was beside the narrowest that is honest: that of somebody who
knows how wrong such estimates are in this world. Of the gates it is counted how often they let a rate pass that is
off by all of the tolerance, and how often they let pass what is on target with as many events as are called enough.
"""

import argparse
import json
import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from benchmarks.evidence_worlds import (
    AGAINST_WHAT_IS_ASSUMED,
    HISTORY,
    WEEK,
    WINDOW,
    WORLDS,
    Drawn,
    FloatArray,
    World,
    drawn,
)
from models_app.statistics import clusters
from models_app.statistics.clusters import Codes, Effect
from models_app.statistics.drift import Drift
from models_app.statistics.evidence import gates
from models_app.statistics.evidence.forecast import Forecast, with_past
from models_app.statistics.evidence.gates import Margin
from models_app.statistics.evidence.paired import PairedChange, of_counts
from models_app.statistics.movement import Movement, movement_of
from models_app.statistics.past_weeks import Days, contrasts
from models_app.statistics.prediction import interval
from models_app.statistics.sample_size import passing_events

INTENTS, TOLERANCE = 21, 0.1
KNOWN = Drift(0.0, 1.0)  # the rate of the window's own days: what drifts is not in it
INTERVALS = ("rate", "change", "expected", "forecast")
GOALS = {"coverage": (0.93, 0.98), "random_walk": 0.85, "width": 1.6, "false_pass": 0.05, "power": 0.75}


@dataclass(frozen=True)
class Seen:
    """What evidence has of one intent: its window, the change there, and how its past weeks and others' moved.

    `after`, `before`: the days of the window and those before it, by each mapping.
    """

    after: Days
    before: Days
    effect: Effect
    change: PairedChange
    movement: Movement

    def forecast(self, days: Days) -> Forecast:
        """Of the next week, by one mapping."""
        return with_past(days, WINDOW, self.movement, self.effect)


def main() -> None:
    options = _options()
    found = measured(options.runs, seed=0)
    print(as_text(found))
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")


def measured(runs: int, seed: int) -> dict[str, Any]:
    """Coverage and width of every interval in every world, false passes and power of the gates; shares of `runs`."""
    worlds, against = (
        {name: intervals(world, runs, seed) for name, world in each.items()}
        for each in (WORLDS, AGAINST_WHAT_IS_ASSUMED)
    )
    gates_found = _gates(runs, seed)
    return {"simulated": True, "runs": runs, "worlds": worlds, "against_assumptions": against, "gates": gates_found}


def intervals(world: World, runs: int, seed: int) -> dict[str, dict[str, float]]:
    """By interval, how often it held the truth, and its median width over the narrowest honest one."""
    rng = np.random.default_rng(seed)
    ends, truths = np.empty((len(INTERVALS), runs, 2)), np.empty((len(INTERVALS), runs))
    best, past = np.empty((2, runs)), np.empty((runs, HISTORY // WEEK))
    for run in range(runs):
        days = drawn(rng, world, INTENTS, HISTORY + WEEK)
        ends[:, run], truths[:, run], best[:, run] = _once(days, world)
        past[run] = _weekly(days)
    covered = np.mean((ends[..., 0] <= truths) & (truths <= ends[..., 1]), axis=1)
    widths = np.median(ends[..., 1] - ends[..., 0], axis=1)
    narrowest = [_spread(best[row] - truths[row]) for row in range(2)]
    narrowest += [_spread(truths[row] - _predicted(past, truths[row])) for row in range(2, 4)]
    return {
        name: {"coverage": float(covered[row]), "width": float(widths[row] / narrowest[row])}
        for row, name in enumerate(INTERVALS)
    }


def _once(days: Drawn, world: World) -> tuple[FloatArray, list[float], list[float]]:
    """The intervals of the first intent's evidence, the truths behind them, and the estimates of the first two."""
    seen, window, after = _seen(days, world), slice(HISTORY - WINDOW, HISTORY), days.after[0]
    (n, alerts), change, to_come = seen.after.last(WINDOW), seen.change, seen.forecast(seen.after)
    assert change.relative is not None
    assert change.low is not None
    assert to_come.expected_low is not None
    assert to_come.expected_high is not None
    ends = [
        interval(alerts, n, math.inf, KNOWN, seen.effect),
        (change.low, math.inf if change.high is None else change.high),
        (to_come.expected_low, to_come.expected_high),
        (to_come.low, to_come.high),
    ]
    truths = [
        float(np.mean(days.expected[0, window])),
        days.ratio[0] if world.swaps == 0.0 else 0.0,
        float(np.mean(days.expected[0, HISTORY:])),
        float(np.sum(after[HISTORY:])) / (days.events * WEEK),
    ]
    return np.array(ends), truths, [alerts / n, change.relative]


def _seen(days: Drawn, world: World) -> Seen:
    window = slice(HISTORY - WINDOW, HISTORY)
    both, only_before, only_after = (each[0, window] for each in (days.both, days.only_before, days.only_after))
    before, after, day, card = _events(both, only_before, only_after, days.events, world.cluster)
    entities = card if world.cluster > 1 else None
    effect = clusters.of_rate(after, entities)
    change = of_counts(
        int(both.sum()), int(only_before.sum()), int(only_after.sum()),
        effect=clusters.of_change(before, after, day, entities),
    )  # fmt: skip
    past = [_days(days, alerts) for alerts in days.after]
    weeks = [contrasts(each, effect.factor) for each in past]
    movement = movement_of(weeks[0], [week for others in weeks[1:] for week in others])
    return Seen(past[0], _days(days, days.both[0] + days.only_before[0]), effect, change, movement)


def _days(days: Drawn, alerts: Codes) -> Days:
    return Days(np.full(HISTORY, days.events), alerts[:HISTORY])


def _events(both: Codes, only_before: Codes, only_after: Codes, events: int, cluster: int) -> tuple[Any, Any, Any, Any]:
    """Each event of these days: whether it alerts before and after, its day, and its card."""
    places = np.arange(events)
    before = np.concatenate([places < k + b for k, b in zip(both, only_before, strict=True)])
    after = np.concatenate(
        [
            (places < k) | ((places >= k + b) & (places < k + b + a))
            for k, b, a in zip(both, only_before, only_after, strict=True)
        ]
    )
    return before, after, np.repeat(np.arange(len(both)), events), np.arange(len(before)) // cluster


def _weekly(days: Drawn) -> FloatArray:
    """The alert rates of the past weeks."""
    return np.mean(days.after[0, :HISTORY].reshape(-1, WEEK) / days.events, axis=1)


def _predicted(past: FloatArray, truths: FloatArray) -> FloatArray:
    """The best weighing of past weeks, by somebody who has seen all runs."""
    found: FloatArray = past @ np.linalg.lstsq(past, truths, rcond=None)[0]
    return found


def _spread(errors: FloatArray) -> float:
    low, high = np.quantile(errors, [0.025, 0.975])
    return float(high - low)


def _gates(runs: int, seed: int) -> dict[str, dict[str, float]]:
    worlds = {("clusters_of_5" if name == "clusters" else name): world for name, world in WORLDS.items()}
    enough = {name: _with_enough(world) for name, world in worlds.items()}
    return {
        "false_pass": {name: passes(world, runs, seed, off=TOLERANCE) for name, world in enough.items()},
        "false_pass_against_live": {
            name: passes(world, runs, seed, off=TOLERANCE, change=TOLERANCE, live=True)
            for name, world in enough.items()
        },
        "power": {
            name: passes(world, runs, seed)
            for name, world in enough.items()
            if name
            in ("independent", "weekday", "clusters_of_5", "rare")  # elsewhere weeks differ by the tolerance itself
        },
    }


def _with_enough(world: World) -> World:
    """Return the world with as many events as are called enough for a gate of this tolerance."""
    events = passing_events(world.rate, TOLERANCE, design_effect=world.cluster)
    assert events is not None
    return World(**{**vars(world), "events_a_day": math.ceil(events / WINDOW)})


def passes(world: World, runs: int, seed: int, *, off: float = 0.0, change: float = 0.0, live: bool = False) -> float:
    """How often a change may go live whose alert rate is `off` the target, and lies `change` above what is live."""
    rng = np.random.default_rng(seed)
    good = 0
    for _ in range(runs):
        days = drawn(rng, world, INTENTS, HISTORY, change=change, off=off)
        good += _gate(_seen(days, world), world, live).state in gates.GOOD
    return good / runs


def _gate(seen: Seen, world: World, live: bool) -> gates.Gate:
    target = _against_target(seen.forecast(seen.after), world)
    if not live:
        return gates.gate_of(target, None, None, TOLERANCE)
    change, was = seen.change, _against_target(seen.forecast(seen.before), world)
    return gates.gate_of(target, Margin(change.relative, change.low, change.high), was, TOLERANCE)


def _against_target(to_come: Forecast, world: World) -> Margin | None:
    rate, low, high = to_come.expected, to_come.expected_low, to_come.expected_high
    assert rate is not None
    assert low is not None
    assert high is not None
    return gates.against(world.rate, rate, low, high)


def as_text(found: Mapping[str, Any]) -> str:
    return "\n".join(_lines(found))


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"Simulated, {found['runs']:,} runs a world. 95 % intervals that held the truth (width over the best)"
    yield "  world         " + "".join(f"{name:>16}" for name in INTERVALS)
    for world, at in (found["worlds"] | found["against_assumptions"]).items():
        cells = (f"{100 * at[name]['coverage']:5.1f} % ({at[name]['width']:.2f})" for name in INTERVALS)
        yield f"  {world:14}" + "".join(f"{cell:>16}" for cell in cells)
    for gate, shares in found["gates"].items():
        yield f"{gate.replace('_', ' ')}: " + ", ".join(
            f"{world} {100 * share:.1f} %" for world, share in shares.items()
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000, help="of each world")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures there, too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
