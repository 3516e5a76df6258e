"""The Celery application: `celery -A muse_site worker`."""

import os
from typing import Any

from celery import Celery, Task
from celery.signals import (
    beat_init,
    task_postrun,
    worker_before_create_process,
    worker_process_init,
    worker_process_shutdown,
)

from muse_site import tracing
from scoring import memory
from tenants.asked import TaskRun, answering
from tenants.origin import Origin, writing

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "muse_site.settings")
memory.choose_allocators()


class OriginTask(Task):
    """A task whose writes say so, and for whom: it carries what tenants.origin has passed on to it."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        headers = self.request.headers or {}
        origin, asked_as = headers.get("asked_for") or {}, headers.get("asked_as") or ""
        run = TaskRun(self.name, self.request.id or "", asked_as)
        made = Origin(what=f"task {self.name}", request_id=asked_as, **origin)
        with tracing.of_task(self), answering(run), writing(made):
            return super().__call__(*args, **kwargs)


app = Celery("muse", task_cls=OriginTask)
app.set_default()  # for all threads, not only this one
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_before_create_process.connect
def _settle(**_: Any) -> None:
    """In the worker itself, before each fork: its processes share what is loaded by then."""
    _load()
    memory.settle()


def _load() -> None:
    """What tasks load when they first need it: else each process would have its own, and grow when its turn comes."""
    import numpy as np
    import pyarrow as pa

    from models_app.figures.first import draw_first

    draw_first()
    pa.array(np.zeros(1))  # before it reads an array Arrow loads pandas, where that is installed


@task_postrun.connect
def _give_back(**_: Any) -> None:
    """After each task, for what it has read and computed, in many threads, is gone."""
    memory.give_back()


@worker_process_init.connect
def _keep_little(**_: Any) -> None:
    """Tasks read and compute in many threads of libraries, each of which would keep its most."""
    memory.keep_little()


@worker_process_init.connect
def _trace_worker(**_: Any) -> None:
    """In each process of a worker, for threads that send traces do not survive a fork."""
    tracing.start("muse-worker")


@beat_init.connect
def _trace_beat(**_: Any) -> None:
    tracing.start("muse-beat")


@worker_process_shutdown.connect
def _stop_tracing(**_: Any) -> None:
    tracing.stop()
