from datetime import timedelta

from django.db import models
from django_scopes import ScopedManager

from scoring.models import Release
from tenants.models import Tenant

WEEK = timedelta(days=7)


class TrackRecord(models.Model):
    """What evidence foretold of one threshold when a release was published, and what came of it.

    Foretold: `low` to `high` for the alert rate of the week after, and `held_out`, the fit's rate on days that it had
    not seen (None where it had none); `target` is what was promised. What came: `alerts` of the `events` that were
    scored from `since`, when it was published, to `until`; None while that goes on. It ends after a week, or when
    another release serves the intent otherwise. `inside`: whether the rate lies between `low` and `high`; None of less
    than a week, of which nothing was foretold, and without events.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="track_records")
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="track_records")
    intent = models.CharField(max_length=63)
    threshold = models.TextField()
    score = models.FloatField()
    target = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    held_out = models.FloatField(null=True, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    events = models.PositiveBigIntegerField(default=0)
    alerts = models.PositiveBigIntegerField(default=0)
    inside = models.BooleanField(null=True, blank=True)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        ordering = ["-release__number", "intent", "score"]
        constraints = [
            models.UniqueConstraint(fields=["release", "intent", "threshold"], name="one_track_record_of_a_threshold")
        ]
        indexes = [models.Index(fields=["until", "since"])]

    def __str__(self) -> str:
        return f"{self.release}: {self.intent} at {self.threshold}"

    @property
    def rate(self) -> float | None:
        """The alert rate that came; None while it is counted, and without events."""
        return self.alerts / self.events if self.until and self.events else None

    @property
    def days(self) -> float | None:
        """For how long it was counted."""
        return (self.until - self.since) / timedelta(days=1) if self.until else None
