"""The claim, measured: the model is swapped, the alert rates stay.

    python benchmarks/stability.py --data card_transactions.parquet [--json OUT] [--page report/stability.html]

On card transactions of half a year, split over three tenants. The first two months train an old and a new model, the
third fits, the others are scored week by week, all through a running product: models uploaded, events scored in
batches over REST with their own time, fits in the background, releases published over the API.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import models, page, report, transactions
from benchmarks.measures import Edge, measure
from benchmarks.product import POINTS, set_up, temporary_product
from benchmarks.protocol import Course
from benchmarks.steps import Steps
from muse_site.client import ApiError, GaveUp

EDGES = [Edge(score, rate) for score, rate in POINTS]


def main() -> None:
    options = _options()
    try:
        measures = _measure(options.data)
    except (transactions.NotThatFile, ApiError, GaveUp, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
    print(f"\n{report.as_text(measures, EDGES)}\n")
    page.write(options.page, measures, EDGES)
    _say(f"wrote {options.page}")
    if options.json:
        options.json.write_text(report.as_json(measures))
        _say(f"wrote {options.json}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="FILE", help="the card transactions, as Parquet")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures there, too")
    parser.add_argument("--page", type=Path, default=Path("report/stability.html"), help="where the page goes")
    return parser.parse_args()


def _measure(file: Path) -> report.Measures:
    data = transactions.read(file)
    _say(f"read {len(data.ids):,} transactions")
    trained = [models.train_old(data), models.train_new(data)]
    for model in trained:
        _say(f"trained the {model.name} model: {model.remark}")
    with temporary_product() as (console, scoring, lake):
        _say("the product runs")
        steps = Steps(set_up(console, scoring, lake, data, trained), data)
        _say("models and tenants are set up")
        arms = Course(steps, _say).run()
    return {arm: measure(weeks, EDGES) for arm, weeks in arms.items()}


_BEGAN = time.monotonic()


def _say(text: str) -> None:
    print(f"{time.monotonic() - _BEGAN:6.1f} s  {text}", flush=True)


if __name__ == "__main__":
    main()
