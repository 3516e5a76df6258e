from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django_scopes import ScopedManager

from scoring.models import Release
from tenants.models import Tenant
from tenants.models.history import keep_history
from tenants.roles import Role


@keep_history(without=("document", "updated_at"))
class ChangeRequest(models.Model):
    """A proposed release with its reason and its fate; evidence and reviews are bound to its `digest`.

    `routes`: intent → routes, for the intents that change, as its author wrote them. `republishes`: the earlier release
    that it wants back instead. `document`: what would be served, compiled from them over `based_on`, the release that
    was live then. `revision` grows with each edit, `edited_by` is whose the latest is. `gate_reason`: why it may be
    published though the evidence does not speak for it. `failure`: why it was undone by itself.
    `standing_approval`: on the ground of which it went live, instead of approvals of its own.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        IN_REVIEW = "in review"
        APPROVED = "approved"
        PUBLISHED = "published"
        REJECTED = "rejected"
        WITHDRAWN = "withdrawn"
        EXPIRED = "expired"
        ROLLED_BACK = "rolled back"

    OPEN = (State.DRAFT, State.IN_REVIEW, State.APPROVED)

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="change_requests")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    title = models.CharField(max_length=200)
    reason = models.TextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="change_requests"
    )
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    routes = models.JSONField(default=dict)
    republishes = models.ForeignKey(Release, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    based_on = models.ForeignKey(Release, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    document = models.TextField()
    digest = models.CharField(max_length=64)
    revision = models.PositiveIntegerField(default=1)
    gate_reason = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    release = models.OneToOneField(
        Release, on_delete=models.PROTECT, null=True, blank=True, related_name="change_request"
    )
    failure = models.TextField(blank=True)
    standing_approval = models.ForeignKey(
        "models_app.StandingApproval",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="change_requests",
        db_index=False,  # it is looked up from here alone
    )

    objects = ScopedManager(tenant="tenant")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "expires_at"])]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="one_change_request_of_a_number_in_tenant"),
            models.CheckConstraint(
                condition=models.Q(state__in=["published", "rolled back"], release__isnull=False)
                | (~models.Q(state__in=["published", "rolled back"]) & models.Q(release__isnull=True)),
                name="only_a_published_change_request_has_a_release",
            ),
        ]

    def __str__(self) -> str:
        return f"change request {self.number} of {self.tenant}"


@keep_history()
class Review(models.Model):
    """What a person said of a change request: of this document and this evidence, and of nothing else.

    `risk_answer`: why an approver wants it although risk rose. An approval is `voided_at` the moment that either
    changes; it stays on record.
    """

    class Decision(models.TextChoices):
        APPROVE = "approve"
        REJECT = "reject"
        COMMENT = "comment"

    # An approval that nothing has voided. Whether it counts, its giver decides too: models_app.changes.approvers.
    GIVEN: ClassVar[dict[str, Any]] = {"decision": Decision.APPROVE, "voided_at": None}

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="reviews")
    change_request = models.ForeignKey(ChangeRequest, on_delete=models.CASCADE, related_name="reviews")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews")
    decision = models.CharField(max_length=16, choices=Decision.choices)
    text = models.TextField(blank=True)
    risk_answer = models.TextField(blank=True)
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

    @property
    def is_given(self) -> bool:
        """Whether it is one of GIVEN."""
        return all(getattr(self, field) == value for field, value in self.GIVEN.items())


@keep_history()
class ReviewPolicy(models.Model):
    """What a tenant asks of a change before it is served. A tenant without a row goes by the defaults.

    `tolerance`: by how much a change may move an alert rate, as a share of it; `tolerances`: the same for single
    thresholds, by "<intent>/<threshold>". `segment_tolerance`: by how much that of a segment may move beside the whole
    intent's, or `tolerance` where that is more. `alerts_a_day`: so many alerts a day it may always move by, for where
    alerts are so few that a share of them is less than one. `risk_tolerance`: by how much, as a share, events at or
    above the probability of a live threshold may be more than they were before who approves must answer for it.
    `recall_tolerance`: by how much the share of labelled fraud that a threshold catches may fall; None: labels do not
    gate. `second_factor`: whether who decides must have shown one since they logged in.
    """

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, primary_key=True, related_name="review_policy")
    approvals_needed = models.PositiveSmallIntegerField(default=1)
    approver_role = models.CharField(
        max_length=16, choices=[(Role.APPROVER, "approver"), (Role.ADMIN, "admin")], default=Role.APPROVER
    )
    tolerance = models.FloatField(default=0.1)
    tolerances = models.JSONField(default=dict, blank=True)
    alerts_a_day = models.FloatField(default=0.0)
    risk_tolerance = models.FloatField(default=0.2)
    segment_tolerance = models.FloatField(default=0.1)
    recall_tolerance = models.FloatField(null=True, blank=True)
    expires_after_days = models.PositiveSmallIntegerField(default=14)
    evidence_days = models.PositiveSmallIntegerField(default=14)
    publish_when_approved = models.BooleanField(default=True)
    second_factor = models.BooleanField(default=False, db_default=False)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name_plural = "review policies"
        constraints = [
            models.CheckConstraint(condition=models.Q(approvals_needed__range=(1, 9)), name="policy_needs_an_approval"),
            models.CheckConstraint(
                condition=models.Q(tolerance__gt=0, tolerance__lte=1), name="policy_tolerance_is_a_share"
            ),
            models.CheckConstraint(condition=models.Q(alerts_a_day__gte=0), name="policy_alerts_a_day_are_a_number"),
            models.CheckConstraint(
                condition=models.Q(risk_tolerance__gte=0, risk_tolerance__lte=10),
                name="policy_risk_tolerance_is_a_share",
            ),
            models.CheckConstraint(
                condition=models.Q(segment_tolerance__gt=0, segment_tolerance__lte=10),
                name="policy_segment_tolerance_is_a_share",
            ),
            models.CheckConstraint(
                condition=models.Q(recall_tolerance__isnull=True)
                | models.Q(recall_tolerance__gt=0, recall_tolerance__lte=1),
                name="policy_recall_tolerance_is_a_share",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_after_days__range=(1, 365), evidence_days__range=(1, 365)),
                name="policy_days_are_within_a_year",
            ),
            models.CheckConstraint(condition=models.Q(approver_role__in=["approver", "admin"]), name="policy_role"),
        ]

    def __str__(self) -> str:
        return f"review policy of {self.tenant}"

    @property
    def audit_name(self) -> str:
        """A tenant has one policy, so its slug names it."""
        return self.tenant.slug

    def tolerance_of(self, intent: str, threshold: str) -> float:
        return float(self.tolerances.get(f"{intent}/{threshold}", self.tolerance))
