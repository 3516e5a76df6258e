from django.db import models
from django_scopes import ScopedManager

from tenants.models import Tenant


class DayStatistics(models.Model):
    """What occurred on one day (UTC) and was answered by one live transform, whenever it was scored.

    For alert rates, which evidence counts by when events occurred, too: a backfill of two months is two months here,
    and one hour of arrival in HourStatistics. Degraded events are left out, as evidence leaves them out. `thresholds`:
    threshold name → the score that its alerts were counted at last.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    intent = models.CharField(max_length=63)
    day = models.DateField()
    transform = models.BigIntegerField()
    events = models.PositiveBigIntegerField(default=0)
    alerts = models.JSONField(default=dict)
    thresholds = models.JSONField(default=dict)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name_plural = "day statistics"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "intent", "day", "transform"], name="one_row_of_a_day")
        ]
        indexes = [models.Index(fields=["day"])]

    def __str__(self) -> str:
        return f"{self.intent} {self.day:%Y-%m-%d}"
