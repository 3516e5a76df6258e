from django.db import models
from django_scopes import ScopedManager

from tenants.models import Tenant


class RefusedRequests(models.Model):
    """How many requests of a tenant were refused in one hour of arrival, by reason (scoring.serving.refused.REASONS).

    They are in no event log. `intent` is "" where a request names none that the tenant is served with, or was refused
    before it was read. Of batches that were answered, the reason `event` counts the events in them that were refused.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    intent = models.CharField(max_length=63, blank=True)
    hour = models.DateTimeField()
    reason = models.CharField(max_length=16)
    requests = models.PositiveBigIntegerField(default=0)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name_plural = "refused requests"
        ordering = ["-hour", "intent", "reason"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "intent", "hour", "reason"], name="one_row_of_refused_requests")
        ]
        indexes = [models.Index(fields=["tenant", "hour"], name="scoring_ref_tenant__hour_idx")]

    def __str__(self) -> str:
        return f"{self.intent} {self.hour:%Y-%m-%d %H}: {self.reason}"
