from scoring.models.consumer import ConsumerLane, QuarantinedTable, StatisticsCursor
from scoring.models.day import DayStatistics
from scoring.models.hour import HourStatistics
from scoring.models.key_day import KeyDay
from scoring.models.minute import MinuteStatistics
from scoring.models.process import ServingProcess
from scoring.models.profile import HourProfile
from scoring.models.refused import RefusedRequests
from scoring.models.release import CurrentRelease, Release

__all__ = [
    "ConsumerLane",
    "CurrentRelease",
    "DayStatistics",
    "HourProfile",
    "HourStatistics",
    "KeyDay",
    "MinuteStatistics",
    "QuarantinedTable",
    "RefusedRequests",
    "Release",
    "ServingProcess",
    "StatisticsCursor",
]
