"""Long work of every kind, and those who do it: given out, done, and given out again where a worker died."""

from django.db import transaction
from django.utils.module_loading import import_string

from models_app.work import heartbeat
from models_app.work.dispatch import send
from models_app.work.models import LongWork
from tenants.scope import platform_scope

# Rows of a kind that are given out again together, every few seconds: so that a long queue is not sent over and over.
AT_ONCE = 16


def give_out_after_commit(*rows: LongWork) -> None:
    """Have workers do this once its rows can be seen by others."""
    transaction.on_commit(lambda: _give_out(*rows))


def run_work(kind: str, tenant_id: int, row_id: int) -> None:
    """Do the work of a row that waits, or whose worker died; one that another worker is at is left alone."""
    import_string(LongWork.kinds()[kind].WORK)(tenant_id, row_id)


def resume_stalled_work() -> int:
    """Send those rows again, of every kind, whose worker died or whose message was lost; how many."""
    with platform_scope():
        stalled = [row for kind in LongWork.kinds().values() for row in kind.stalled()[:AT_ONCE]]
    _give_out(*stalled, expires=heartbeat.DEAD_AFTER_SECONDS)
    return len(stalled)


def _give_out(*rows: LongWork, expires: float | None = None) -> None:
    for row in rows:
        if not send("run_work", *row.arguments, expires=expires, priority=row.PRIORITY):
            return  # the broker is away: that is waited for once, not for each row
