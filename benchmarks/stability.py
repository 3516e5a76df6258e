"""The claim, measured: the model is swapped, the alert rates stay.

    python benchmarks/stability.py --data card_transactions.parquet [--json OUT] [--page report/stability.html]

On card transactions of half a year, split over three tenants. The first two months train an old and a new model, the
third fits, the others are scored week by week, all through a running product: models uploaded, events scored in
batches over REST with their own time, fits in the background, releases published by approved change requests, whose
evidence forecasts the next week's alert rates: that, too, is held against what came.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import forecasts, models, page, report, transactions
from benchmarks.measures import Edge, measure
from benchmarks.product import POINTS, set_up, temporary_product
from benchmarks.protocol import LIVE, Course
from benchmarks.steps import Steps
from muse_site.driving.client import ApiError, GaveUp

EDGES = [Edge(score, rate) for score, rate in POINTS]


@dataclass(frozen=True)
class Found:
    """All that a run has measured: alert rates by arm, and each week's forecast beside what came."""

    measures: report.Measures
    cells: list[forecasts.Cell]


def main() -> None:
    options = _options()
    try:
        found = _measure(options.data)
    except (transactions.NotThatFile, ApiError, GaveUp, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
    text = f"{report.as_text(found.measures, EDGES)}\n\n{forecasts.as_text(found.cells, EDGES)}"
    print(f"\n{text}\n")
    page.write(options.page, found.measures, found.cells, EDGES, text)
    _say(f"wrote {options.page}")
    if options.json:
        options.json.write_text(report.as_json(found.measures, forecasts.as_json(found.cells)))
        _say(f"wrote {options.json}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="FILE", help="the card transactions, as Parquet")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures there, too")
    parser.add_argument("--page", type=Path, default=Path("report/stability.html"), help="where the page goes")
    return parser.parse_args()


def _measure(file: Path) -> Found:
    data = transactions.read(file)
    _say(f"read {len(data.ids):,} transactions")
    trained = [models.train_old(data), models.train_new(data)]
    for model in trained:
        _say(f"trained the {model.name} model: {model.remark}")
    with temporary_product() as doors:
        _say("the product runs")
        course = Course(Steps(set_up(doors, data, trained), data), _say)
        _say("models and tenants are set up")
        arms = course.run()
    measures = {arm: measure(weeks, EDGES) for arm, weeks in arms.items()}
    return Found(measures, forecasts.cells(course.forecasts, arms[LIVE], EDGES))


_BEGAN = time.monotonic()


def _say(text: str) -> None:
    print(f"{time.monotonic() - _BEGAN:6.1f} s  {text}", flush=True)


if __name__ == "__main__":
    main()
