"""The card transactions of the benchmark's file, split over tenants, as arrays and as events to send."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

TENANTS = ("alder", "birch", "cedar")
_NOT_FEATURES = {"TRANSACTION_ID", "TX_DATETIME", "CUSTOMER_ID", "TERMINAL_ID", "TX_FRAUD"}


class NotThatFile(ValueError):
    """The file lacks what the benchmark needs."""


@dataclass(frozen=True)
class Transactions:
    """n transactions by time.

    `occurred_at` in microseconds since 1970 (UTC); `day` counts from the first day; `tenant` indexes TENANTS; `x` holds
    the features, (n, F), in the order of `schema`.
    """

    start: datetime
    schema: list[dict[str, Any]]
    ids: NDArray[np.int64]
    occurred_at: NDArray[np.int64]
    day: NDArray[np.int64]
    tenant: NDArray[np.int64]
    x: NDArray[np.float64]
    fraud: NDArray[np.bool_]

    @property
    def names(self) -> list[str]:
        return [feature["name"] for feature in self.schema]

    def time_of(self, day: int) -> str:
        """Midnight at the beginning of a day, RFC 3339."""
        return (self.start + timedelta(days=day)).isoformat()

    def rows(self, tenant: int, first: int, end: int) -> NDArray[np.int64]:
        """Where the transactions of a tenant from day `first` to before day `end` are."""
        return np.flatnonzero((self.tenant == tenant) & (self.day >= first) & (self.day < end))

    def events(self, rows: NDArray[np.int64]) -> list[dict[str, Any]]:
        """These transactions as a client sends them; the event id is the transaction's."""
        columns = [_as_sent(feature, self.x[rows, place]) for place, feature in enumerate(self.schema)]
        stamps = self.occurred_at[rows].astype("datetime64[us]").astype(str)
        names = self.names
        return [
            {"event_id": str(number), "occurred_at": f"{stamp}Z", "features": dict(zip(names, values, strict=True))}
            for number, stamp, values in zip(self.ids[rows].tolist(), stamps, zip(*columns, strict=True), strict=True)
        ]


def read(file: Path) -> Transactions:
    """Read the file. Raises NotThatFile naming the columns that it lacks."""
    table = pq.read_table(file)
    if missing := sorted(_NOT_FEATURES - set(table.column_names)):
        raise NotThatFile(f"{file}: expected the card transactions, found no columns {', '.join(missing)}")
    names = [name for name in table.column_names if name not in _NOT_FEATURES]
    occurred_at = table["TX_DATETIME"].cast(pa.timestamp("us")).to_numpy().astype(np.int64)
    day = occurred_at // 86_400_000_000
    return Transactions(
        start=datetime.fromtimestamp(int(day[0]) * 86_400, UTC),
        schema=[{"name": name, "type": _type(table.schema.field(name).type)} for name in names],
        ids=table["TRANSACTION_ID"].to_numpy().astype(np.int64),
        occurred_at=occurred_at,
        day=day - day[0],
        tenant=table["CUSTOMER_ID"].to_numpy().astype(np.int64) // 2 % len(TENANTS),
        x=np.column_stack([table[name].to_numpy().astype(np.float64) for name in names]),
        fraud=table["TX_FRAUD"].to_numpy() == 1,
    )


def _type(kind: pa.DataType) -> str:
    return "integer" if pa.types.is_integer(kind) else "number"


def _as_sent(feature: dict[str, Any], values: NDArray[np.float64]) -> Sequence[float]:
    return values.astype(np.int64).tolist() if feature["type"] == "integer" else values.tolist()
