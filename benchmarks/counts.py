"""Tenant-weeks that are counted, with the interval of their share."""

from dataclasses import dataclass
from typing import Any

from models_app.statistics.alert_rates import wilson_interval


@dataclass(frozen=True)
class Count:
    """`count` of `of` tenant-weeks, as if each were independent of the others."""

    count: int
    of: int

    @property
    def share(self) -> float:
        """Return the share in %; NaN of no cases."""
        return 100.0 * self.count / self.of if self.of else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share, in %."""
        low, high = wilson_interval(self.count, self.of) if self.of else (0.0, 1.0)
        return 100.0 * low, 100.0 * high

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.count} of {self.of} ({low:.0f} to {high:.0f} %)"

    def as_json(self) -> dict[str, Any]:
        low, high = self.interval
        return {"count": self.count, "of": self.of, "low": low, "high": high}
