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
    `duplicates`: repeated ids with the same answer; `conflicts`: with another one, which is kept and does not count.
    `set_aside`: segments of which a part could not be read, kept for as long as nobody takes them away.
    """

    machine = models.CharField(max_length=200)
    lane = models.CharField(max_length=16)
    seen_at = models.DateTimeField()
    position = models.BigIntegerField(default=0)
    behind_bytes = models.PositiveBigIntegerField(default=0)
    events = models.PositiveBigIntegerField(default=0)
    duplicates = models.PositiveBigIntegerField(default=0)
    conflicts = models.PositiveBigIntegerField(default=0, db_default=0)
    lost_events = models.PositiveBigIntegerField(default=0)
    set_aside = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["machine", "lane"], name="one_row_of_a_lane")]

    def __str__(self) -> str:
        return f"{self.machine}/{self.lane}"


class QuarantinedTable(models.Model):
    """A table that a machine's event consumer could not write, as it last said; its records wait on that machine.

    `lost`: those for which the quarantine had no room. `told_at`: when people were told of it.
    """

    machine = models.CharField(max_length=200)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    intent = models.CharField(max_length=63)
    kind = models.CharField(max_length=8)
    since = models.DateTimeField()
    reason = models.TextField()
    records = models.PositiveBigIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)
    lost = models.PositiveBigIntegerField(default=0)
    told_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        ordering = ["machine", "tenant_id", "intent", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["machine", "tenant", "intent", "kind"], name="one_row_of_a_table_in_quarantine"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.intent}"
