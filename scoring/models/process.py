from django.db import models


class ServingProcess(models.Model):
    """What one scoring process says of itself, every few seconds and at each change.

    `releases`: tenant slug → number that it serves. `failures`: tenant slug → {"number": int, "reason": str} for a
    release that did not load. `latencies`: tenant slug → intent → [events, median, 99th percentile], in milliseconds,
    of single events scored within the last minutes. Rows that have not spoken for a minute are of dead processes.
    """

    name = models.CharField(max_length=200, primary_key=True)
    machine = models.CharField(max_length=200)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)
    releases = models.JSONField(default=dict)
    failures = models.JSONField(default=dict)
    latencies = models.JSONField(default=dict, db_default={})  # the database's too: older processes know nothing of it
    lost_events = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "serving processes"
        ordering = ["machine", "pid"]

    def __str__(self) -> str:
        return self.name
