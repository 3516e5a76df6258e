from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django_scopes import ScopedManager

from models_app.catalog.models import PredictorVersion, ReferenceDistribution
from models_app.work.dispatch import LATER
from models_app.work.models import LongWork
from tenants.audit_terms import AuditAction
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

    @property
    def audit_name(self) -> str:
        """The number that people know a transform by."""
        return f"transform {self.pk}"


class Sample(models.Model):
    """An uploaded file (Parquet or CSV) with a column of probabilities, for a fit; stored by digest."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="samples")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    column = models.CharField(max_length=200)
    rows = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_name(self) -> str:
        """The number that a fit names a sample by."""
        return f"sample {self.pk}"


class Fit(LongWork):
    """The fitting of a transform, from request to outcome. A fit that succeeds has one transform, for ever.

    `source`: {"kind": "recorded" | "replay", "as_of": RFC 3339, "days": float, "half_life_days"?: float} or {"kind":
    "sample", "sample": id}. `line`, `refresh`: of what asked for it, where no person did. `sketched`: its events were
    more than are sorted, so that it is made of sketches of its `parts`.
    """

    KIND = "fit"
    ENDS = {"succeeded": AuditAction.FIT_SUCCEEDED, "failed": AuditAction.FIT_FAILED}
    WORK = "models_app.transforms.run.run_fit"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="fits")
    intent = models.ForeignKey(Intent, on_delete=models.CASCADE, related_name="fits")
    predictor = models.ForeignKey(PredictorVersion, on_delete=models.PROTECT, related_name="fits")
    reference = models.ForeignKey(ReferenceDistribution, on_delete=models.PROTECT, related_name="fits")
    source = models.JSONField()
    sketched = models.BooleanField(default=False, db_default=False)  # a former version writes fits without it
    transform = models.OneToOneField(Transform, on_delete=models.CASCADE, null=True, blank=True, related_name="fit")
    line = models.ForeignKey(
        "models_app.ReplacementLine", on_delete=models.SET_NULL, null=True, blank=True, related_name="fits"
    )
    refresh = models.ForeignKey(  # found by its intent, which has few
        "models_app.Refresh", on_delete=models.SET_NULL, null=True, blank=True, related_name="fits", db_index=False
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True)

    objects = ScopedManager(tenant="tenant")

    class Meta(LongWork.Meta):
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="succeeded", transform__isnull=False)
                | (~models.Q(state="succeeded") & models.Q(transform__isnull=True)),
                name="only_a_fit_that_succeeded_has_a_transform",
            )
        ]

    def __str__(self) -> str:
        return f"fit {self.pk}"


class FitPart(LongWork):
    """A sketch of the events of [`start`, `end`), a day of a fit, which any worker makes; gone once the fit has ended.

    `sketch`: as models_app.statistics.sketch has it, of `events` probabilities; none until it has succeeded.
    """

    KIND = "part of a fit"
    WORK = "models_app.transforms.parts.run_part"
    PRIORITY = LATER

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="fit_parts")
    fit = models.ForeignKey(Fit, on_delete=models.CASCADE, related_name="parts")
    start = models.DateTimeField()
    end = models.DateTimeField()
    events = models.PositiveBigIntegerField(default=0)
    sketch = models.BinaryField(null=True, blank=True)

    objects = ScopedManager(tenant="tenant")

    class Meta(LongWork.Meta):
        ordering = ["start"]
        constraints = [
            models.UniqueConstraint(fields=["fit", "start"], name="one_part_of_a_fit_a_day"),
            models.CheckConstraint(
                condition=models.Q(state="succeeded", sketch__isnull=False)
                | (~models.Q(state="succeeded") & models.Q(sketch__isnull=True)),
                name="only_a_part_that_succeeded_has_a_sketch",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d} of {self.fit}"
