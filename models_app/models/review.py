from django.conf import settings
from django.db import models
from django_scopes import ScopedManager

from models_app.models.change_request import ChangeRequest
from tenants.models import Tenant
from tenants.models.history import keep_history


@keep_history()
class Review(models.Model):
    """What a person said of a change request: of this document and this evidence, and of nothing else.

    An approval is `voided_at` the moment that either changes; it stays on record.
    """

    class Decision(models.TextChoices):
        APPROVE = "approve"
        REJECT = "reject"
        COMMENT = "comment"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="reviews")
    change_request = models.ForeignKey(ChangeRequest, on_delete=models.CASCADE, related_name="reviews")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews")
    decision = models.CharField(max_length=16, choices=Decision.choices)
    text = models.TextField(blank=True)
    document_digest = models.CharField(max_length=64)
    evidence_digest = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_because = models.TextField(blank=True)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["change_request", "person"],
                condition=models.Q(decision="approve", voided_at__isnull=True),
                name="one_valid_approval_of_a_person",
            ),
            models.CheckConstraint(
                condition=models.Q(decision__in=["approve", "reject", "comment"]), name="review_decision_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision} by {self.person}"
