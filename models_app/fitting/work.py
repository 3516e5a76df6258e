"""A worker's hold on a fit: taken up once at a time, shown alive, and given up as soon as somebody else has a say."""

from dataclasses import dataclass
from typing import Any

import structlog
from django.db.models import Q, QuerySet
from django.utils import timezone

from models_app.models import Fit, Transform
from models_app.services import heartbeat
from models_app.services.heartbeat import ago
from tenants.scope import tenant_scope
from tenants.services import record

log = structlog.get_logger(__name__)


class Stopped(Exception):
    """The fit was cancelled, or another worker has taken it over: nothing more may be written."""


@dataclass(frozen=True)
class Work:
    """One attempt at a fit. Everything that it writes goes through the row's lock and proves that it is the latest."""

    tenant_id: int
    fit_id: int
    attempt: int

    def say(self, text: str, progress: float) -> None:
        """Add a line (where there is a text) to the fit's log and set its progress, of 0 … 1. Raises Stopped."""
        with tenant_scope(self.tenant_id):
            fit = self._locked()
            fit.log += [_line(text)] if text else []
            fit.progress, fit.alive_at = max(fit.progress, progress), timezone.now()
            fit.save(update_fields=["log", "progress", "alive_at"])

    def beat(self) -> None:
        """Show that the worker lives."""
        with tenant_scope(self.tenant_id):
            self._mine().update(alive_at=timezone.now())

    def succeed(self, *, x: list[float], y: list[float], report: dict[str, Any]) -> None:
        """Commit the fit and its transform, once. Raises Stopped."""
        with tenant_scope(self.tenant_id):
            fit = self._locked()
            transform = Transform.objects.create(
                tenant_id=fit.tenant_id,
                intent_id=fit.intent_id,
                predictor_id=fit.predictor_id,
                reference_id=fit.reference_id,
                kind=Transform.Kind.CUSTOM,
                x=x,
                y=y,
                report=report,
            )
            fit.transform = transform
            self._end(fit, Fit.State.SUCCEEDED, f"transform {transform.pk} with {len(x):,} knots")

    def fail(self, reason: str) -> None:
        """End the fit with a reason that its reader can act on. Raises Stopped."""
        with tenant_scope(self.tenant_id):
            fit = self._locked()
            fit.error = reason
            self._end(fit, Fit.State.FAILED, f"failed: {reason}")

    def _end(self, fit: Fit, state: str, line: str) -> None:
        fit.state, fit.finished_at = state, timezone.now()
        fit.progress = 1.0 if state == Fit.State.SUCCEEDED else fit.progress
        fit.log.append(_line(line))
        fit.save(update_fields=["state", "finished_at", "progress", "log", "error", "transform"])
        details = {"transform": fit.transform_id, "error": fit.error}
        record(actor=None, act=f"fit {state}", subject=fit.pk, tenant=fit.tenant, details=details)

    def _locked(self) -> Fit:
        fit = self._mine().select_for_update(of=("self",)).select_related("tenant").first()
        if fit is None:
            raise Stopped
        return fit

    def _mine(self) -> QuerySet[Fit]:
        return Fit.objects.filter(pk=self.fit_id, attempt=self.attempt, state=Fit.State.RUNNING)


def take_up(tenant_id: int, fit_id: int) -> Work | None:
    """Begin the next attempt at a fit that waits, or whose worker died; None where there is nothing to do."""
    with tenant_scope(tenant_id):
        dead = Q(state=Fit.State.RUNNING, alive_at__lt=ago(heartbeat.DEAD_AFTER_SECONDS))
        waiting = Fit.objects.filter(Q(state=Fit.State.QUEUED) | dead, pk=fit_id)
        fit = waiting.select_for_update(of=("self",)).first()
        if fit is None:
            return None
        now = timezone.now()
        fit.attempt += 1
        fit.state, fit.started_at, fit.alive_at, fit.progress = Fit.State.RUNNING, now, now, 0.0
        fit.log.append(_line("begun" if fit.attempt == 1 else f"begun again, attempt {fit.attempt}"))
        fit.save(update_fields=["attempt", "state", "started_at", "alive_at", "progress", "log"])
        return Work(tenant_id, fit_id, fit.attempt)


def _line(text: str) -> dict[str, str]:
    return {"at": timezone.now().isoformat(), "text": text}
