from django.db import models

from models_app.models.model_version import ModelVersion
from models_app.models.versioned import Versioned
from tenants.models.history import keep_history


@keep_history()
class PredictorVersion(Versioned):
    """An immutable recipe: model versions, each with its posterior correction and weight, and an aggregation."""

    class Aggregation(models.TextChoices):
        MEAN = "mean", "weighted mean"
        LOGIT_MEAN = "logit_mean", "weighted mean in logit space"
        MAX = "max", "maximum"

    aggregation = models.CharField(max_length=16, choices=Aggregation.choices, default=Aggregation.MEAN)

    class Meta(Versioned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="one_predictor_of_a_version"),
            models.CheckConstraint(
                condition=models.Q(aggregation__in=["mean", "logit_mean", "max"]), name="predictor_aggregation_is_known"
            ),
        ]


@keep_history()
class PredictorMember(models.Model):
    """One model of a predictor, in its place."""

    predictor = models.ForeignKey(PredictorVersion, on_delete=models.PROTECT, related_name="members")
    position = models.PositiveSmallIntegerField()
    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="memberships")
    beta = models.FloatField()
    weight = models.FloatField(default=1.0)

    class Meta:
        ordering = ["predictor_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["predictor", "position"], name="one_member_in_a_position"),
            models.UniqueConstraint(fields=["predictor", "model"], name="a_model_is_once_in_a_predictor"),
            models.CheckConstraint(condition=models.Q(beta__gt=0, beta__lte=1), name="member_beta_in_0_1"),
            models.CheckConstraint(condition=models.Q(weight__gt=0), name="member_weight_above_0"),
        ]

    def __str__(self) -> str:
        return f"{self.predictor}: {self.model}"
