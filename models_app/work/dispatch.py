"""Giving work to Celery. What cannot be sent now is found by the tasks that look for stalled work."""

import structlog
from celery import current_app
from django.db import transaction

from tenants.origin import current

# Redis hands out 0 first: what somebody waits for goes before work in bulk.
NOW, LATER = 0, 9

log = structlog.get_logger(__name__)


def send_after_commit(task: str, *args: int) -> None:
    """Have a worker run `models_app.tasks.<task>` once what it is about can be seen by others."""
    transaction.on_commit(lambda: send(task, *args))


def send(task: str, *args: int | str, expires: float | None = None, priority: int = NOW) -> bool:
    """Send now; false where the broker is away, which is no error of the caller."""
    try:
        name = f"models_app.tasks.{task}"
        headers = origin.passed_on() if (origin := current()) else {}
        current_app.send_task(name, args=args, headers=headers, expires=expires, priority=priority, retry=False)
    except Exception as error:  # the transports' exceptions share no base class
        log.warning("work not sent, it will be taken up later", task=task, args=args, error=str(error))
        return False
    return True
