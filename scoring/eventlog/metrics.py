"""The consumer's metrics for Prometheus."""

from collections.abc import Sequence

from prometheus_client import Gauge

from scoring.eventlog.consumer import LaneState


def _gauge(name: str, meaning: str) -> Gauge:
    # Of the files that several processes leave behind, the one of the consumer that runs counts.
    return Gauge(name, meaning, ["lane"], multiprocess_mode="mostrecent")


BEHIND = _gauge("muse_consumer_behind_bytes", "Written by scoring, not yet in the lake.")
EVENTS = _gauge("muse_consumer_events", "Events committed since the consumer began.")
DUPLICATES = _gauge("muse_consumer_duplicates", "Repeated events since the consumer began.")
DROPPED = _gauge("muse_consumer_dropped", "Events of erased tenants since the consumer began.")
LOST = _gauge("muse_lane_lost_events", "Events ever lost for want of disk.")


def observe(states: Sequence[LaneState]) -> None:
    """Set all gauges."""
    for state in states:
        BEHIND.labels(state.lane).set(state.behind_bytes)
        EVENTS.labels(state.lane).set(state.events)
        DUPLICATES.labels(state.lane).set(state.duplicates)
        DROPPED.labels(state.lane).set(state.dropped)
        LOST.labels(state.lane).set(state.lost_events)
