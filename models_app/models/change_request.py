from django.conf import settings
from django.db import models
from django_scopes import ScopedManager

from scoring.models import Release
from tenants.models import Tenant
from tenants.models.history import keep_history


@keep_history(without=("document", "updated_at"))
class ChangeRequest(models.Model):
    """A proposed release with its reason and its fate; evidence and reviews are bound to its `digest`.

    `routes`: intent → routes, for the intents that change, as its author wrote them. `republishes`: the earlier release
    that it wants back instead. `document`: what would be served, compiled from them over `based_on`, the release that
    was live then. `revision` grows with each edit, `edited_by` is whose the latest is. `gate_reason`: why it may be
    published though the evidence does not speak for it. `failure`: why it was undone by itself.
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
