"""How soon monitors find what happens to a tenant, whether they tell it apart, and how often they are wrong.

    python benchmarks/incidents.py --data card_transactions.parquet [--runs 40] [--only attack_2,nothing] [--json OUT]

On simulated card transactions of half a year, their customers split over three tenants of 1,600 events a day. A model
is trained on the first three months; each day its mapping is fitted anew on the last 28, of which recent ones weigh
more, by the product's own fit, as a refresh would. What follows goes hour by hour through the product's own looks
(models_app/statistics/monitors), as the hourly task has them.
From an hour drawn at random on, one thing happens for five days (benchmarks/incident_worlds.py); once an incident of
risk or of a data fault is found, the mapping stays as it is. `nothing` is watched over all days that are left, and, by
--splits, over those of customers split otherwise: the same events, shared out anew.

Labels tell of a fraud after seven days; alerts are held against signatures of the tenant's own frauds so known.

Recall is that of the attack's events at the threshold of 1 %, beside a mapping that was left alone from the first hour.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import lightgbm as lgb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.incident_report import Quiet, Run, Runs, as_text, missed
from benchmarks.incident_tenants import RATES, SERVED_FROM, TRAINED, Tenant
from benchmarks.incident_watching import Watching
from benchmarks.incident_worlds import CHANNELS, HOURS, WORLDS, Floats, Setting, Stream
from models_app.statistics.monitors.deciding import Finding, Kind
from models_app.statistics.monitors.distribution import HOURS as A_DAY
from models_app.statistics.monitors.sequential import HOURS_A_YEAR

SETTLED = 14  # days after the first on which something may happen
BEFORE = 2 * A_DAY  # hours that are looked at before it does
AMOUNTS = ("TX_AMOUNT", "CUSTOMER_ID_AVG_AMOUNT_1DAY_WINDOW", "CUSTOMER_ID_AVG_AMOUNT_7DAY_WINDOW",
           "CUSTOMER_ID_AVG_AMOUNT_30DAY_WINDOW")  # fmt: skip
# Nearly always zero, or the same all day: a fault of theirs cannot be told within hours, by anybody.
SELDOM = ("TX_DURING", "TERMINAL_ID_RISK")


def run(tenant: Tenant, world: str, rng: np.random.Generator) -> Run:
    """One thing happens from an hour drawn at random on."""
    last = tenant.day_of(int(tenant.stream.hour[-1])) - HOURS // A_DAY
    begin = tenant.first + A_DAY * (SERVED_FROM + SETTLED) + int(rng.integers(A_DAY * (last - SERVED_FROM - SETTLED)))
    changed = WORLDS[world][0](tenant.stream, begin, tenant.setting, rng)
    broken = None if changed.feature is None else tenant.setting.names[changed.feature]
    found = _first_finding(tenant, changed.events, begin)
    if found is None:
        return Run(begin % A_DAY, broken=broken, recall_lost=_recall_lost(tenant, changed.events, begin, HOURS))
    after, finding = found
    holds_back = finding.kind in (Kind.RISK, Kind.DATA_FAULT)
    lost = _recall_lost(tenant, changed.events, begin, after if holds_back else HOURS)
    first = finding.signals[0]
    return Run(begin % A_DAY, after, str(finding.kind), first.of, first.name, broken, lost)


def _first_finding(tenant: Tenant, events: Stream, begin: int) -> tuple[int, Finding] | None:
    """After how many hours what was found; two quiet days before are looked at, too."""
    watching = Watching(tenant, begin - BEFORE, events)
    for hour in range(begin - BEFORE, begin + HOURS):
        finding = watching.after(hour)
        if finding is not None and hour >= begin:
            return hour - begin + 1, finding
    return None


def _recall_lost(tenant: Tenant, events: Stream, begin: int, hours: int) -> float:
    """Of the attack's events at 1 %: what the refits of the first hours have cost, beside none."""
    attack = events.only(np.flatnonzero(events.attack))
    if not len(attack.hour):
        return 0.0
    place, first, last = list(RATES).index("at-1%"), tenant.day_of(begin), tenant.day_of(begin + hours)
    alone = tenant.mapped_on(first).edges[place]
    edges = {day: tenant.mapped_on(day, events).edges[place] for day in range(first + 1, last + 1)} | {first: alone}
    at = np.array([edges[min(tenant.day_of(int(hour)), last)] for hour in attack.hour])
    return float(np.mean(attack.probability >= alone) - np.mean(attack.probability >= at))


def quiet(tenants: Iterable[Tenant]) -> Quiet:
    """While nothing happens: incidents, an incident going on for a day after what shows it last; and the years."""
    found, hours = Quiet(), 0
    for tenant in tenants:
        begin, quiet_from = tenant.first + A_DAY * (SERVED_FROM + SETTLED), 0
        watching = Watching(tenant, begin)
        for hour in range(begin, int(tenant.stream.hour[-1])):
            hours += 1
            finding = watching.after(hour)
            if finding is not None:
                found.alarms += [f"{finding.kind} by {finding.signals[0].of}"] if hour >= quiet_from else []
                quiet_from = hour + A_DAY
                watching.anew()
    found.years = hours / HOURS_A_YEAR
    return found


def main() -> None:
    options = _options()
    splits = _splits(options)
    tenants = next(splits)
    per_day = len(tenants[0].stream.hour) / tenants[0].day_of(int(tenants[0].stream.hour[-1]))
    _say(f"{len(tenants)} tenants of {per_day:,.0f} events a day; a model is trained")
    told: dict[str, Any] = {}
    for name in options.only:
        if name == "nothing":
            told[name] = quiet(chain(tenants, chain.from_iterable(splits)))
        else:
            rng = np.random.default_rng([options.seed, list(WORLDS).index(name)])
            told[name] = Runs(name, [run(tenants[each % len(tenants)], name, rng) for each in range(options.runs)])
        _say(f"{name}: {told[name].as_json()}")
    if options.json:
        options.json.write_text(json.dumps({name: each.as_json() for name, each in told.items()}, indent=1))
    print(as_text(told))
    sys.exit(missed(told))


def _splits(options: argparse.Namespace) -> Iterator[list[Tenant]]:
    """For each split of the customers, its tenants, made when they are asked for."""
    table = pq.read_table(options.data)
    known = ("TX_DATETIME", "TX_FRAUD", "TRANSACTION_ID", "CUSTOMER_ID", "TERMINAL_ID")
    names = [name for name in table.column_names if name not in known]
    x = np.column_stack([table[name].to_numpy().astype(np.float64) for name in names])
    label = table["TX_FRAUD"].to_numpy().astype(bool)
    hour = table["TX_DATETIME"].cast(pa.timestamp("s"), safe=False).cast(pa.int64()).to_numpy() // 3600
    first = int(hour[0] // A_DAY * A_DAY)
    day = (hour - first) // A_DAY
    booster = _trained(x, label, (day >= TRAINED[0]) & (day < TRAINED[1]))

    def predict(events: Floats) -> Floats:
        return np.asarray(booster.predict(events), dtype=np.float64)

    faulty = [place for place, name in enumerate(names) if not name.startswith(SELDOM)]
    setting = Setting(names, [names.index(each) for each in AMOUNTS], faulty, predict)
    channel = CHANNELS[(np.arange(len(hour)) * 7919 % 10 >= 3).astype(int)]  # the file has no category of its own
    whole = Stream(hour, x, label, channel, predict(x), np.zeros(len(hour), dtype=bool))
    customers = table["CUSTOMER_ID"].to_numpy().astype(np.int64) // 2
    for number in range(options.split, options.split + options.splits):
        of = _split(customers, number, options.tenants)
        parts = [whole.only(np.flatnonzero(of == each)) for each in range(options.tenants)]
        yield [Tenant(part, setting, first, options.half_life) for part in parts]


def _split(customers: Any, number: int, tenants: int) -> Any:
    if number == 0:
        return customers % tenants
    return np.random.default_rng(number).integers(tenants, size=customers.max() + 1)[customers]


def _trained(x: Floats, label: Any, rows: Any) -> lgb.Booster:
    parameters = {"objective": "binary", "num_leaves": 31, "learning_rate": 0.05, "verbose": -1, "seed": 7,
                  "deterministic": True, "force_row_wise": True, "num_threads": 2}  # fmt: skip
    return lgb.train(parameters, lgb.Dataset(x[rows], label[rows]), 200)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="FILE")
    parser.add_argument("--runs", type=int, default=40, metavar="N", help="of each world")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tenants", type=int, default=3, metavar="N", help="over whom the customers are split")
    parser.add_argument("--split", type=int, default=0, metavar="K", help="of the customers; 0 is by their number")
    parser.add_argument("--splits", type=int, default=1, metavar="N", help="from that on, which nothing happens to")
    parser.add_argument("--half-life", type=float, default=4.0, metavar="DAYS", help="of events in a refresh")
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(WORLDS), metavar="A,B")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures there, too")
    return parser.parse_args()


_BEGAN = time.monotonic()


def _say(text: str) -> None:
    print(f"{time.monotonic() - _BEGAN:6.1f} s  {text}", flush=True)


if __name__ == "__main__":
    main()
