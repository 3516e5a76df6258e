from django.db import models

from models_app.models.versioned import Versioned
from tenants.models.history import keep_history


@keep_history(without=("features", "validation_quantiles", "checks", "parity", "attempt", "alive_at"))
class ModelVersion(Versioned):
    """An immutable model file (an "expert"). Only the outcome of its check is written later.

    `features` in the model's order, as in the release document; `beta` the share of negatives kept in training;
    `risk_label` the class label of the file that is the risk, where it must be said;
    `digest` of the ONNX bytes, by which files are stored and found; `parity`: inputs and the outputs that every
    scoring process must reproduce; `validation_quantiles`: [level, output] pairs of validation scores.
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

    state = models.CharField(max_length=16, choices=State.choices, default=State.CHECKING)
    reason = models.TextField(blank=True)
    checks = models.JSONField(default=list)
    digest = models.CharField(max_length=64, blank=True)
    single_rows = models.PositiveSmallIntegerField(default=1)
    parity = models.JSONField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    attempt = models.PositiveIntegerField(default=0)
    alive_at = models.DateTimeField(null=True, blank=True)

    # What the check writes; everything else is fixed at upload, by the database's grants. `attempt` grows each time
    # that a worker takes the check up, `alive_at` while it is at work.
    OUTCOME = ("state", "reason", "checks", "digest", "single_rows", "parity", "checked_at", "attempt", "alive_at")

    class Meta(Versioned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="one_model_of_a_version"),
            models.CheckConstraint(condition=models.Q(beta__gt=0, beta__lte=1), name="model_beta_in_0_1"),
            models.CheckConstraint(
                condition=~models.Q(state="usable") | (~models.Q(digest="") & models.Q(parity__isnull=False)),
                name="usable_model_has_digest_and_parity",
            ),
        ]
