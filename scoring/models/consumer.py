from django.db import models
from django_scopes import ScopedManager

from tenants.models import Tenant


class StatisticsCursor(models.Model):
    """Up to which version of an event table the per-minute statistics have counted."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    intent = models.CharField(max_length=63)
    version = models.BigIntegerField(default=-1)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "intent"], name="one_cursor_of_an_event_table")]

    def __str__(self) -> str:
        return f"{self.intent}: version {self.version}"


class ConsumerLane(models.Model):
    """How far a machine's event consumer is in one lane, as it last said. For people; it resumes from the tables.

    `behind_bytes`: written by scoring and not yet in every table. `lost_events`: refused for want of disk.
    """

    machine = models.CharField(max_length=200)
    lane = models.CharField(max_length=16)
    seen_at = models.DateTimeField()
    position = models.BigIntegerField(default=0)
    behind_bytes = models.PositiveBigIntegerField(default=0)
    events = models.PositiveBigIntegerField(default=0)
    duplicates = models.PositiveBigIntegerField(default=0)
    lost_events = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["machine", "lane"], name="one_row_of_a_lane")]

    def __str__(self) -> str:
        return f"{self.machine}/{self.lane}"
