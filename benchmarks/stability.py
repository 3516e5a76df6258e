"""The claim, measured: the model is swapped, the alert rates stay.

    python benchmarks/stability.py --data card_transactions.parquet [--json OUT] [--page report/stability.html]
    python benchmarks/stability.py --data FILE --time COLUMN --tenant COLUMN --label COLUMN

On simulated card transactions of half a year, split over three tenants that differ by hour and amount, or on any file
whose columns for time, tenant and label are named. A third of the days trains an old and a new model, a month fits, the
others are scored week by week, all through a running product: models uploaded, events scored in batches over REST with
their own time, fits in the background, releases published by approved change requests, whose evidence forecasts the
next week's alert rates: that, too, is held against what came.

Two more arms are refitted every day on 28 days, with half-lives of three and four days: by the product's fits, whose
mappings take what was recorded to scores here, for nobody approves a release a day in it. What sampling alone causes
goes by the effective number of their events.

The last arm, `self`, is a product of its own that nobody acts in any more, once two people have approved bounds for its
refreshes: every hour of the file's, monitors, refreshes and their workers do what they do (benchmarks/by_itself.py).
`--only self` measures that one alone.

What counts is a week of a tenant, which is what a client lives through. The error over all weeks together is told
beside it for the worst tenant only: each refit answers the error of the week before, so that over a period errors
cancel whatever the weeks were.
"""

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import by_itself, forecasts, models, options, page, report
from benchmarks.events import Events, NotThatFile
from benchmarks.measures import ArmMeasures, Edge, measure
from benchmarks.plan import Plan, rates_told
from benchmarks.product import POINTS, set_up, temporary_product
from benchmarks.protocol import Course
from benchmarks.steps import Steps
from muse_site.driving.client import ApiError, GaveUp

EDGES = [Edge(score, rate) for score, rate in POINTS]


@dataclass(frozen=True)
class Found:
    """All that a run has measured: alert rates by arm, and each week's forecast beside what came."""

    measures: dict[str, ArmMeasures]
    cells: list[forecasts.Cell]


def main() -> None:
    arguments = options.parsed(__doc__)
    try:
        data, plan, without = options.read(arguments)
        result = report.told_of(data, plan)
        _say(result)
        for each in without:
            _say(f"not a feature: {each}")
        edges = _edges(data, plan)
        alone = by_itself.run(data, plan, models.train_new(data, plan), edges, _say)
        print(f"\n{alone.table(edges)}\n")
        if arguments.only == by_itself.ARM:
            if arguments.json:
                arguments.json.write_text(json.dumps(alone.as_json(edges), indent=2) + "\n")
            return
        found = _measure(data, plan, edges)
        found.measures[by_itself.ARM] = measure(alone.weeks, edges)
    except (NotThatFile, ApiError, GaveUp, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
    tables = (report.as_text(found.measures, edges), forecasts.as_text(found.cells, edges))
    text = "\n\n".join((result, *tables))
    print(f"\n{text}\n")
    page.write(arguments.page, result, found.measures, found.cells, edges, text)
    _say(f"wrote {arguments.page}")
    if arguments.json:
        arguments.json.write_text(report.as_json(data, plan, found.measures, forecasts.as_json(found.cells, edges)))
        _say(f"wrote {arguments.json}")


def _edges(data: Events, plan: Plan) -> list[Edge]:
    """Return the edges with enough alerts to be fitted; print which are left out."""
    rates = rates_told(data, plan, [edge.rate for edge in EDGES])
    for edge in EDGES:
        if edge.rate not in rates:
            _say(f"alert rate {edge.rate:.1%} is left out: a tenant has too few events in a week to fit it")
    return [edge for edge in EDGES if edge.rate in rates]


def _measure(data: Events, plan: Plan, edges: list[Edge]) -> Found:
    trained = [models.train_old(data, plan), models.train_new(data, plan)]
    for model in trained:
        _say(f"trained the {model.name} model: {model.remark}")
    with temporary_product() as doors:
        _say("the product runs")
        course = Course(Steps(set_up(doors, data, trained, edges), data), plan, _say)
        _say("models and tenants are set up")
        arms = course.run()
        arms |= course.daily()
    measures = {arm: measure(weeks, edges) for arm, weeks in arms.items()}
    return Found(measures, forecasts.cells(course.forecasts, arms[report.LIVE], edges))


_BEGAN = time.monotonic()


def _say(text: str) -> None:
    print(f"{time.monotonic() - _BEGAN:6.1f} s  {text}", flush=True)


if __name__ == "__main__":
    main()
