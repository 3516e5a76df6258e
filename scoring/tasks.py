"""Celery's doors to the upkeep of the lake, and of what is counted beside it, for the beat."""

from celery import shared_task
from django.conf import settings

from scoring.consumer import forgetting
from scoring.lake import upkeep
from scoring.serving import days


@shared_task
def compact_tables() -> None:
    upkeep.compact_all()


@shared_task
def apply_retention() -> None:
    upkeep.retain_all(days=settings.ENV["MUSE_RETENTION_DAYS"])


@shared_task
def forget_days() -> int:
    return days.forget(days=settings.ENV["MUSE_RETENTION_DAYS"])


@shared_task
def forget_counts() -> int:
    return forgetting.forget(days=settings.ENV["MUSE_STATISTICS_DAYS"])
