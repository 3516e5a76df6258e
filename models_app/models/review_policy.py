from django.db import models
from django_scopes import ScopedManager

from tenants.models import Tenant
from tenants.models.history import keep_history
from tenants.roles import Role


@keep_history()
class ReviewPolicy(models.Model):
    """What a tenant asks of a change before it is served. A tenant without a row goes by the defaults.

    `tolerance`: by how much a change may move an alert rate, as a share of it; `tolerances`: the same for single
    thresholds, by "<intent>/<threshold>".
    """

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, primary_key=True, related_name="review_policy")
    approvals_needed = models.PositiveSmallIntegerField(default=1)
    approver_role = models.CharField(
        max_length=16, choices=[(Role.APPROVER, "approver"), (Role.ADMIN, "admin")], default=Role.APPROVER
    )
    tolerance = models.FloatField(default=0.1)
    tolerances = models.JSONField(default=dict, blank=True)
    expires_after_days = models.PositiveSmallIntegerField(default=14)
    evidence_days = models.PositiveSmallIntegerField(default=14)
    publish_when_approved = models.BooleanField(default=True)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name_plural = "review policies"
        constraints = [
            models.CheckConstraint(condition=models.Q(approvals_needed__range=(1, 9)), name="policy_needs_an_approval"),
            models.CheckConstraint(
                condition=models.Q(tolerance__gt=0, tolerance__lte=1), name="policy_tolerance_is_a_share"
            ),
            models.CheckConstraint(
                condition=models.Q(expires_after_days__range=(1, 365), evidence_days__range=(1, 365)),
                name="policy_days_are_within_a_year",
            ),
            models.CheckConstraint(condition=models.Q(approver_role__in=["approver", "admin"]), name="policy_role"),
        ]

    def __str__(self) -> str:
        return f"review policy of {self.tenant}"

    def tolerance_of(self, intent: str, threshold: str) -> float:
        return float(self.tolerances.get(f"{intent}/{threshold}", self.tolerance))
