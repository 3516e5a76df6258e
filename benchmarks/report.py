"""The benchmark's figures as text and as JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.measures import ArmMeasures, Edge

Measures = Mapping[str, ArmMeasures]
TITLES = {
    "old": "old model, fitted once",
    "swap": "new model, old mapping (plain swap)",
    "once": "new model, fitted once",
    "weekly_7d": "new model, refitted weekly on 7 days",
    "weekly_14d": "new model, refitted weekly on 14 days",
    "weekly_28d": "new model, refitted weekly on 28 days",
}
# What the product promises of a weekly refit on 14 days, down to an alert rate of 0.5 %.
PROMISED_ARM, PROMISED_DOWN_TO = "weekly_14d", 0.005
MEDIAN_TENANT, WORST_TENANT, ERROR_TO_FLOOR, AUC_DIFFERENCE = 2.5, 6.0, 1.5, 1e-9


def as_text(measures: Measures, edges: Sequence[Edge]) -> str:
    """Two tables, and whether the promise is kept."""
    parts = [
        "Error of the alert rate over the whole period, % of it: median tenant (worst tenant)",
        *_table(measures, edges, lambda at: f"{at.period_median:.1f} ({at.period_worst:.1f})"),
        "",
        "Error of the alert rate week by week, % of it: median, 90th percentile [floor that sampling sets]",
        *_table(measures, edges, lambda at: f"{at.week_median:.1f}, {at.week_p90:.1f} [{at.floor:.1f}]"),
        "",
        *(f"{arm}: weekly error to floor, median over edges {each.error_to_floor():.2f}; "
          f"AUC before and after mapping differs by {each.auc_difference:.1e} at most"
          for arm, each in measures.items()),
        "",
        *promises(measures, edges),
    ]  # fmt: skip
    return "\n".join(parts)


def promises(measures: Measures, edges: Sequence[Edge]) -> Iterator[str]:
    """One line for each part of the promise: kept or not, expected, found."""
    arm = measures[PROMISED_ARM]
    judged = [arm.edges[edge.name] for edge in edges if edge.rate >= PROMISED_DOWN_TO]
    found = (
        ("period error, median tenant, %", max(at.period_median for at in judged), MEDIAN_TENANT),
        ("period error, worst tenant, %", max(at.period_worst for at in judged), WORST_TENANT),
        ("weekly error to floor, median over edges", arm.error_to_floor(), ERROR_TO_FLOOR),
        ("AUC difference", max(each.auc_difference for each in measures.values()), AUC_DIFFERENCE),
    )
    for name, value, limit in found:
        yield f"{'kept    ' if value <= limit else 'NOT KEPT'} {name}: {value:.3g}, promised at most {limit:g}"


def as_json(measures: Measures, forecast: dict[str, Any]) -> str:
    """The same figures, in % (AUC differences as they are), and those of the forecasts."""
    arms = {arm: _arm(each) for arm, each in measures.items()}
    return json.dumps({"arms": arms, "forecast": forecast}, indent=2) + "\n"


def _arm(measures: ArmMeasures) -> dict[str, Any]:
    return {
        "period": {name: {"median": at.period_median, "worst": at.period_worst} for name, at in measures.edges.items()},
        "week": {name: {"median": at.week_median, "floor": at.floor} for name, at in measures.edges.items()},
        "auc_difference": measures.auc_difference,
    }


def _table(measures: Measures, edges: Sequence[Edge], cell: Any) -> Iterator[str]:
    rows = [["what is served", *(f"{edge.rate:.1%}" for edge in edges)]]
    for arm, each in measures.items():
        rows.append([TITLES[arm], *(cell(each.edges[edge.name]) for edge in edges)])
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for first, *others in rows:
        cells = [text.rjust(width) for text, width in zip(others, widths[1:], strict=True)]
        yield "  ".join([first.ljust(widths[0]), *cells])
