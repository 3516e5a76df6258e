"""Celery's doors to the lake's upkeep, for the beat."""

from celery import shared_task
from django.conf import settings

from scoring.lake import upkeep


@shared_task
def compact_tables() -> None:
    upkeep.compact_all()


@shared_task
def apply_retention() -> None:
    upkeep.retain_all(days=settings.ENV["MUSE_RETENTION_DAYS"])
