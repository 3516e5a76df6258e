"""A worker's hold on a row of long work (a fit, evidence): taken up once at a time, shown alive, given up when told."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import structlog
from django.db import InterfaceError, OperationalError
from django.db.models import Q, QuerySet
from django.utils import timezone

from models_app.work import heartbeat
from models_app.work.models import LongWork
from tenants.scope import platform_scope, tenant_scope
from tenants.services import record

QUEUED, RUNNING = LongWork.State.QUEUED, LongWork.State.RUNNING
SUCCEEDED, FAILED = LongWork.State.SUCCEEDED, LongWork.State.FAILED

log = structlog.get_logger(__name__)


class Stopped(Exception):
    """The work was cancelled, or another worker has taken it over: nothing more may be written."""


class CannotBeDone(Exception):
    """The work ends without a result; the message says why and what would help."""


@dataclass(frozen=True)
class Attempt:
    """One attempt at a row. Everything that it writes goes through the row's lock and proves that it is the latest.

    `tenant_id`: 0 where the work is of no tenant. `passing`: errors that leave the row as it is, to be taken up again.
    """

    tenant_id: int
    row_id: int
    attempt: int

    model: ClassVar[type[LongWork]]
    related: ClassVar[tuple[str, ...]] = ("tenant",)
    passing: ClassVar[tuple[type[Exception], ...]] = (OperationalError, InterfaceError)

    def scope(self) -> AbstractContextManager[None]:
        """See what the work is about, in one transaction."""
        return _scope(self.tenant_id)

    def say(self, text: str, progress: float) -> None:
        """Add a line (where there is a text) to the row's log and set its progress, of 0 … 1. Raises Stopped."""
        with self.scope():
            row = self.locked()
            row.log += [line(text)] if text else []
            row.progress, row.alive_at = max(row.progress, progress), timezone.now()
            row.save(update_fields=["log", "progress", "alive_at"])

    def beat(self) -> None:
        """Show that the worker lives."""
        with self.scope():
            self._mine().update(alive_at=timezone.now())

    def fail(self, reason: str) -> None:
        """End with a reason that its reader can act on. Raises Stopped."""
        with self.scope():
            row = self.locked()
            row.error = reason
            self.end(row, FAILED, f"failed: {reason}", {"error": reason})

    def locked(self) -> Any:
        """The row, held until the transaction ends. Raises Stopped."""
        row = self._mine().select_for_update(of=("self",)).select_related(*self.related).first()
        if row is None:
            raise Stopped
        return row

    def end(self, row: Any, state: str, text: str, details: dict[str, Any]) -> None:
        """Save the row in its last state, with a last line, and tell the audit trail."""
        row.state, row.finished_at = state, timezone.now()
        row.progress = 1.0 if state == SUCCEEDED else row.progress
        row.log.append(line(text))
        row.save()
        self.tell(row, state, details)

    def tell(self, row: Any, state: str, details: dict[str, Any]) -> None:
        """Write into the audit trail how it ended."""
        record(actor=None, act=self.model.ENDS[state], subject=row, tenant=row.tenant, details=details)

    def _mine(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._default_manager.all()
        return rows.filter(pk=self.row_id, attempt=self.attempt, state=RUNNING)

    @classmethod
    def take_up(cls, tenant_id: int, row_id: int) -> Self | None:
        """Begin the next attempt at work that waits, or whose worker died; None where there is nothing to do."""
        with _scope(tenant_id):
            rows: QuerySet[Any] = cls.model._default_manager.all()
            waiting = rows.filter(Q(state=QUEUED) | cls.model.dead(), pk=row_id)
            row = waiting.select_for_update(of=("self",)).first()
            if row is None:
                return None
            now = timezone.now()
            row.attempt += 1
            row.state, row.started_at, row.alive_at, row.progress = RUNNING, now, now, 0.0
            row.log.append(line("begun" if row.attempt == 1 else f"begun again, attempt {row.attempt}"))
            row.save(update_fields=["attempt", "state", "started_at", "alive_at", "progress", "log"])
            return cls(tenant_id, row_id, row.attempt)

    def run(self, act: Callable[[Self], None]) -> None:
        """Do the work, with signs of life.

        Where the database goes away, or by another passing error, the row stays as it is and is taken up again; every
        other error ends it.
        """
        try:
            with heartbeat.beating(self.beat):
                self._try(act)
        except Stopped:
            log.info("work was cancelled or taken over", what=self.model.KIND, row=self.row_id, attempt=self.attempt)

    def _try(self, act: Callable[[Self], None]) -> None:
        try:
            if self.attempt > heartbeat.MAX_ATTEMPTS:
                tries = heartbeat.MAX_ATTEMPTS
                raise CannotBeDone(f"it was begun {tries} times and its worker died; see the worker's log")
            act(self)
        except Stopped:
            raise
        except self.passing:
            raise
        except CannotBeDone as error:
            self.fail(str(error))
        except Exception as error:
            log.exception("work broke off", what=self.model.KIND, row=self.row_id)
            self.fail(f"it broke off unexpectedly ({type(error).__name__}: {error}); see the worker's log")


def _scope(tenant_id: int) -> AbstractContextManager[None]:
    return tenant_scope(tenant_id) if tenant_id else platform_scope()


def line(text: str) -> dict[str, str]:
    return {"at": timezone.now().isoformat(), "text": text}
