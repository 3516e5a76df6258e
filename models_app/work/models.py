from collections.abc import Mapping
from typing import ClassVar

from django.apps import apps
from django.db import models
from django.db.models import F, Q, QuerySet

from models_app.work import heartbeat
from models_app.work.dispatch import NOW
from tenants.audit_terms import AuditAction


class LongWork(models.Model):
    """A row that a worker works on, from request to outcome. A subclass is a kind, and all that a new kind takes.

    `progress` of 0 … 1; `log`: lines {"at", "text"}; `error`: why it failed. `attempt` grows each time that a worker
    takes it up; only the latest attempt may write. `alive_at`: the latest sign of life of its worker.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELLED = "cancelled"

    ACTIVE = (State.QUEUED, State.RUNNING)

    KIND: ClassVar[str]
    ENDS: ClassVar[Mapping[str, AuditAction]] = {}  # what the audit trail says of its end, by state
    WORK: ClassVar[str]  # path of a function of (tenant id, row id) that does the work, where nobody else is at it
    PRIORITY: ClassVar[int] = NOW

    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    progress = models.FloatField(default=0.0)
    log = models.JSONField(default=list)
    error = models.TextField(blank=True)
    attempt = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    alive_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        indexes = [models.Index(fields=["state", "alive_at"])]

    @staticmethod
    def kinds() -> Mapping[str, type["LongWork"]]:
        """All kinds of long work, by name."""
        return {each.KIND: each for each in apps.get_models() if issubclass(each, LongWork)}

    @classmethod
    def stalled(cls) -> QuerySet["LongWork"]:
        """Rows whose worker died, then rows that no worker has taken for long, each in the order of their requests."""
        forgotten = Q(state=cls.State.QUEUED, created_at__lt=heartbeat.ago(heartbeat.WAITING_SECONDS))
        rows: QuerySet[LongWork] = cls._default_manager.filter(cls.dead() | forgotten)
        return rows.order_by(F("alive_at").asc(nulls_last=True), "pk")

    @classmethod
    def dead(cls) -> Q:
        """The condition for rows whose worker has sent no sign of life for too long."""
        return Q(state=cls.State.RUNNING, alive_at__lt=heartbeat.ago(heartbeat.DEAD_AFTER_SECONDS))

    @property
    def arguments(self) -> tuple[str, int, int]:
        """The task arguments that identify the row: its kind, its tenant's id (0 for none), its own id."""
        return self.KIND, getattr(self, "tenant_id", 0), self.pk
