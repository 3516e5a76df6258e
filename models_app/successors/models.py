from datetime import timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django_scopes import ScopedManager

from models_app.catalog.models import PredictorVersion
from models_app.changes.models import ChangeRequest
from models_app.work.dispatch import LATER
from models_app.work.models import LongWork
from tenants.audit_terms import AuditAction
from tenants.models import Intent, Tenant
from tenants.models.history import keep_history

_DAYS = (MinValueValidator(1), MaxValueValidator(366))


@keep_history()
class SuccessorPolicy(models.Model):
    """Whether an intent's shadows are tried, and for how long.

    `since`: no trial began before. `set_by`: who proposes the change requests that come of trials.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    intent = models.OneToOneField(Intent, on_delete=models.CASCADE, related_name="successor_policy")
    trial_days = models.FloatField(default=28.0, validators=_DAYS)
    enabled = models.BooleanField(default=True)
    since = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name_plural = "successor policies"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"successor policy of {self.intent}"

    @property
    def audit_name(self) -> str:
        """An intent has one successor policy, so its name says which."""
        return f"successor policy of {self.intent.name}"

    @property
    def length(self) -> timedelta:
        """Of a trial."""
        return timedelta(days=self.trial_days)


class Trial(LongWork):
    """Whether a shadow has beaten what is live on the events of [`begin`, `end`), judged once its labels are mature.

    `live`: the predictor that answered; `shadow`: the one that was tried beside it. `due`: when labels were mature.
    `found`: what labels told, as statistics/trials.py has it. `against`: in sentences, why no more came of it than its
    `outcome` says. `fits`: for the change request, by reference.
    """

    KIND = "trial"
    ENDS = {"succeeded": AuditAction.TRIAL_SUCCEEDED, "failed": AuditAction.TRIAL_FAILED}
    WORK = "models_app.successors.run.run_trial"
    PRIORITY = LATER

    class Outcome(models.TextChoices):
        WAITS = "waits"
        DRAFT = "draft"
        NOT_BETTER = "not better"
        TOO_FEW = "too few labels"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    policy = models.ForeignKey(SuccessorPolicy, on_delete=models.CASCADE, related_name="trials")
    live = models.ForeignKey(PredictorVersion, on_delete=models.PROTECT, related_name="+")
    shadow = models.ForeignKey(PredictorVersion, on_delete=models.PROTECT, related_name="+")
    begin = models.DateTimeField()
    end = models.DateTimeField()
    due = models.DateTimeField()
    found = models.JSONField(default=dict)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, blank=True)
    against = models.JSONField(default=list)
    fits = models.JSONField(default=dict)
    change_request = models.OneToOneField(
        ChangeRequest, on_delete=models.PROTECT, null=True, blank=True, related_name="trial"
    )

    objects = ScopedManager(tenant="tenant")

    class Meta(LongWork.Meta):
        ordering = ["-end", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "shadow", "begin"], name="one_trial_of_a_shadow_at_a_time"),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["", "not better", "too few labels"])
                | models.Q(change_request__isnull=False),
                name="a_trial_that_proposes_has_a_change_request",
            ),
        ]

    def __str__(self) -> str:
        return f"trial {self.pk}"

    @property
    def audit_name(self) -> str:
        """The number that people know a trial by."""
        return f"trial {self.pk}"
