"""The simulated card transactions: what their columns are, and how they are split over tenants that differ."""

from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.columns import Columns, events_of
from benchmarks.events import Events, NotThatFile

ABOUT = "simulated card transactions"
SPLIT = (
    "tenants are kinds of payment: below 45 by day, 45 and more by day, and of any amount in the evening and at night, "
    "18:00 to 8:00 (UTC)"
)
# The features that look 30 days back are not filled before.
WARM_UP = 30
TENANTS = ("small-by-day", "large-by-day", "by-night")
_LARGE, _MORNING, _EVENING = 45.0, 8, 18
_NEEDED = ("TX_DATETIME", "TX_AMOUNT", "TX_FRAUD", "TRANSACTION_ID", "CUSTOMER_ID", "TERMINAL_ID")


def read(table: pa.Table, file: Path) -> Events:
    """The transactions of the table. Raises NotThatFile naming the columns that it lacks."""
    if missing := sorted(set(_NEEDED) - set(table.column_names)):
        raise NotThatFile(
            f"{file}: not the card transactions, which have {', '.join(missing)}; of another file, name the columns by "
            "--time, --tenant and --label"
        )
    split = table.append_column("tenant", pa.array(_tenant(table)).cast(pa.string()))
    columns = Columns("TX_DATETIME", "tenant", "TX_FRAUD", left_out=("TRANSACTION_ID", "CUSTOMER_ID", "TERMINAL_ID"))
    events, _ = events_of(split, columns, ABOUT, SPLIT, simulated=True)
    return events


def _tenant(table: pa.Table) -> NDArray[np.str_]:
    seconds = table["TX_DATETIME"].cast(pa.timestamp("s"), safe=False).cast(pa.int64()).to_numpy()
    hour = seconds // 3_600 % 24
    amount = table["TX_AMOUNT"].to_numpy()
    night = (hour < _MORNING) | (hour >= _EVENING)
    return np.where(night, TENANTS[2], np.where(amount < _LARGE, *TENANTS[:2]))
