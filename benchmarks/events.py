"""The events that the stability benchmark sends, as arrays and as a client sends them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

DAY = 86_400_000_000  # microseconds


class NotThatFile(ValueError):
    """The file lacks what the benchmark needs."""


@dataclass(frozen=True)
class Events:
    """n events by time.

    `about` says what they are, `split` how tenants differ; `simulated` is None where nobody has told. `occurred_at` in
    microseconds since 1970 (UTC); `day` counts from the first day; `tenant` indexes `tenants`, which are slugs, and is
    -1 for events of others, which models are trained on too. `x` holds the features, (n, F), in the order of `schema`:
    a category as its place in the list, NaN for null.
    """

    about: str
    split: str
    simulated: bool | None
    tenants: list[str]
    schema: list[dict[str, Any]]
    occurred_at: NDArray[np.int64]
    tenant: NDArray[np.int64]
    x: NDArray[np.float64]
    label: NDArray[np.bool_]

    @property
    def ids(self) -> NDArray[np.int64]:
        return np.arange(len(self.label))

    @property
    def day(self) -> NDArray[np.int64]:
        return self.occurred_at // DAY - self.occurred_at[0] // DAY

    @property
    def names(self) -> list[str]:
        return [feature["name"] for feature in self.schema]

    def time_of(self, day: int) -> str:
        """Midnight at the beginning of a day, RFC 3339."""
        return (datetime.fromtimestamp(int(self.occurred_at[0] // DAY) * 86_400, UTC) + timedelta(days=day)).isoformat()

    def rows(self, tenant: int, first: int, end: int) -> NDArray[np.int64]:
        """Return the rows of a tenant's events from day `first` to before day `end`."""
        begin, stop = np.searchsorted(self.occurred_at // DAY, self.occurred_at[0] // DAY + np.array([first, end]))
        return begin + np.flatnonzero(self.tenant[begin:stop] == tenant)

    def sent(self, rows: NDArray[np.int64]) -> list[dict[str, Any]]:
        """These events as a client sends them; the event id is the row."""
        columns = [_as_sent(feature, self.x[rows, place]) for place, feature in enumerate(self.schema)]
        stamps = self.occurred_at[rows].astype("datetime64[us]").astype(str)
        names = self.names
        return [
            {"event_id": str(number), "occurred_at": f"{stamp}Z", "features": dict(zip(names, values, strict=True))}
            for number, stamp, values in zip(rows.tolist(), stamps, zip(*columns, strict=True), strict=True)
        ]

    def of_tenants(self, kept: Sequence[int]) -> Self:
        """The same events, of which only those of these tenants are still sent."""
        place = np.full(len(self.tenants) + 1, -1)
        place[list(kept)] = np.arange(len(kept))
        return replace(self, tenants=[self.tenants[each] for each in kept], tenant=place[self.tenant])


def _as_sent(feature: dict[str, Any], values: NDArray[np.float64]) -> list[Any]:
    if feature["type"] == "category":
        sent: list[Any] = [None if place != place else feature["categories"][int(place)] for place in values.tolist()]
        return sent
    kind = {"integer": int, "boolean": bool, "number": float}[feature["type"]]
    return [None if value != value else kind(value) for value in values.tolist()]
