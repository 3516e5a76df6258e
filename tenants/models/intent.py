from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django_scopes import ScopedManager

from tenants.models.history import keep_history
from tenants.models.tenant import Tenant, slug


@keep_history(without=("changed_at",))
class Intent(models.Model):
    """What a tenant wants scored, as the next release will have it.

    `features`, `context`, `thresholds` hold the parts of the release document of the same names
    (scoring.engine.document), which check them on the way in. `fall_back_to_previous` and `fallback_score` are what
    answers where a live predictor fails, in this order (models_app.releases.fallbacks). `entity` to `segment_features`
    are how its evidence judges, from the next evidence on; no release has them. `segment_features`: None for the usual
    ones.
    """

    class Keep(models.TextChoices):
        ALL = "all"
        LISTED = "listed"
        NONE = "none"

    class Unlabelled(models.TextChoices):
        UNKNOWN = "unknown"
        NEGATIVE = "negative"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="intents")
    name = models.CharField(max_length=63, validators=[slug])
    description = models.TextField(blank=True)
    features = models.JSONField()
    context = models.JSONField(default=list, blank=True)
    thresholds = models.JSONField(default=list, blank=True)
    keep_features = models.CharField(max_length=8, choices=Keep.choices, default=Keep.ALL)
    kept_features = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    idempotency_seconds = models.PositiveIntegerField(default=3600)
    fall_back_to_previous = models.BooleanField(default=False, db_default=False)
    fallback_score = models.FloatField(
        null=True, blank=True, default=None, validators=[MinValueValidator(0.0), MaxValueValidator(1.0)]
    )
    entity = models.CharField(max_length=200, blank=True, default="", db_default="")
    amount = models.CharField(max_length=200, blank=True, default="", db_default="")
    label_maturity_days = models.PositiveIntegerField(default=0, db_default=0, validators=[MaxValueValidator(3650)])
    unlabelled_means = models.CharField(
        max_length=8, choices=Unlabelled.choices, default=Unlabelled.UNKNOWN, db_default=Unlabelled.UNKNOWN
    )
    segment_features = ArrayField(models.CharField(max_length=200), null=True, blank=True, default=None)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        ordering = ["tenant_id", "name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="one_intent_of_a_name_in_tenant"),
            models.CheckConstraint(
                condition=models.Q(keep_features__in=["all", "listed", "none"]), name="intent_keep_features_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(unlabelled_means__in=["unknown", "negative"]),
                name="intent_unlabelled_means_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name
