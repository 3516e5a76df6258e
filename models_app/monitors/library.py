"""An intent's library of known fraud: signatures of the events that labels have told to be positive."""

from datetime import datetime, timedelta

import numpy as np
import pyarrow.compute as pc

from models_app.intents.to_document import intent_part
from models_app.statistics.monitors.copies import MOST, Library
from scoring.engine.signatures import COUNT
from scoring.lake import delta, reading
from scoring.lake.columns import kept_features
from scoring.lake.signatures import signatures_of
from tenants.models import Intent

_DAYS = timedelta(days=60)  # that events may be old when their label comes
_TYPE = np.dtype("<u4")


def read(stored: bytes | memoryview | None) -> Library:
    """As a monitor keeps it."""
    return np.frombuffer(stored or b"", dtype=_TYPE).reshape(-1, COUNT)


def stored(library: Library) -> bytes:
    return library.astype(_TYPE).tobytes()


def grown(library: Library, intent: Intent, since: datetime, until: datetime) -> Library:
    """With the events whose first label came in [since, until) and says that they are positive; the oldest go first.

    While the lake is away nothing is learnt, nor where a feature was never recorded.
    """
    try:
        return np.concatenate([library, _positive(intent, since, until)])[-MOST:]
    except (KeyError, *delta.Failure):
        return library


def _positive(intent: Intent, since: datetime, until: datetime) -> Library:
    place = intent.tenant_id, intent.name
    reports = reading.label_reports(*place, since - _DAYS)
    came = pc.and_(pc.greater_equal(reports["reported_at"], since), pc.less(reports["reported_at"], until))
    ids = reports.filter(pc.and_(came, pc.equal(reports["label"], 1)))["event_id"].to_pylist()
    names = {f"features.{each.name}": each for each in kept_features(intent_part(intent, ()))}
    if not ids or not names or reading.version(*place) is None:
        return np.empty((0, COUNT), dtype=_TYPE)
    types = {column: each.type for column, each in names.items()}
    events = reading.feature_table(*place, since - _DAYS, until, list(names), types, ids=ids[-MOST:])
    if not len(events):
        return np.empty((0, COUNT), dtype=_TYPE)
    values = {each.name: events[column].combine_chunks() for column, each in names.items()}
    return signatures_of(values, len(events))
