from django.contrib.postgres.fields import ArrayField
from django.db import models
from django_scopes import ScopedManager

from models_app.models.predictor import PredictorVersion
from models_app.models.reference import ReferenceDistribution
from tenants.models import Intent, Tenant
from tenants.models.history import keep_history


@keep_history(without=("x", "y", "report"))
class Transform(models.Model):
    """Level two: an immutable quantile mapping for (tenant, intent, predictor version) to a reference distribution.

    `x`, `y`: the knots, probability to score. `report`: what the fit found (sizes, thresholds, atoms, verdict).
    """

    class Kind(models.TextChoices):
        DEFAULT = "default", "default (cold start)"
        CUSTOM = "custom", "custom (fitted on own events)"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="transforms")
    intent = models.ForeignKey(Intent, on_delete=models.CASCADE, related_name="transforms")
    predictor = models.ForeignKey(PredictorVersion, on_delete=models.PROTECT, related_name="transforms")
    reference = models.ForeignKey(ReferenceDistribution, on_delete=models.PROTECT, related_name="transforms")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    x = ArrayField(models.FloatField())
    y = ArrayField(models.FloatField())
    report = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(x__len=models.F("y__len")) & models.Q(x__len__gte=2), name="transform_knots_pair_up"
            ),
            models.CheckConstraint(condition=models.Q(kind__in=["default", "custom"]), name="transform_kind_is_known"),
        ]

    def __str__(self) -> str:
        return f"transform {self.pk} ({self.kind})"
