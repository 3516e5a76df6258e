from django.db import models
from django_scopes import ScopedManager

from tenants.models import Tenant


class HourStatistics(models.Model):
    """What was scored in one hour of arrival by one live transform: sums of MinuteStatistics, made with them.

    For what looks at a day or more of many intents: a thousand of them have 24,000 rows a day here, and 1.4 million
    there. `late`: how many of the `events` had occurred more than an hour before they were scored, as those of a
    backfill. `degraded`: how many of them the live predictor did not answer. `thresholds`: threshold name → the score
    that its alerts were counted at last.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    intent = models.CharField(max_length=63)
    hour = models.DateTimeField()
    transform = models.BigIntegerField()
    events = models.PositiveBigIntegerField(default=0)
    late = models.PositiveBigIntegerField(default=0, db_default=0)
    degraded = models.PositiveBigIntegerField(default=0, db_default=0)
    alerts = models.JSONField(default=dict)
    histogram = models.JSONField(default=list)
    thresholds = models.JSONField(default=dict)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name_plural = "hour statistics"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "intent", "hour", "transform"], name="one_row_of_an_hour")
        ]
        indexes = [models.Index(fields=["hour"])]

    def __str__(self) -> str:
        return f"{self.intent} {self.hour:%Y-%m-%d %H}"
