"""What a load needs: processes, cores, memory, lake, and money a million events.

    python benchmarks/capacity.py --measure [--costs costs.json] [--seconds 60]
    python benchmarks/capacity.py --costs costs.json [--events-a-year 55e9] [--tenants 300] [--shadows 3] …
    python benchmarks/capacity.py --costs costs.json --check 50 [--seconds 60]

`--measure` runs the product on this machine and writes what an event costs. The second form multiplies: costs grow
with events and with nothing else, so it is an estimate, and says nothing of what a network or an object store adds.
`--check` runs the product at the peak rate of the load, divided, and holds the cores in use against what was foretold.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.capacity_costs import bench, measured
from benchmarks.capacity_needs import Costs, Load, Needs, needs

_RATE = 150.0  # events a second, for measuring


def main() -> None:
    options = _options()
    if options.measure:
        with bench() as product:
            costs = measured(product, _RATE, options.seconds)
        options.costs.write_text(json.dumps(costs.as_json(), indent=1) + "\n")
    costs = Costs(**json.loads(options.costs.read_text()))
    load = Load(**{each.name: getattr(options, each.name) for each in fields(Load)})
    print("\n".join(_lines(load, costs, needs(load, costs))))
    if options.check:
        print(_checked(load, costs, options.check, options.seconds))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--costs", type=Path, default=Path("costs.json"), metavar="FILE", help="what events cost")
    parser.add_argument("--measure", action="store_true", help="measure the costs first, and write them there")
    parser.add_argument("--check", type=float, metavar="N", help="run a peak's Nth part, and compare")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each run takes")
    for each in fields(Load):
        kind = int if isinstance(each.default, int) else float
        parser.add_argument(f"--{each.name.replace('_', '-')}", type=kind, default=each.default, metavar="X")
    return parser.parse_args()


def _lines(load: Load, costs: Costs, found: Needs) -> Iterator[str]:
    yield f"{load.events_a_year:,.0f} events a year, {load.mean_rate:,.0f} a second, {load.peak_rate:,.0f} at the peak"
    yield f"{load.tenants} tenants, {load.shadows} shadows, kept for {load.retention_months:g} months"
    yield ""
    yield "an event costs " + ", ".join(f"{name} {value:.1f}" for name, value in costs.as_json().items())
    yield ""
    rows = {
        "scoring processes": f"{found.scoring_processes:,}",
        "consumers, a core each": f"{found.consumers:,}",
        f"Celery processes, for nights of {load.night_hours:g} h": f"{found.celery_processes:,}",
        "cores of Postgres and Valkey": f"{found.database_cores:,.1f}",
        f"cores in all, {load.busy:.0%} busy at the peak": f"{found.cores:,}",
        "memory of them": f"{found.memory_gib:,.1f} GiB",
        "lake": f"{found.lake_tib:,.1f} TiB in {found.lake_files:,} files or more",
        f"a million events, at {load.money_a_core_hour:g} a core hour": f"{found.money_a_million:.4f}",
    }
    for name, value in rows.items():
        yield f"{name:<44}{value:>28}"


def _checked(load: Load, costs: Costs, part: float, seconds: float) -> str:
    """Cores in use at a part of the peak, foretold and measured in this run."""
    rate = load.peak_rate / part
    with bench() as product:
        product.serve(load.shadows)
        used = product.run(rate, seconds)
    came = used.events / used.took
    foretold = needs(load, costs).used_cores * came / load.peak_rate
    return (
        f"\nat {came:,.0f} events a second with {load.shadows} shadows: {used.cores:.3f} cores measured, "
        f"{foretold:.3f} foretold, ratio {used.cores / foretold:.2f}"
    )


if __name__ == "__main__":
    main()
