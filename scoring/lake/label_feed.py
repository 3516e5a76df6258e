"""When an intent's labels came, as the log of their table tells it: no label is read."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import pyarrow as pa

from scoring.lake import delta


@dataclass(frozen=True)
class LabelFeed:
    """`last`: when the latest label was reported; `days`: how many were on each day (UTC)."""

    last: datetime
    days: Mapping[date, int]


def label_feed(tenant_id: int, intent: str) -> LabelFeed | None:
    """None without labels. Raises delta.Failure when the lake does not answer."""
    table = delta.open_table(delta.TableName(tenant_id, intent, "labels"))
    if table is None:
        return None
    actions = pa.table(table.get_add_actions(flatten=True)).to_pylist()
    reported = [each["max.reported_at"] for each in actions if each.get("max.reported_at") is not None]
    if not reported:
        return None
    days: Counter[date] = Counter()
    for each in actions:
        days[each["partition.day"]] += each["num_records"] or 0
    return LabelFeed(max(reported), days)
