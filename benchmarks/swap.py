"""What a swap does to clients: how soon every worker serves the new release, and what the slowest requests take.

    python benchmarks/swap.py [--swaps 10] [--json OUT]

Runs the whole product with one tenant. While eight clients score without pause, a model that was never served before is
published, then rolled back, and so on with the next. Times are compared within the run: the requests of the ten seconds
around each swap against those of the ten seconds before.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import lightgbm as lgb
import msgspec
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import fleet
from benchmarks.clients import Answers, answers, clients
from muse_site.demo.profiles import INTENT
from muse_site.demo.training import RECIPES, train
from muse_site.driving.client import Console

CLIENTS = 8
AROUND = 5.0  # seconds on either side of a swap; as many before it, and twice, are steady
ACTS = ("publish", "roll back")


@dataclass(frozen=True)
class Swap:
    """`late`: seconds from the commit to the last answer of an earlier release; p99 in milliseconds."""

    act: str
    release: int
    late: float
    steady: float
    around: float

    @property
    def ratio(self) -> float:
        return self.around / self.steady


@dataclass(frozen=True)
class Done:
    """A release, why it is there, and the time of its commit in seconds since the epoch."""

    act: str
    release: int
    at: float


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="muse-swap-") as folder:
        file = Path(folder) / "answers.npy"
        done = _run(Path(folder), file, options.swaps)
        found = answers(file)
    swaps = [_swap(found, each) for each in done]
    failed = int(np.sum(found["release"] == 0))
    _tell(swaps, len(found), failed)
    if options.json:
        options.json.write_text(json.dumps(_figures(swaps, len(found), failed), indent=2))


def _run(folder: Path, file: Path, swaps: int) -> list[Done]:
    """Publish and roll back in turn, while clients score."""
    with fleet.product(folder / "product.log") as (people, scoring):
        (tenant,), _, reference = fleet.set_up(people, scoring, 1, print)
        targets = [
            (key, fleet.default_transform(people.admin, tenant, key, reference))
            for key in _new_predictors(people.admin, swaps)
        ]
        event = next(iter(tenant.simulator.day(0).events()))
        body = msgspec.json.encode({"intent": INTENT, **{each: event[each] for each in ("features", "context")}})
        done = []
        with clients(scoring, tenant.key, body, CLIENTS, file):
            time.sleep(AROUND)
            for predictor, transform in targets:
                time.sleep(3 * AROUND)
                done.append(_done(people.admin, tenant, fleet.publish(people.admin, tenant, predictor, transform)))
                time.sleep(3 * AROUND)
                done.append(_done(people.admin, tenant, _roll_back(people.admin, tenant)))
            time.sleep(AROUND)
    return done


def _new_predictors(console: Console, count: int) -> list[str]:
    """Each of a model of its own, one tree shorter than the one before; no scoring process has met them yet."""
    trained = train(RECIPES[-1], datetime.now(UTC).date())
    booster = lgb.Booster(model_str=trained.text)
    keys = []
    for number in range(1, count + 1):
        recipe = replace(trained.recipe, name=f"cards-{number}")
        text = booster.model_to_string(num_iteration=booster.num_trees() - number)
        keys.append(fleet.register(console, replace(trained, recipe=recipe, text=text)))
    print(f"registered {', '.join(keys)}")
    return keys


def _roll_back(console: Console, tenant: fleet.Tenant) -> int:
    body = {"number": 1, "reason": "for the benchmark", "break_glass": True}
    return int(console.post(f"tenants/{tenant.slug}/releases/rollback", body)["number"])


def _done(console: Console, tenant: fleet.Tenant, number: int) -> Done:
    row = console.get(f"tenants/{tenant.slug}/releases/{number}")
    act = ACTS[row["republishes"] is not None]
    print(f"release {number}: {act}")
    return Done(act, number, datetime.fromisoformat(row["published_at"]).timestamp())


def _swap(found: Answers, done: Done) -> Swap:
    earlier = found[(found["release"] < done.release) & (found["release"] > 0)]
    return Swap(
        done.act,
        done.release,
        late=max(0.0, float(earlier["began"][-1]) - done.at),
        steady=_p99(found, done.at - 3 * AROUND, done.at - AROUND),
        around=_p99(found, done.at - AROUND, done.at + AROUND),
    )


def _p99(found: Answers, start: float, end: float) -> float:
    within = found[(found["began"] >= start) & (found["began"] < end)]
    return 1000 * float(np.quantile(within["took"], 0.99))


def _summary(swaps: Sequence[Swap], act: str) -> dict[str, float]:
    """Medians and worsts over the swaps of one kind."""
    of_kind = [each for each in swaps if each.act == act]
    late, ratio = (np.array([getattr(each, name) for each in of_kind]) for name in ("late", "ratio"))
    return {
        "late_median": float(np.median(late)),
        "late_worst": float(late.max()),
        "ratio_median": float(np.median(ratio)),
        "ratio_worst": float(ratio.max()),
    }


def _figures(swaps: Sequence[Swap], requests: int, failed: int) -> dict[str, object]:
    rows = [asdict(each) | {"ratio": each.ratio} for each in swaps]
    return {"swaps": rows, **{act: _summary(swaps, act) for act in ACTS}, "requests": requests, "failed": failed}


def _tell(swaps: Sequence[Swap], requests: int, failed: int) -> None:
    print(f"\n{'release':>8}  {'act':<9} {'all workers after':>18} {'p99 steady':>11} {'p99 around':>11} {'ratio':>6}")
    for each in swaps:
        times = f"{each.late:>16.2f} s {each.steady:>8.2f} ms {each.around:>8.2f} ms {each.ratio:>6.2f}"
        print(f"{each.release:>8}  {each.act:<9} {times}")
    for act in ACTS:
        at = _summary(swaps, act)
        print(f"\n{act}, median of {len(swaps) // 2} (worst):")
        print(f"  all workers after {at['late_median']:.2f} s ({at['late_worst']:.2f}), promised 1")
        print(f"  p99 around a swap to steady {at['ratio_median']:.2f} ({at['ratio_worst']:.2f}), promised 2")
    print(f"\n{failed} of {requests:,} requests failed")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--swaps", type=int, default=10, help="how many models are published, and rolled back")
    parser.add_argument("--json", type=Path, help="write the figures there")
    return parser.parse_args()


if __name__ == "__main__":
    main()
