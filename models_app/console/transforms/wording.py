"""Words for a transform's thresholds, the same for fits and for cold starts."""

from collections.abc import Mapping, Sequence
from typing import Any

from models_app.console.ui.panels import Cell, number, percent, several
from models_app.console.ui.tables import Column

NOTICED = 0.01  # of an alert rate: less is no news


def name_of(threshold: Mapping[str, Any]) -> str:
    """The names that clients gave it, else its score."""
    names = ", ".join(f"‘{name}’" for name in threshold.get("names", []))
    return names or f"score {threshold['score']:g}"


def rate(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.3g}\N{NO-BREAK SPACE}%"


def worth_in_words(events: int, effective: int) -> str:
    """What weighted events are worth; nothing where all count the same."""
    return "" if effective == events else f"worth {effective:,} after weighting"


def is_kept_off(threshold: Mapping[str, Any]) -> bool:
    """Whether ties keep the alert rate off its target by more than a hundredth of the target."""
    off = abs((threshold["achieved"] or 0.0) - threshold["target"])
    return threshold["reachable"] is False and bool(off > NOTICED * threshold["target"])


def kept_off(threshold: Mapping[str, Any]) -> Cell | None:
    """The rates next to the target that any map can reach; None where it is reached."""
    if not is_kept_off(threshold):
        return None
    nearest = f"{rate(threshold['nearest_below'])} or {rate(threshold['nearest_above'])}"
    return several(Cell("not reachable", kind="badge", tone="bad"), Cell(f"only {nearest}"))


DECLARED: Sequence[Column[Mapping[str, Any]]] = (
    Column("threshold", "Threshold", lambda each: Cell(name_of(each))),
    Column("score", "Score", lambda each: number(each["score"], 4)),
    Column("target", "Target", lambda each: percent(each["target"])),
)
