from django.conf import settings
from django.db import models
from django_scopes import ScopedManager

from models_app.changes.models import ChangeRequest
from models_app.work.models import LongWork
from tenants.audit_terms import AuditAction
from tenants.models import Tenant
from tenants.models.history import keep_history


@keep_history(without=("progress", "log", "result", "verdict_details", "figures", "past_weeks", "attempt", "alive_at"))
class Evidence(LongWork):
    """What a change request would do, computed once on the recorded events of [`start`, `end`) by `occurred_at`.

    It speaks of one proposed document and of one that is live (`live_digest`, "" where nothing is). `result` is
    canonical JSON text of models_app.statistics.evidence.stored, kept as text so that `digest` (its SHA-256) stays
    true; `verdict_details` is the verdict in it as a value, for lists, which do not read it all; None where a former
    version has kept the sentence alone. `figures` are Plotly JSON by name. `risk_rose`: at some live threshold,
    whatever the verdict; who approves answers for it. `past_weeks`: by intent, how each past week's alert rates lay
    from those of the weeks before it, as models_app.statistics.drift has it. `labels_as_of`: when it was asked for anew
    because labels had come; the age from which labels count is reckoned to then. None: to the end of the window.
    """

    KIND = "evidence"
    ENDS = {"succeeded": AuditAction.EVIDENCE_SUCCEEDED, "failed": AuditAction.EVIDENCE_FAILED}
    WORK = "models_app.changes.evidence.run.compute_evidence"

    class Verdict(models.TextChoices):
        PASS = "pass"
        REPAIRS = "repairs"
        FAIL = "fail"
        NOT_ENOUGH = "not enough events", "not enough events"

    GOOD = (Verdict.PASS, Verdict.REPAIRS)  # what may go live without a reason

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="evidence")
    change_request = models.ForeignKey(ChangeRequest, on_delete=models.CASCADE, related_name="evidence")
    document_digest = models.CharField(max_length=64)
    live_digest = models.CharField(max_length=64, blank=True)
    start = models.DateTimeField()
    end = models.DateTimeField()
    labels_as_of = models.DateTimeField(null=True, blank=True)
    result = models.TextField(blank=True)
    digest = models.CharField(max_length=64, blank=True)
    verdict = models.CharField(max_length=32, choices=Verdict.choices, blank=True)
    sentence = models.TextField(blank=True)
    verdict_details = models.JSONField(null=True, blank=True)
    figures = models.JSONField(default=dict)
    past_weeks = models.JSONField(default=dict)
    risk_rose = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = ScopedManager(tenant="tenant")

    class Meta(LongWork.Meta):
        verbose_name_plural = "evidence"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="succeeded", verdict__in=["pass", "repairs", "fail", "not enough events"])
                | (~models.Q(state="succeeded") & models.Q(verdict="", digest="")),
                name="only_evidence_that_succeeded_has_a_verdict",
            )
        ]

    @property
    def is_good(self) -> bool:
        return self.verdict in self.GOOD

    def __str__(self) -> str:
        return f"evidence {self.pk}"

    @property
    def audit_name(self) -> str:
        """By the number of its change request, for people know no other."""
        return f"evidence of change request {self.change_request.number}"
