from django.conf import settings
from django.db import models
from django_scopes import ScopedManager

from models_app.catalog.models import PredictorVersion
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from models_app.work.dispatch import LATER
from models_app.work.models import LongWork
from tenants.audit_terms import AuditAction
from tenants.models import Tenant


class Replacement(models.Model):
    """One act for many tenants: wherever `replaced` answers, `predictor` is to, by a change request in each tenant.

    `source`: {"kind": "recorded" | "replay" | "either", "days", "as_of", "half_life_days"?}: of which events transforms
    are fitted.
    """

    title = models.CharField(max_length=200)
    reason = models.TextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="replacements"
    )
    replaced = models.ForeignKey(PredictorVersion, on_delete=models.PROTECT, related_name="+")
    predictor = models.ForeignKey(PredictorVersion, on_delete=models.PROTECT, related_name="replacements")
    source = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "models_app_proposal"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"replacement {self.pk}"

    @property
    def audit_name(self) -> str:
        """The title that people know a replacement by."""
        return f"replacement “{self.title}”"


class ReplacementLine(LongWork):
    """A tenant's part of a replacement, from request to change request.

    `intents`: names of those in which the predictor is replaced. A line that succeeds has a change request with
    evidence, and its `verdict`; one that fails says why in `error`, and has the verdict “not enough events” where it
    is for want of them.
    """

    KIND = "replacement line"
    ENDS = {"succeeded": AuditAction.PROPOSAL_LINE_SUCCEEDED, "failed": AuditAction.PROPOSAL_LINE_FAILED}
    WORK = "models_app.replacements.run.run_line"
    PRIORITY = LATER

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="replacement_lines")
    replacement = models.ForeignKey(
        Replacement, on_delete=models.CASCADE, related_name="lines", db_column="proposal_id"
    )
    intents = models.JSONField()
    verdict = models.CharField(max_length=32, choices=Evidence.Verdict.choices, blank=True)
    change_request = models.OneToOneField(
        ChangeRequest, on_delete=models.PROTECT, null=True, blank=True, related_name="replacement_line"
    )

    objects = ScopedManager(tenant="tenant")

    class Meta(LongWork.Meta):
        db_table = "models_app_proposalline"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["replacement", "tenant"], name="one_line_of_a_tenant_in_a_replacement"),
            models.CheckConstraint(
                condition=~models.Q(state="succeeded")
                | (models.Q(change_request__isnull=False) & ~models.Q(verdict="")),
                name="a_line_that_succeeded_has_a_change_request",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.replacement} for {self.tenant}"

    @property
    def audit_name(self) -> str:
        """The name in the audit trail: the title of the replacement. The entry names the tenant separately."""
        return f"{self.replacement.audit_name} for {self.tenant}"
