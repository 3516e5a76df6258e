"""The product's settings, but for a beat that has refreshes made as they are due every second, and nothing else."""

from muse_site.settings import *  # noqa: F403

CELERY_BEAT_SCHEDULE = {"make refreshes that are due": {"task": "models_app.tasks.order_refreshes", "schedule": 1.0}}
