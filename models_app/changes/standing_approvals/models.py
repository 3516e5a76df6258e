import hashlib
import json

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django_scopes import ScopedManager

from models_app.catalog.models import PredictorVersion, ReferenceDistribution
from models_app.statistics.evidence.gates import tolerance_of
from tenants.models import Intent, Tenant
from tenants.models.history import keep_history

_SHARE = (MinValueValidator(0.001), MaxValueValidator(0.5))
_ALERTS = (MinValueValidator(0.0), MaxValueValidator(1000.0))


@keep_history()
class StandingApproval(models.Model):
    """Bounds within which refreshes of an intent go live without an approval of their own, until a time.

    Only new transforms of this predictor to this reference do. `rate_tolerance`: by how much, as a share, any declared
    alert rate may move, and so how closely a fit's events must know it; `alerts_a_day`: so many alerts a day it may
    always move by, for where alerts are so few that chance moves them more; `mapping_tolerance`: by how much the score
    of any probability may. It holds while as many people as the review policy needs have approved its `digest`, and it
    is neither revoked nor over. `edited_by`: whose the latest `revision` is. `ended_because`: why it was revoked;
    `ended_by` None is the platform itself.
    """

    class State(models.TextChoices):
        OPEN = "open"
        REVOKED = "revoked"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="standing_approvals")
    number = models.PositiveIntegerField()
    intent = models.ForeignKey(Intent, on_delete=models.CASCADE, related_name="standing_approvals")
    predictor = models.ForeignKey(PredictorVersion, on_delete=models.PROTECT, related_name="+")
    reference = models.ForeignKey(ReferenceDistribution, on_delete=models.PROTECT, related_name="+")
    rate_tolerance = models.FloatField(validators=_SHARE)
    alerts_a_day = models.FloatField(default=0.0, db_default=0.0, validators=_ALERTS)
    mapping_tolerance = models.FloatField(validators=_SHARE)
    until = models.DateTimeField()
    reason = models.TextField()
    revision = models.PositiveIntegerField(default=1)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.TextField(blank=True)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="one_standing_approval_of_a_number"),
            models.CheckConstraint(
                condition=models.Q(
                    rate_tolerance__gt=0, rate_tolerance__lte=0.5, mapping_tolerance__gt=0, mapping_tolerance__lte=0.5
                ),
                name="standing_approval_bounds_are_shares",
            ),
            models.CheckConstraint(
                condition=models.Q(alerts_a_day__gte=0, alerts_a_day__lte=1000),
                name="standing_approval_alerts_are_a_number",
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", ended_at__isnull=True)
                | models.Q(state="revoked", ended_at__isnull=False),
                name="standing_approval_says_when_it_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"standing approval {self.number} of {self.tenant}"

    @property
    def audit_name(self) -> str:
        """The number that people know it by; the entry has the tenant beside it."""
        return f"standing approval {self.number}"

    def allowed(self, rate: float, events_a_day: float) -> float:
        """By how much an alert rate may move, as a share of it, where so many events come."""
        return tolerance_of(self.rate_tolerance, self.alerts_a_day, events_a_day, rate)

    @property
    def or_alerts(self) -> str:
        """As ` or 2 alerts a day`, to follow on the share; empty where the share alone counts."""
        return f" or {self.alerts_a_day:g} alerts a day" if self.alerts_a_day else ""

    @property
    def digest(self) -> str:
        """Of all that is approved with it: whatever of it is changed, by whatever way, nobody has approved that."""
        bounds = {
            "number": self.number,
            "revision": self.revision,
            "intent": self.intent_id,
            "predictor": self.predictor_id,
            "reference": self.reference_id,
            "rate_tolerance": self.rate_tolerance,
            "mapping_tolerance": self.mapping_tolerance,
            "until": self.until.timestamp(),
        }
        if self.alerts_a_day:  # without, what was approved before there was such a bound stays what it was
            bounds["alerts_a_day"] = self.alerts_a_day
        return hashlib.sha256(json.dumps(bounds, sort_keys=True).encode()).hexdigest()


@keep_history()
class BoundsApproval(models.Model):
    """That a person has approved the bounds of a standing approval, as this digest has them."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    standing_approval = models.ForeignKey(StandingApproval, on_delete=models.CASCADE, related_name="approvals")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    text = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["standing_approval", "person", "digest"], name="one_approval_of_bounds_of_a_person"
            )
        ]

    def __str__(self) -> str:
        return f"approval of {self.standing_approval} by {self.person}"
