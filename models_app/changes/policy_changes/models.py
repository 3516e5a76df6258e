from django.conf import settings
from django.db import models
from django_scopes import ScopedManager

from tenants.models import Tenant


class PolicyChange(models.Model):
    """A change of what decides which change requests pass: asked for by one person, agreed to by another.

    `kind` and `subject` say what it is of: the tenant's review policy; how an intent's evidence judges (`subject` is
    the intent's name); a person's role (`subject` is their e-mail address; without a tenant, the role is for the whole
    platform). `before` and `after` hold the fields that differ, as they were when it was written and as they would be.
    What was asked for never changes; `answer` is what was said by who decided.
    """

    class Kind(models.TextChoices):
        POLICY = "review policy"
        JUDGEMENT = "evidence settings"
        ROLE = "role"

    class State(models.TextChoices):
        OPEN = "open"
        APPROVED = "approved"
        REJECTED = "rejected"
        WITHDRAWN = "withdrawn"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, null=True, blank=True, related_name="policy_changes")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=32, choices=Kind.choices)
    subject = models.CharField(max_length=254, blank=True)
    before = models.JSONField()
    after = models.JSONField()
    reason = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "number"], name="one_policy_change_of_a_number", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["review policy", "evidence settings", "role"]),
                name="policy_change_kind_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", decided_at__isnull=True, decided_by__isnull=True)
                | models.Q(
                    state__in=["approved", "rejected", "withdrawn"], decided_at__isnull=False, decided_by__isnull=False
                ),
                name="policy_change_is_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"policy change {self.number} of {self.tenant or 'the platform'}"
