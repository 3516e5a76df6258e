from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django_scopes import ScopedManager

from tenants.models.tenant import Tenant


class AuditEntry(models.Model):
    """One act of a person or of the platform itself: who, when, what, why and from where. Rows are only ever added.

    `act` and `subject_type` are of tenants.audit_terms. The row that it was done to is `subject_type` and `subject_id`
    (its primary key), for as long as it exists; `subject` is how it was called then, for people to read. Of entries
    older than these two, some name no row: their type is empty.
    `request` and `origin`: what it was a part of (tenants.origin); rows of history with this origin are what it wrote.
    `link` and `hash` chain a tenant's entries, and those of no tenant, in the order in which they were written
    (tenants.audit_chain); the database sets them.
    """

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True)
    # What happened stays on record when its tenant is erased, hence no constraint.
    tenant = models.ForeignKey(
        Tenant, on_delete=models.DO_NOTHING, null=True, blank=True, db_constraint=False, related_name="audit_entries"
    )
    act = models.CharField(max_length=64)
    subject = models.CharField(max_length=200)
    subject_type = models.CharField(max_length=32, blank=True, default="", db_default="")
    subject_id = models.BigIntegerField(null=True, blank=True)
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    address = models.GenericIPAddressField(null=True, blank=True)
    request = models.CharField(max_length=200, blank=True)
    origin = models.UUIDField(null=True, blank=True)
    link = models.PositiveBigIntegerField(editable=False)
    hash = models.CharField(max_length=64, editable=False)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ["-id"]  # as they were written
        indexes = [
            models.Index(fields=["tenant", "-id"], name="audit_of_tenant"),
            models.Index(fields=["subject_type", "subject_id"], name="audit_of_subject"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "link"], name="one_audit_entry_of_a_link", nulls_distinct=False),
            models.CheckConstraint(
                condition=models.Q(subject_type="", subject_id__isnull=True)
                | (~models.Q(subject_type="") & models.Q(subject_id__isnull=False)),
                name="audit_subject_has_both_type_and_id",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.act} {self.subject}"
