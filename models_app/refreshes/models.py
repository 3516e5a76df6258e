from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django_scopes import ScopedManager

from models_app.changes.models import ChangeRequest
from models_app.transforms.source import LEAST_HALF_LIFE, MAX_HALF_LIFE
from models_app.work.dispatch import LATER
from models_app.work.models import LongWork
from tenants.audit_terms import AuditAction
from tenants.models import Intent, Tenant
from tenants.models.history import keep_history

_DAYS = (MinValueValidator(1), MaxValueValidator(366))
_HALF_LIFE = (MinValueValidator(LEAST_HALF_LIFE), MaxValueValidator(MAX_HALF_LIFE))


@keep_history()
class RefreshPolicy(models.Model):
    """How often an intent's live transforms are fitted anew, and on which events.

    Each refresh takes the `window_days` before it is due; with `half_life_days`, an event counts half as much as one
    that came so many days later. `since`: nothing that was due before is made up for. `set_by`: who proposes the change
    requests that come of it.
    """

    class Schedule(models.TextChoices):
        HOURLY = "hourly"
        DAILY = "daily"
        WEEKLY = "weekly"
        MONTHLY = "monthly"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="refresh_policies")
    intent = models.OneToOneField(Intent, on_delete=models.CASCADE, related_name="refresh_policy")
    schedule = models.CharField(max_length=16, choices=Schedule.choices, default=Schedule.DAILY)
    window_days = models.FloatField(default=28.0, validators=_DAYS)
    half_life_days = models.FloatField(null=True, blank=True, validators=_HALF_LIFE)
    enabled = models.BooleanField(default=True)
    since = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name_plural = "refresh policies"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(schedule__in=["hourly", "daily", "weekly", "monthly"]),
                name="refresh_schedule_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"refresh policy of {self.intent}"

    @property
    def audit_name(self) -> str:
        """An intent has one refresh policy, so its name says which."""
        return f"refresh policy of {self.intent.name}"


class Refresh(LongWork):
    """An intent's transforms fitted anew once, as was due at a time; what comes of it is a change request.

    `refused`: in sentences, why no more came of it than its `outcome` says. `held_back_by`: incidents, by their ids.
    """

    KIND = "refresh"
    ENDS = {"succeeded": AuditAction.REFRESH_SUCCEEDED, "failed": AuditAction.REFRESH_FAILED}
    WORK = "models_app.refreshes.run.run_refresh"
    PRIORITY = LATER

    class Outcome(models.TextChoices):
        WAITS = "waits"
        DRAFT = "draft"
        LIVE = "live"
        TAKEN_BACK = "taken back"
        HELD_BACK = "held back"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="refreshes")
    policy = models.ForeignKey(RefreshPolicy, on_delete=models.CASCADE, related_name="refreshes")
    due = models.DateTimeField()
    outcome = models.CharField(max_length=16, choices=Outcome.choices, blank=True)
    refused = models.JSONField(default=list)
    held_back_by = models.JSONField(default=list, db_default=[])  # a former version makes refreshes without it
    change_request = models.OneToOneField(
        ChangeRequest, on_delete=models.PROTECT, null=True, blank=True, related_name="refresh"
    )

    objects = ScopedManager(tenant="tenant")

    class Meta(LongWork.Meta):
        verbose_name_plural = "refreshes"
        ordering = ["-due", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "due"], name="one_refresh_at_a_time_when_it_is_due"),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["", "held back"]) | models.Q(change_request__isnull=False),
                name="a_refresh_that_proposes_has_a_change_request",
            ),
        ]

    def __str__(self) -> str:
        return f"refresh {self.pk}"

    @property
    def audit_name(self) -> str:
        """The number that people know a refresh by."""
        return f"refresh {self.pk}"
