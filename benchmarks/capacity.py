"""What a load needs: processes, cores, memory, lake, and money a million events.

    python benchmarks/capacity.py [--events-a-year 55e9] [--tenants 300] [--shadows 3] …
    python benchmarks/capacity.py --measure [--costs costs.json] [--seconds 60]
    python benchmarks/capacity.py --check 50 [--seconds 60] [--report docs/capacity.md]

The first form multiplies what an event was measured to cost, on the machine of docs/capacity.md. `--measure` runs the
product on this machine and writes the costs anew. `--check` runs the product at the peak rate of the load, divided, and
holds the cores in use against what was foretold.
"""

import argparse
import json
import sys
from dataclasses import fields
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.capacity_costs import Used, bench, measured
from benchmarks.capacity_needs import Costs, Load
from benchmarks.capacity_page import Check, page, tables

COSTS = Path(__file__).with_name("capacity_costs.json")
_RATE = 150.0  # events a second, for measuring


def main() -> None:
    options = _options()
    if options.measure:
        with bench() as product:
            costs = measured(product, _RATE, options.seconds)
        options.costs.write_text(json.dumps(costs.as_json(), indent=1) + "\n")
    costs = Costs(**json.loads(options.costs.read_text()))
    load = Load(**{each.name: getattr(options, each.name) for each in fields(Load)})
    check = _checked(load, costs, options.check, options.seconds) if options.check else None
    print(tables(load, costs, check))
    if options.report:
        options.report.write_text(page(load, costs, check))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--costs", type=Path, default=COSTS, metavar="FILE", help="what events cost")
    parser.add_argument("--measure", action="store_true", help="measure the costs first, and write them there")
    parser.add_argument("--check", type=float, metavar="N", help="run a peak's Nth part, and compare")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each run takes")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the page of the documentation, too")
    for each in fields(Load):
        kind = int if isinstance(each.default, int) else float
        parser.add_argument(f"--{each.name.replace('_', '-')}", type=kind, default=each.default, metavar="X")
    return parser.parse_args()


def _checked(load: Load, costs: Costs, part: float, seconds: float) -> Check:
    """Cores in use at a part of the peak, foretold and measured in this run."""
    with bench() as product:
        product.serve(load.shadows)
        used = product.run(load.peak_rate / part, seconds)
    return Check(part, used.events / used.took, used.cores, used_cores(load, costs, used))


def used_cores(load: Load, costs: Costs, run: Used) -> float:
    """Cores that a run was to use on average, by its events and commits."""
    event_us = costs.scoring_us + costs.database_us + costs.consumer_us + load.shadows * costs.consumer_shadow_us
    return (run.events * event_us + run.commits * costs.commit_us) / 1e6 / run.took


if __name__ == "__main__":
    main()
