from django.db import models
from django_scopes import ScopedManager

from models_app.changes.evidence.models import Evidence
from tenants.models import Tenant


class DecisionChange(models.Model):
    """An event that a change request puts on the other side of a threshold, as its evidence has found it.

    Written once, with the evidence. `score_before` and `score_after`: by what is live, and by what is proposed; `move`
    is how far they lie apart. `amount`: what the event is worth, None where it does not say. `context`: its attributes
    as text, without those that it has none of. `label`: 0 or 1; None where none was known.
    """

    class Side(models.TextChoices):
        NEW = "new alert", "new alert"
        DROPPED = "dropped alert", "dropped alert"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="decision_changes")
    evidence = models.ForeignKey(Evidence, on_delete=models.CASCADE, related_name="decision_changes")
    intent = models.CharField(max_length=63)
    threshold = models.TextField()
    side = models.CharField(max_length=16, choices=Side.choices)
    event_id = models.TextField()
    occurred_at = models.DateTimeField()
    score_before = models.FloatField()
    score_after = models.FloatField()
    move = models.FloatField()
    amount = models.FloatField(null=True, blank=True)
    context = models.JSONField(default=dict)
    label = models.SmallIntegerField(null=True, blank=True)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        ordering = ["-move", "pk"]
        indexes = [models.Index(fields=["occurred_at"])]

    def __str__(self) -> str:
        return f"{self.side} {self.event_id} at {self.threshold}"
