"""The consumer's metrics for Prometheus."""

from collections.abc import Sequence

from prometheus_client import Gauge

from scoring.consumer.consumer import LaneState
from scoring.consumer.quarantine import QuarantineState


def _gauge(name: str, meaning: str) -> Gauge:
    # Of the files that several processes leave behind, the one of the consumer that runs counts.
    return Gauge(name, meaning, ["lane"], multiprocess_mode="mostrecent")


BEHIND = _gauge("muse_consumer_behind_bytes", "Written by scoring, not yet in the lake.")
EVENTS = _gauge("muse_consumer_events", "Events committed since the consumer began.")
DUPLICATES = _gauge("muse_consumer_duplicates", "Repeated events since the consumer began.")
CONFLICTS = _gauge(
    "muse_consumer_conflicts", "Repeated events with another answer since the consumer began; kept, and counted once."
)
DROPPED = _gauge("muse_consumer_dropped", "Events of erased tenants since the consumer began.")
LOST = _gauge("muse_lane_lost_events", "Events ever lost for want of disk.")
SET_ASIDE = _gauge("muse_segments_set_aside", "Segments of which a part could not be read, kept for people to look at.")
QUARANTINED = Gauge(
    "muse_quarantined_tables", "Event tables in quarantine: they cannot be written.", multiprocess_mode="mostrecent"
)
QUARANTINED_RECORDS = Gauge(
    "muse_quarantined_records", "Records that wait in quarantine for their tables.", multiprocess_mode="mostrecent"
)
QUARANTINE_LOST = Gauge(
    "muse_quarantine_lost_records", "Records for which quarantines have no room.", multiprocess_mode="mostrecent"
)


def observe(states: Sequence[LaneState], quarantined: Sequence[QuarantineState] = ()) -> None:
    """Set all gauges."""
    QUARANTINED.set(len(quarantined))
    QUARANTINED_RECORDS.set(sum(each.records for each in quarantined))
    QUARANTINE_LOST.set(sum(each.lost for each in quarantined))
    for state in states:
        BEHIND.labels(state.lane).set(state.behind_bytes)
        EVENTS.labels(state.lane).set(state.events)
        DUPLICATES.labels(state.lane).set(state.duplicates)
        CONFLICTS.labels(state.lane).set(state.conflicts)
        DROPPED.labels(state.lane).set(state.dropped)
        LOST.labels(state.lane).set(state.lost_events)
        SET_ASIDE.labels(state.lane).set(state.set_aside)
