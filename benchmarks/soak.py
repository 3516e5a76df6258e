"""Whether the product leaks: mixed work for a time, and the growth of what its processes hold.

    python benchmarks/soak.py [--minutes 30] [--every 5] [--json OUT] [--report docs/reliability.md]

Runs the whole product on loopback, with single events, batches, labels, fits, publications by two people, roll backs
and lookings at the console, all at once. Every few seconds it looks at each process's memory and open files, at
connections to Postgres, rows of tables, segments and files of the lake. After a warm-up, growth an hour is the
Theil–Sen slope, over all samples and over the second half of them. Ends with 1 where something grows that must not,
where a request failed, a process was started again, or an event that was answered is not kept.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import fleet
from benchmarks.soak_growth import LEAST_SAMPLES, Bound, Growth, of_all
from benchmarks.soak_samples import Looking, Sample
from benchmarks.soak_work import SWAPS_EVERY, Work, kept
from muse_site.driving.client import ApiError, GaveUp

TENANTS = 3
# Files of a table are merged each hour, and until then each commit is one more to read. By the product's own setting
# it is one a minute.
ENV = {"MUSE_FLUSH_SECONDS": "30"}
SEED_EVENTS = 20_000  # of each tenant, before anything is measured: fits and evidence need some
# At this load 32 MiB an hour are 500 bytes for each single event that a scoring process answers. What is less than
# `at_least` in all may be a cache that is still filling.
BOUNDS = {
    "memory": Bound(32.0, 12.0),
    "files": Bound(12.0, 6.0),
    "connections": Bound(6.0, 4.0),
    "segments": Bound(30.0, 10.0),
}
NOT_JUDGED = {("files", "postgres")}  # each of its processes keeps up to a thousand of the tables' files open
_BEGIN, _END = "<!-- soak: begin -->", "<!-- soak: end -->"


@dataclass(frozen=True)
class Found:
    """What a soak has found. `hours`: how long was looked at, after the warm-up. `growths` by kind, then by name.

    `restarted`: processes that were not the same at the end. `answered`, `kept`: events.
    """

    minutes: float
    hours: float
    growths: dict[str, dict[str, Growth]]
    done: dict[str, int]
    failed: list[str]
    restarted: list[str]
    answered: int
    kept: int
    memory: list[dict[str, float]]  # of all samples

    def broken(self) -> list[str]:
        """In words, what must not be."""
        found = [
            f"{kind} of {name} grow by {growth.per_hour:.1f} an hour (surely by {growth.low:.1f}, and at last by "
            f"{growth.late:.1f}; the bound is {bound.per_hour:g})"
            for kind, bound in BOUNDS.items()
            for name, growth in self.growths[kind].items()
            if growth.exceeds(bound) and (kind, name) not in NOT_JUDGED
        ]
        found += [f"{name} was started again" for name in self.restarted]
        if self.failed:
            found.append(f"{len(self.failed)} acts failed; the first: {self.failed[0]}")
        if self.kept != self.answered:
            found.append(f"{self.answered:,} events were answered, and {self.kept:,} are kept")
        return found


def main() -> None:
    options = _options()
    try:
        found = soak(options.minutes, options.every, options.log)
    except (ApiError, GaveUp, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
    text = as_text(found)
    print(f"\n{text}")
    if options.json:
        options.json.write_text(json.dumps(asdict(found), indent=2))
    if options.report:
        _write(options.report, text)
    sys.exit(1 if found.broken() else 0)


def soak(
    minutes: float,
    every: float,
    log: Path,
    *,
    tenants: int = TENANTS,
    swaps_every: float = SWAPS_EVERY,
    seed: int = SEED_EVENTS,
) -> Found:
    """Have the product work for so long, and look at it every so many seconds; a quarter of the time is warm-up."""
    with (
        tempfile.TemporaryDirectory(prefix="muse-soak-") as folder,
        fleet.product_in(Path(folder), log, ENV) as product,
    ):
        people, scoring = product
        served, predictors, reference = fleet.set_up(people, scoring, tenants, _say)
        fleet.record(people, served, seed, _say)
        work = Work(people, served, scoring, list(predictors.values()), reference, swaps_every)
        work.begin()
        _say("the soak begins")
        with work.going_on():
            samples = _samples(Path(folder), minutes, every, work)
        total = kept(people, served, Path(folder) / "lake")
    answered = tenants * seed + work.done["single events"] + work.done["events in batches"]
    return _found(minutes, samples, work.done, work.failed, answered, total)


def _samples(data: Path, minutes: float, every: float, work: Work) -> list[tuple[float, Sample]]:
    """Each with its time in hours."""
    looking, found, began = Looking(data), list[tuple[float, Sample]](), time.monotonic()
    try:
        while (now := time.monotonic() - began) < 60 * minutes:
            found.append((now / 3600, looking.sample()))
            if len(found) % max(1, int(60 / every)) == 0:
                memory = sum(found[-1][1].memory.values())
                _say(f"{memory:,.0f} MiB; {dict(work.done)}; {len(work.failed)} failed")
            time.sleep(max(0.0, began + len(found) * every - time.monotonic()))
    finally:
        looking.close()
    return found


def _found(
    minutes: float,
    samples: Sequence[tuple[float, Sample]],
    done: Counter[str],
    failed: list[str],
    answered: int,
    total: int,
) -> Found:
    warm = [each for each in samples if each[0] >= minutes / 60 / 4] or list(samples)
    if len(warm) < LEAST_SAMPLES:
        raise GaveUp(f"{len(warm)} samples after the warm-up tell nothing; look more often, or longer")
    hours, seen = [at for at, _ in warm], [sample for _, sample in warm]
    growths = {
        "memory": of_all([each.memory for each in seen], hours),
        "files": of_all([each.files for each in seen], hours),
        "connections": of_all([{"Postgres": each.connections} for each in seen], hours),
        "segments": of_all([{"the disk": each.segments} for each in seen], hours),
        "segments, MiB": of_all([{"the disk": each.segments_mib} for each in seen], hours),
        "lake files": of_all([{"the lake": each.lake_files} for each in seen], hours),
        "rows": of_all([each.rows for each in seen], hours),
    }
    first, last = samples[0][1].leaders, samples[-1][1].leaders
    restarted = sorted(name for name in first if last.get(name) != first[name])
    return Found(
        minutes,
        hours[-1] - hours[0],
        growths,
        dict(done),
        failed,
        restarted,
        answered,
        total,
        [each.memory for _, each in samples],
    )


def as_text(found: Found) -> str:
    """The table, as Markdown, and what it comes to."""
    broken = found.broken()
    work = ", ".join(f"{number:,} {name}" for name, number in sorted(found.done.items()))
    verdict = "Nothing grows beyond its bound." if not broken else "Not as it must be: " + "; ".join(broken) + "."
    kept = f"Of {found.answered:,} events that were answered, {found.kept:,} are kept."
    looked = f"{found.minutes:g} minutes, of which the last {60 * found.hours:.1f} are looked at"
    return "\n".join(
        [
            f"{looked}: {work}; {len(found.failed)} failed. {kept}",
            "",
            "| what | of | at first | at last | growth an hour | 95 % | in the second half | bound an hour |",
            "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
            *(_line(kind, name, growth) for kind, name, growth in _told(found)),
            "",
            verdict,
            "",
        ]
    )


def _told(found: Found) -> list[tuple[str, str, Growth]]:
    """All but the tables of the database that stay nearly as they are."""
    return [
        (kind, name, growth)
        for kind, by_name in found.growths.items()
        for name, growth in sorted(by_name.items(), key=lambda each: -each[1].per_hour if kind == "rows" else 0.0)
        if kind != "rows" or growth.last - growth.first >= 10
    ]


def _line(kind: str, name: str, growth: Growth) -> str:
    unit = ", MiB" if kind == "memory" else ""
    bound = f"{BOUNDS[kind].per_hour:g}" if kind in BOUNDS and (kind, name) not in NOT_JUDGED else "–"
    figures = f"{growth.first:,.0f} | {growth.last:,.0f} | {growth.per_hour:+,.1f}"
    surely = f"{growth.low:+,.1f} to {growth.high:+,.1f}"
    return f"| {kind}{unit} | {name} | {figures} | {surely} | {growth.late:+,.1f} | {bound} |"


def _write(document: Path, text: str) -> None:
    """Put the table between its marks."""
    before, _, rest = document.read_text().partition(_BEGIN)
    _, _, after = rest.partition(_END)
    document.write_text(f"{before}{_BEGIN}\n\n{text}\n{_END}{after}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--every", type=float, default=5.0, metavar="SECONDS", help="between two looks")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures there")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the table between its marks there")
    parser.add_argument("--log", type=Path, default=Path(tempfile.gettempdir()) / "muse-soak.log")
    return parser.parse_args()


_BEGAN = time.monotonic()


def _say(text: str) -> None:
    print(f"{time.monotonic() - _BEGAN:7.1f} s  {text}", flush=True)


if __name__ == "__main__":
    main()
