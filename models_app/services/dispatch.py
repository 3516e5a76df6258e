"""Giving work to Celery. What cannot be sent now is found by the tasks that look for stalled work."""

import structlog
from celery import current_app
from django.db import transaction

log = structlog.get_logger(__name__)


def send_after_commit(task: str, *args: int) -> None:
    """Have a worker run `models_app.tasks.<task>` once what it is about can be seen by others."""
    transaction.on_commit(lambda: send(task, *args))


def send(task: str, *args: int, expires: float | None = None) -> None:
    """Send now. A broker that is away is no error of the caller."""
    try:
        current_app.send_task(f"models_app.tasks.{task}", args=args, expires=expires, retry=False)
    except Exception as error:  # the transports' exceptions share no base class
        log.warning("work not sent, it will be taken up later", task=task, args=args, error=str(error))
