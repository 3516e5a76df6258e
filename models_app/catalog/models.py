from django.conf import settings
from django.db import models

from models_app.work.models import LongWork
from tenants.models.history import keep_history
from tenants.models.tenant import slug


class Versioned(models.Model):
    """What the platform shares by name and version, `cards@4`, and never changes once it is made."""

    name = models.CharField(max_length=63, validators=[slug])
    version = models.PositiveIntegerField()
    notes = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["name", "-version"]

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        return f"{self.name}@{self.version}"


@keep_history()
class ReferenceDistribution(Versioned):
    """The fixed distribution that scores follow, named and versioned; never changed.

    `parameters`: for a Beta {"a", "b"}, for a curve {"points": [{"score", "alert_rate"}, …]}.
    """

    class Kind(models.TextChoices):
        BETA = "beta", "Beta"
        CURVE = "curve", "curve of target alert rates"

    kind = models.CharField(max_length=16, choices=Kind.choices)
    parameters = models.JSONField()

    class Meta(Versioned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="one_reference_of_a_version"),
            models.CheckConstraint(condition=models.Q(kind__in=["beta", "curve"]), name="reference_kind_is_known"),
        ]


@keep_history(without=("features", "validation_quantiles", "validation_events", "validation", "checks", "parity"))
class ModelVersion(Versioned):
    """An immutable model file (an "expert"). Only the outcome of its check is written later.

    `features` in the model's order, as in the release document; `beta` the share of negatives kept in training;
    `risk_label` the class label of the file that is the risk, where it must be said;
    `digest` of the ONNX bytes, by which files are stored and found; `parity`: inputs and the outputs that every
    scoring process must reproduce; `validation_quantiles`: [level, output] pairs of validation scores, as uploaded,
    else of what the file gives on its validation events; `validation_events`: their file's digest, their number and
    which of its columns hold labels and scores; `validation`: what came of running the file on them.
    """

    class Format(models.TextChoices):
        ONNX = "onnx", "ONNX"
        LIGHTGBM = "lightgbm", "LightGBM text"

    class State(models.TextChoices):
        CHECKING = "checking"
        USABLE = "usable"
        UNUSABLE = "unusable"

    file_format = models.CharField(max_length=16, choices=Format.choices)
    features = models.JSONField()
    beta = models.FloatField(default=1.0)
    risk_label = models.CharField(max_length=200, blank=True, default="")
    uploaded_digest = models.CharField(max_length=64)
    uploaded_bytes = models.PositiveBigIntegerField()
    validation_quantiles = models.JSONField(null=True, blank=True)
    validation_events = models.JSONField(null=True, blank=True)

    state = models.CharField(max_length=16, choices=State.choices, default=State.CHECKING)
    reason = models.TextField(blank=True)
    checks = models.JSONField(default=list)
    digest = models.CharField(max_length=64, blank=True)
    single_rows = models.PositiveSmallIntegerField(default=1)
    parity = models.JSONField(null=True, blank=True)
    validation = models.JSONField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)

    # What the check writes; everything else is fixed at upload, by the database's grants.
    OUTCOME = (
        "state", "reason", "checks", "digest", "single_rows", "parity", "validation", "validation_quantiles",
        "checked_at",
    )  # fmt: skip

    class Meta(Versioned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="one_model_of_a_version"),
            models.CheckConstraint(condition=models.Q(beta__gt=0, beta__lte=1), name="model_beta_in_0_1"),
            models.CheckConstraint(
                condition=~models.Q(state="usable") | (~models.Q(digest="") & models.Q(parity__isnull=False)),
                name="usable_model_has_digest_and_parity",
            ),
        ]


class ModelCheck(LongWork):
    """The check of a model, of no tenant. One that succeeds has found the model usable, or unusable and why."""

    KIND = "model check"
    WORK = "models_app.catalog.check.check_model"

    model = models.OneToOneField(ModelVersion, on_delete=models.CASCADE, related_name="model_check")

    class Meta(LongWork.Meta):
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"check of {self.model}"


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
