"""Reading probabilities of more events than are to be in memory."""

from collections.abc import Iterator
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from scoring.lake import delta, reading, rows
from scoring.lake.given import queries_of_given
from scoring.lake.pruning import event_files
from scoring.lake.routed import Routed

PIECE = 1_000_000  # events, about


def probability_pieces(
    tenant_id: int, intent: str, predictor_key: str, start: datetime, end: datetime, routed: Routed | None = None
) -> Iterator[NDArray[np.float64]]:
    """As `reading.probabilities`, in arrays of some PIECE events, of which few are in memory at a time.

    It is read by one thread, for other workers read other days beside it.
    """
    name = delta.TableName(tenant_id, intent, "events")
    table = delta.open_table(name)
    files = reading.files_of(table, start, end) if table is not None else []
    if table is None or not files:
        return
    condition, named = reading.chosen(None, routed, name, delta.schema_of(table))
    values = {"predictor": predictor_key, "start": start, "end": end, **named}
    where = rows.one_of_each_id_answered_live(table)
    for query in queries_of_given(condition):
        with rows.connect() as connection:
            connection.execute("SET threads = 1")
            found = reading.selected(connection, table, files, query, values, where)
            for piece in found.to_arrow_reader(PIECE):
                yield piece.column("probability").to_numpy(zero_copy_only=False)


def events_in_files(tenant_id: int, intent: str, start: datetime, end: datetime) -> int:
    """How many events those files have that may have some of a window: at least as many as the window has."""
    table = delta.open_table(delta.TableName(tenant_id, intent, "events"))
    return sum(each.events for each in event_files(intent, table, start, end)) if table is not None else 0
