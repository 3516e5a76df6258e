"""How soon `make demo` is ready on an empty data folder, beside an earlier checkout of this repository.

    python -m benchmarks.first_start --before FOLDER [--pairs 3] [--until ready] [--json OUT]

FOLDER is a clone at an earlier commit, in which `make install` was run; without it only this checkout is measured. Both
run in turn, as `make demo` runs them, from the command to the line that says `ready`. Seconds are of the clock;
processor time is the whole machine's, so that nothing else should run.
"""

import argparse
import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import psutil

from muse_site.driving.running import ROOT, environment_of_its_own


@dataclass(frozen=True)
class Start:
    """Seconds until the last line, the machine's processor seconds meanwhile, and how soon each line was said."""

    seconds: float
    processor: float
    lines: list[tuple[float, str]]


def measure(folder: Path, until: str) -> Start:
    """Run the demonstration of this checkout on an empty data folder until it says a line that ends with `until`.

    Raises RuntimeError, with what it said, where it ends before.
    """
    with tempfile.TemporaryDirectory(prefix="muse-start-") as data:
        began, spent = time.monotonic(), _processor_seconds()
        argv = [str(folder / ".venv" / "bin" / "python"), "manage.py", "demo"]
        process = subprocess.Popen(
            argv,
            cwd=folder,
            env=environment_of_its_own(Path(data)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            lines = _said(process, began, until)
            return Start(lines[-1][0], _processor_seconds() - spent, lines)
        finally:
            _stop(process)


def _said(process: "subprocess.Popen[str]", began: float, until: str) -> list[tuple[float, str]]:
    lines: list[tuple[float, str]] = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append((time.monotonic() - began, line.strip()))
        if line.strip().endswith(until):
            return lines
    raise RuntimeError("the demonstration ended before:\n" + "\n".join(text for _, text in lines))


def _processor_seconds() -> float:
    times = psutil.cpu_times()
    return times.user + times.nice + times.system


def _stop(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
    process.communicate()


def as_text(found: Mapping[str, Sequence[Start]]) -> str:
    """One line of each checkout's medians, and one of the ratio of the pairs where there are two."""
    rows = [
        f"{name}: {median(each.seconds for each in starts):.1f} s, "
        f"{median(each.processor for each in starts):.1f} s of processor time"
        for name, starts in found.items()
    ]
    if "before" in found:
        pairs = list(zip(found["now"], found["before"], strict=True))
        clock = sorted(now.seconds / before.seconds for now, before in pairs)
        processor = sorted(now.processor / before.processor for now, before in pairs)
        spread = f"{median(clock):.2f} ({clock[0]:.2f} to {clock[-1]:.2f})"
        rows.append(f"now to before: {spread} by the clock, {median(processor):.2f} by processor time; wanted 0.6")
    last = found["now"][-1].lines
    return "\n".join([*rows, "the last one of now:", *(f"{seconds:7.1f} {text}" for seconds, text in last)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, help="a clone at an earlier commit, installed")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--until", default="ready", help="how the last line ends")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    folders = {"now": ROOT, **({"before": options.before} if options.before else {})}
    found: dict[str, list[Start]] = {name: [] for name in folders}
    for _ in range(options.pairs):
        for name, folder in folders.items():
            found[name].append(measure(folder, options.until))
    print(as_text(found))
    if options.json:
        options.json.write_text(json.dumps({name: [asdict(each) for each in starts] for name, starts in found.items()}))


if __name__ == "__main__":
    main()
