"""When refreshes are due: at full hours, days, weeks and months, in UTC."""

from datetime import UTC, datetime, timedelta

from models_app.refreshes.models import RefreshPolicy

Schedule = RefreshPolicy.Schedule


def latest_due(schedule: str, now: datetime) -> datetime:
    """The latest time up to now at which one was due."""
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if schedule == Schedule.HOURLY:
        return hour
    day = hour.replace(hour=0)
    if schedule == Schedule.DAILY:
        return day
    return day - timedelta(days=day.weekday()) if schedule == Schedule.WEEKLY else day.replace(day=1)


def next_due(schedule: str, now: datetime) -> datetime:
    """The first time after now at which one is due."""
    latest = latest_due(schedule, now)
    if schedule == Schedule.MONTHLY:
        return latest_due(schedule, latest + timedelta(days=31))
    steps = {Schedule.HOURLY: timedelta(hours=1), Schedule.DAILY: timedelta(days=1)}
    return latest + steps.get(Schedule(schedule), timedelta(weeks=1))
