from django.db import models
from django_scopes import ScopedManager

from tenants.models import Tenant


class HourProfile(models.Model):
    """What the events of one hour of arrival were like that one live transform answered: what monitors look at.

    `alerts` by threshold, and the score in `thresholds` that each was counted at last; `beyond`: events riskier than
    all that the transform was fitted on. `probability`, and `features` and `context` by name: events by bin, as
    engine/bins.py has them; `signatures` of some alerts, for some days. Events that had occurred more than an hour
    before are not counted.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    intent = models.CharField(max_length=63)
    hour = models.DateTimeField()
    transform = models.BigIntegerField()
    events = models.PositiveBigIntegerField(default=0)
    alerts = models.JSONField(default=dict)
    thresholds = models.JSONField(default=dict)
    beyond = models.PositiveBigIntegerField(default=0)
    probability = models.JSONField(default=dict)
    features = models.JSONField(default=dict)
    context = models.JSONField(default=dict)
    signatures = models.JSONField(default=list, db_default=[])  # a former version counts hours without them

    objects = ScopedManager(tenant="tenant")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "intent", "hour", "transform"], name="one_profile_of_an_hour")
        ]
        indexes = [models.Index(fields=["hour"])]

    def __str__(self) -> str:
        return f"{self.intent} {self.hour:%Y-%m-%d %H}:00"
