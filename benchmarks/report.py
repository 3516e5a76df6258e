"""The benchmark's figures as text and as JSON: the weeks that a client lives through first, then what they cost."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.events import Events
from benchmarks.measures import ArmMeasures, AtEdge, Edge, nearer
from benchmarks.plan import Plan
from benchmarks.ranking import FALSE_POSITIVE_RATES

Measures = Mapping[str, ArmMeasures]
TITLES = {
    "old": "old model, fitted once",
    "swap": "new model, old mapping (thresholds as they were)",
    "once": "new model, fitted once",
    "weekly_7d": "new model, refitted weekly on 7 days",
    "weekly_14d": "new model, refitted weekly on 14 days",
    "weekly_28d": "new model, refitted weekly on 28 days",
    "daily_3d": "new model, refitted daily on 28 days, half-life 3 days",
    "daily_4d": "new model, refitted daily on 28 days, half-life 4 days",
    "self": "new model, left to itself: refreshed daily within bounds, half-life 4 days",
}
LIVE, ONCE = "weekly_14d", "once"
# A mapping that increases strictly leaves the order within it as it is.
_NO_DIFFERENCE = 1e-9


def as_text(measures: Measures, edges: Sequence[Edge]) -> str:
    """The tables, weeks first."""
    parts = [
        "Error of a week’s alert rate, % of the target, whichever way: median, 90th percentile, worst tenant-week",
        "[the median that sampling alone causes]",
        *_table(measures, edges, lambda _, at: f"{at.median:.1f}, {at.p90:.1f}, {at.worst:.0f} [{at.floor:.1f}]"),
        "",
        "Its median to what sampling alone causes; 1 is the best that any mapping can do",
        *_table(measures, edges, lambda _, at: f"{at.to_floor:.2f}"),
        "",
        "Error of all weeks together, % of the target, worst tenant; what refits err in one week cancels in the next",
        *_table(measures, edges, lambda _, at: "–" if at.worst_period is None else f"{at.worst_period:.1f}"),
        "",
        f"Tenant-weeks nearer to the target than with the {TITLES[ONCE]} (95 % interval of their share)",
        *_table(_refitted(measures), edges, lambda edge, at: str(nearer(at, measures[ONCE].edges[edge.name]))),
        "",
        "Ranking of all weeks’ events together by the score, as a client sees it: median tenant (worst change against",
        f"the {TITLES[ONCE]}, which is what refitting costs)",
        *_ranking(measures),
        "",
        _untouched(measures),
    ]
    return "\n".join(parts)


def told_of(data: Events, plan: Plan) -> str:
    """What was measured on."""
    first, last = (data.time_of(day)[:10] for day in (0, int(data.day[-1])))
    sizes = ", ".join(f"{slug} {count:,.0f}" for slug, count in _a_week(data, plan).items())
    return (
        f"{len(data.label):,} {data.about}, {first} to {last}; {data.split}.\n"
        f"Judged are {len(plan.weeks())} × {len(data.tenants)} tenant-weeks; events a week: {sizes}."
    )


def as_json(data: Events, plan: Plan, measures: Measures, forecast: Mapping[str, Any]) -> str:
    """Return the figures as JSON: errors and shares in % (AUC and recall as they are), and the forecasts by edge."""
    report = {
        "about": data.about,
        "simulated": data.simulated,
        "tenants": data.split,
        "events": len(data.label),
        "weeks": len(plan.weeks()),
        "events_a_week": _a_week(data, plan),
    }
    arms = {arm: _arm(each, measures[ONCE]) for arm, each in measures.items()}
    return json.dumps({"data": report, "arms": arms, "forecast": forecast}, indent=2) + "\n"


def _a_week(data: Events, plan: Plan) -> dict[str, float]:
    days = plan.end - plan.score
    return {slug: 7.0 * len(data.rows(place, plan.score, plan.end)) / days for place, slug in enumerate(data.tenants)}


def _arm(measures: ArmMeasures, once: ArmMeasures) -> dict[str, Any]:
    return {
        "week": {name: _week(at, once.edges[name]) for name, at in measures.edges.items()},
        "ranking": {tenant: each.as_json() for tenant, each in measures.ranking.items()},
        "auc_difference": measures.auc_difference,
    }


def _week(at: AtEdge, once: AtEdge) -> dict[str, Any]:
    return {**at.figures, "nearer_than_once": nearer(at, once).as_json()}


def _refitted(measures: Measures) -> Measures:
    return {arm: each for arm, each in measures.items() if arm.startswith(("weekly", "daily"))}


def _ranking(measures: Measures) -> Iterator[str]:
    rows = [["what is served", "AUC", *(f"recall at {rate:.1%} false positives" for rate in FALSE_POSITIVE_RATES)]]
    for arm, each in measures.items():
        found, once = (np.array([own.figures for own in arms.ranking.values()]) for arms in (each, measures[ONCE]))
        worst = np.min(found - once, axis=0)
        cells = [f"{a:.4f} ({b:+.4f})" for a, b in zip(np.median(found, axis=0), worst, strict=True)]
        rows.append([TITLES[arm], *cells])
    yield from _aligned(rows)


def _untouched(measures: Measures) -> str:
    difference = max(each.auc_difference for each in measures.values())
    kept = "as it must be" if difference <= _NO_DIFFERENCE else "WHICH MUST NOT BE"
    return f"Within one transform, AUC before and after it differs by {difference:.1e} at most, {kept}."


def _table(measures: Measures, edges: Sequence[Edge], cell: Callable[[Edge, AtEdge], str]) -> Iterator[str]:
    rows = [["what is served", *(f"{edge.rate:.1%}" for edge in edges)]]
    for arm, each in measures.items():
        rows.append([TITLES[arm], *(cell(edge, each.edges[edge.name]) for edge in edges)])
    yield from _aligned(rows)


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for first, *others in rows:
        cells = [text.rjust(width) for text, width in zip(others, widths[1:], strict=True)]
        yield "  ".join([first.ljust(widths[0]), *cells])
