"""The Celery application: `celery -A muse_site worker`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "muse_site.settings")

app = Celery("muse")
app.set_default()  # for all threads, not only this one
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
