"""What the product does at scale, each row against what is wanted of it.

    python -m benchmarks.scale [--row fit …] [--pairs 3] [--millions 50] [--json OUT]

A row that has a counterpart is measured in pairs, one after the other, by the clock and by processor time; told are
medians. Other work on the machine moves the clock, processor time less.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.scale.alone import EVIDENCE, PROBABILITY, Took, alone
from benchmarks.scale.work import Cost, product

Found = dict[str, Any]


def main() -> None:
    options = _options()
    found = [row for name in options.row or ROWS for row in ROWS[name](options)]
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))


def fits(options: argparse.Namespace) -> list[Found]:
    """Exact fits of a fiftieth, a tenth and all of the events, against reading the column alone."""
    sizes = [round(1e6 * options.millions * share) for share in (0.02, 0.1, 1.0)]
    found = []
    with product(len(sizes)) as made:
        for tenant, events in zip(made.tenants, sizes, strict=True):
            table = made.record(tenant, events)
            made.fit(tenant)
            pairs = [(made.fit(tenant), alone(table, PROBABILITY)) for _ in range(options.pairs)]
            found.append(_told(f"fit of {events:,}", pairs, "10 ×, 1,536 MiB"))
    return found


def evidence(options: argparse.Namespace) -> list[Found]:
    """Evidence of a change request, against reading the columns that it needs."""
    events = round(1e6 * options.millions / 5)
    with product(1) as made:
        (tenant,) = made.tenants
        table = made.record(tenant, events, shadow=True)
        change = made.propose(tenant)
        pairs = [(made.evidence(change), alone(table, EVIDENCE)) for _ in range(options.pairs)]
    return [_told(f"evidence of {events:,}", pairs, "6 ×")]


def sketched(options: argparse.Namespace) -> list[Found]:
    """A sketched fit of ten times the events by two Celery workers, against one."""
    events = round(1e7 * options.millions)
    with product(1, {"MUSE_FIT_EXACT_LIMIT": str(max(1_000, events // 10)), "MUSE_CELERY_CONCURRENCY": "2"}) as made:
        (tenant,) = made.tenants
        made.record(tenant, events, repeated=True)
        pairs = []
        for _ in range(options.pairs):
            two = made.fit(tenant)
            made.workers("pool_shrink")
            one = made.fit(tenant)
            made.workers("pool_grow")
            pairs.append((two, one.took))
    return [_told(f"sketched fit of {events:,} by two workers, and by one", pairs, "0.6 × by the clock, 1,024 MiB")]


ROWS: dict[str, Callable[[argparse.Namespace], list[Found]]] = {
    "fit": fits,
    "evidence": evidence,
    "sketched": sketched,
}


def _told(what: str, pairs: Sequence[tuple[Cost, Took]], wanted: str) -> Found:
    ours, others = [cost.took for cost, _ in pairs], [took for _, took in pairs]
    clock = [a.seconds / b.seconds for a, b in zip(ours, others, strict=True)]
    processor = [a.processor / b.processor for a, b in zip(ours, others, strict=True)]
    found = {
        "row": what,
        "wanted": wanted,
        "seconds": [median(each.seconds for each in side) for side in (ours, others)],
        "processor": [median(each.processor for each in side) for side in (ours, others)],
        "ratio_seconds": [median(clock), min(clock), max(clock)],
        "ratio_processor": [median(processor), min(processor), max(processor)],
        "peak_mib": max(cost.peak_mib for cost, _ in pairs),
    }
    print(_as_text(found), flush=True)
    return found


def _as_text(found: Found) -> str:
    lines = [f"{found['row']} (wanted: {found['wanted']}), at most {found['peak_mib']:,.0f} MiB"]
    for name, label in (("seconds", "seconds"), ("processor", "of processor")):
        (ours, other), (middle, low, high) = found[name], found[f"ratio_{name}"]
        lines.append(f"  {label:14} {ours:8.2f} {other:8.2f}   {middle:.2f} × ({low:.2f} to {high:.2f})")
    return "\n".join(lines)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--row", action="append", choices=ROWS, help="only these; all when left out")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument(
        "--millions",
        type=float,
        default=50.0,
        help="of events of the fit; evidence takes a fifth, sketches ten times as many",
    )
    parser.add_argument("--json", type=Path, help="where to write all figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
