from django.db import models
from django_scopes import ScopedManager

from tenants.models import Tenant


class MinuteStatistics(models.Model):
    """What was scored in one minute of arrival, by what was live: for dashboards and monitors.

    `alerts`: threshold name → events at or above it. `histogram`: events by score, in 50 equal bins of [0, 1].
    `degraded`: how many of the `events` the live predictor did not answer.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    intent = models.CharField(max_length=63)
    minute = models.DateTimeField()
    release = models.PositiveIntegerField()
    predictor = models.CharField(max_length=200)
    transform = models.BigIntegerField()
    events = models.PositiveBigIntegerField(default=0)
    degraded = models.PositiveBigIntegerField(default=0, db_default=0)
    alerts = models.JSONField(default=dict)
    histogram = models.JSONField(default=list)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name_plural = "minute statistics"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "intent", "minute", "release", "predictor", "transform"], name="one_row_of_statistics"
            )
        ]
        indexes = [models.Index(fields=["tenant", "minute"])]

    def __str__(self) -> str:
        return f"{self.intent} {self.minute:%Y-%m-%d %H:%M}"
