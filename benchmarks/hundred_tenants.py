"""Weeks to minutes, measured: one model takes another's place for a hundred tenants, while their requests go on.

    python benchmarks/hundred_tenants.py [--tenants 100] [--events 50000] [--report docs/hundred-tenants.md]

Runs the whole product. Each tenant gets events of the last days, scored in batches over REST, and a transform of its
own for the old model. What is measured is the machine's time from one replacement (fits, change requests and evidence
for all) to its approval, and from there until every scoring process serves every tenant by the new model.
"""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import fleet
from benchmarks.requests import Traffic
from muse_site.driving.client import ApiError, Console, GaveUp, Json

PROMISED_SECONDS = 600.0
_INTRODUCTION = """\
One act of an analyst proposes another model wherever the old one answers; for each tenant the product fits a transform
on its own events, replayed through the new model, makes a change request, and computes evidence. One act of an approver
publishes all that pass, each bound to what was seen. Single events were scored for all tenants all the time.

Events were recorded by scoring them in batches over REST, and written by the event consumer. Tenants tolerate that an
alert rate moves by {tolerance} of itself: at the default of 10 % all lines of a smaller run (5 tenants) ended
as “not enough events”, for these two models differ in two thirds of their alerts, and 50,000 events have 500 alerts at
1 %. Fits and evidence look at the same 14 days, so alert rates agree by construction, and what a gate judges here is
how wide its interval is. Setting up published directly; what is measured went through approvals. The time in which the
approver looks is not in it.

    python benchmarks/hundred_tenants.py --tenants {tenants} --events {events}"""
SOURCE = {"kind": "either", "days": 14}


@dataclass(frozen=True)
class Swap:
    """What one swap took, in seconds, how the lines ended, and what became of requests meanwhile.

    `parts`: the medians of what a line takes, and of its fit and its evidence, on one of two workers.
    """

    proposing: float
    approving: float
    serving: float
    parts: dict[str, float]
    summary: Counter[str]
    approved: int
    refused: Counter[str]
    traffic: Traffic

    @property
    def machine(self) -> float:
        return self.proposing + self.approving + self.serving


def main() -> None:
    options = _options()
    try:
        swap = _measure(options)
    except (ApiError, GaveUp, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
    text = _as_text(options, swap)
    print(f"\n{text}")
    if options.report:
        options.report.write_text(text)
        _say(f"wrote {options.report}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenants", type=int, default=100)
    parser.add_argument("--events", type=int, default=50_000, help="recorded events of each tenant")
    parser.add_argument("--per-second", type=float, default=50.0, help="live requests, of all tenants together")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--log", type=Path, default=Path(tempfile.gettempdir()) / "muse-hundred-tenants.log")
    return parser.parse_args()


def _measure(options: argparse.Namespace) -> Swap:
    with fleet.product(options.log) as (people, scoring):
        _say(f"the product runs, and tells in {options.log}")
        tenants, predictors, reference = fleet.set_up(people, scoring, options.tenants, _say)
        fleet.record(people, tenants, options.events, _say)
        fleet.fit(people, tenants, predictors[fleet.OLD], reference)
        _say("all tenants are served by transforms of their own")
        with Traffic(tenants, options.per_second) as traffic:
            time.sleep(5.0)
            swap = _swap(people, predictors, traffic)
            time.sleep(2.0 + len(tenants) / options.per_second)  # once around, by the new model
        served = Counter(traffic.predictors.values())
        _say(f"answers at the end by {dict(served)}")
        if swap.approved and served[predictors[fleet.NEW]] != swap.approved:
            raise GaveUp(f"{swap.approved} tenants were swapped, but the last answers came from {dict(served)}")
        return swap


def _swap(people: fleet.People, predictors: dict[str, str], traffic: Traffic) -> Swap:
    began = time.monotonic()
    replacement = people.analyst.replace_everywhere(
        "The new model for all", "it knows the new kind of fraud", predictors[fleet.OLD], predictors[fleet.NEW], SOURCE
    )
    done = people.analyst.wait_for_replacement(replacement)
    proposed = time.monotonic()
    _say(f"{done['total']} lines have ended in {proposed - began:.1f} s: {_summary_text(done['summary'])}")
    lines = people.approver.lines(replacement)
    _tell_of_failures(lines)
    passing = [line for line in lines if line["verdict"] == "pass" and line["state"] == "succeeded"]
    if not passing:
        raise GaveUp("no line passes, so nothing can be approved")
    looked = time.monotonic()
    answer = people.approver.approve_lines(replacement, passing, "seen")
    approved = time.monotonic()
    releases = {line["tenant"]: line["release"] for line in answer["lines"] if line["status"] == 200}
    people.admin.wait_until_served(releases, 600.0)
    live = time.monotonic()
    _say(f"approved {answer['approved']} in {approved - looked:.1f} s, served {live - approved:.1f} s later")
    refused = Counter(line["detail"] for line in answer["lines"] if line["status"] != 200)
    summary = Counter({name: count for name, count in done["summary"].items() if count})
    return Swap(
        proposing=proposed - began,
        approving=approved - looked,
        serving=live - approved,
        parts=_parts(people.analyst, passing),
        summary=summary,
        approved=answer["approved"],
        refused=refused,
        traffic=traffic,
    )


def _parts(console: Console, lines: list[Json]) -> dict[str, float]:
    taken: dict[str, list[float]] = {"line": [], "fit": [], "evidence": []}
    for line in lines:
        tenant = f"tenants/{line['tenant']}"
        taken["line"].append(_taken(line))
        taken["fit"] += [_taken(console.get(f"{tenant}/fits/{fit['id']}")) for fit in line["fits"]]
        taken["evidence"].append(_taken(console.get(f"{tenant}/changes/{line['change']}/evidence")))
    return {name: median(seconds) for name, seconds in taken.items()}


def _taken(work: Json) -> float:
    """Seconds from its beginning to its end."""
    began, ended = (datetime.fromisoformat(work[name]) for name in ("started_at", "finished_at"))
    return (ended - began).total_seconds()


def _tell_of_failures(lines: list[Json]) -> None:
    reasons = Counter(line["error"] or line["sentence"] for line in lines if line["verdict"] != "pass")
    for reason, count in reasons.most_common(5):
        _say(f"{count} × {reason}")


def _summary_text(summary: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in summary.items() if count)


def _as_text(options: argparse.Namespace, swap: Swap) -> str:
    kept = swap.machine < PROMISED_SECONDS and not swap.traffic.failed
    rows = [
        ("tenants", f"{options.tenants:,}"),
        ("processor cores", str(os.cpu_count())),
        ("recorded events of each", f"{options.events:,}"),
        ("replacement: fits, change requests, evidence", f"{swap.proposing:.1f} s"),
        ("approval of all that pass, published", f"{swap.approving:.1f} s"),
        ("until every scoring process serves them", f"{swap.serving:.1f} s"),
        ("**machine time in all**", f"**{swap.machine:.1f} s** (promised: under {PROMISED_SECONDS:.0f} s)"),
        ("of that, a line / its fit / its evidence, median", _seconds(swap.parts)),
        ("lines that ended as", _summary_text(dict(swap.summary))),
        ("approved and live", f"{swap.approved:,}"),
        ("live requests meanwhile", f"{len(swap.traffic.seconds):,} ({options.per_second:g} a second)"),
        ("of them failed", f"{len(swap.traffic.failed):,}"),
        ("a request takes, median / 99 % / longest", _latencies(swap.traffic)),
    ]
    table = "\n".join(["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows)])
    verdict = "kept" if kept else "NOT KEPT"
    introduction = _INTRODUCTION.format(
        tolerance=f"{100 * fleet.TOLERANCE:g} %", tenants=options.tenants, events=options.events
    )
    return (
        f"# A model swapped for {options.tenants} tenants\n\n{introduction}\n\n{table}\n\nThe promise is {verdict}.\n"
    )


def _seconds(parts: dict[str, float]) -> str:
    return " / ".join(f"{seconds:.2f}" for seconds in parts.values()) + " s"


def _latencies(traffic: Traffic) -> str:
    return " / ".join(f"{traffic.quantile(level):.1f}" for level in (0.5, 0.99, 1.0)) + " ms"


_BEGAN = time.monotonic()


def _say(text: str) -> None:
    print(f"{time.monotonic() - _BEGAN:7.1f} s  {text}", flush=True)


if __name__ == "__main__":
    main()
