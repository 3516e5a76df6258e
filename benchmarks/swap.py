"""What a swap does to clients: how soon every worker serves the new release, and what the slowest requests take.

    python benchmarks/swap.py [--swaps 10] [--json OUT]

Runs the whole product with one tenant, whose live model is replaced by another and back, while eight clients score
without pause. Times are compared within the run: the requests of the ten seconds around each swap against those of the
ten seconds before.
"""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import fleet
from benchmarks.clients import Answers, answers, clients
from muse_site.demo.profiles import INTENT

CLIENTS = 8
AROUND = 5.0  # seconds on either side of a swap; as many before it, and twice, are steady


@dataclass(frozen=True)
class Swap:
    """`late`: seconds from the commit to the last answer of an earlier release; p99 in milliseconds."""

    release: int
    late: float
    steady: float
    around: float

    @property
    def ratio(self) -> float:
        return self.around / self.steady


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="muse-swap-") as folder:
        file = Path(folder) / "answers.npy"
        published = _run(Path(folder), file, options.swaps)
        found = answers(file)
    swaps = [_swap(found, release, at) for release, at in published]
    failed = int(np.sum(found["release"] == 0))
    _tell(swaps, len(found), failed)
    if options.json:
        figures = {"swaps": [asdict(each) | {"ratio": each.ratio} for each in swaps], "failed": failed}
        options.json.write_text(json.dumps(figures, indent=2))


def _run(folder: Path, file: Path, swaps: int) -> list[tuple[int, float]]:
    """The releases published while clients scored, each with the time of its commit."""
    with fleet.product(folder / "product.log") as (people, scoring):
        (tenant,), predictors, reference = fleet.set_up(people, scoring, 1, print)
        transforms = {key: fleet.default_transform(people.admin, tenant, key, reference) for key in predictors.values()}
        event = next(iter(tenant.simulator.day(0).events()))
        body = msgspec.json.encode({"intent": INTENT, **{each: event[each] for each in ("features", "context")}})
        published = []
        with clients(scoring, tenant.key, body, CLIENTS, file):
            time.sleep(AROUND)
            for number in range(swaps):
                time.sleep(3 * AROUND)
                key = list(transforms)[(number + 1) % 2]
                release = fleet.publish(people.admin, tenant, key, transforms[key])
                row = people.admin.get(f"tenants/{tenant.slug}/releases/{release}")
                published.append((release, datetime.fromisoformat(row["published_at"]).timestamp()))
                print(f"release {release} serves {key}")
            time.sleep(AROUND)
    return published


def _swap(found: Answers, release: int, at: float) -> Swap:
    earlier = found[(found["release"] < release) & (found["release"] > 0)]
    return Swap(
        release,
        late=max(0.0, float(earlier["began"][-1]) - at),
        steady=_p99(found, at - 3 * AROUND, at - AROUND),
        around=_p99(found, at - AROUND, at + AROUND),
    )


def _p99(found: Answers, start: float, end: float) -> float:
    within = found[(found["began"] >= start) & (found["began"] < end)]
    return 1000 * float(np.quantile(within["took"], 0.99))


def _tell(swaps: list[Swap], count: int, failed: int) -> None:
    print(f"\n{'release':>8} {'all workers after':>18} {'p99 steady':>11} {'p99 around':>11} {'ratio':>6}")
    for each in swaps:
        print(
            f"{each.release:>8} {each.late:>16.2f} s {each.steady:>8.2f} ms {each.around:>8.2f} ms {each.ratio:>6.2f}"
        )
    late, ratio = (np.array([getattr(each, name) for each in swaps]) for name in ("late", "ratio"))
    print(f"\nmedian of {len(swaps)}: {np.median(late):.2f} s (promised 1), worst {late.max():.2f} s")
    print(f"p99 around a swap to steady: median {np.median(ratio):.2f} (promised 2), worst {ratio.max():.2f}")
    print(f"{failed} of {count:,} requests failed")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--swaps", type=int, default=10)
    parser.add_argument("--json", type=Path, help="write the figures there")
    return parser.parse_args()


if __name__ == "__main__":
    main()
