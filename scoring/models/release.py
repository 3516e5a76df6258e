from django.conf import settings
from django.db import models
from django_scopes import ScopedManager

from tenants.models import Tenant
from tenants.models.history import keep_history


@keep_history(without=("document",))
class Release(models.Model):
    """An immutable, numbered snapshot of all that a tenant is served with.

    `document` is canonical text (scoring.engine.document), kept as text so that its digest stays true.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="releases")
    number = models.PositiveIntegerField()
    document = models.TextField()
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField(auto_now_add=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True)
    reason = models.TextField()
    republishes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        ordering = ["tenant_id", "-number"]
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="one_release_of_a_number_in_tenant")]

    def __str__(self) -> str:
        return f"release {self.number} of {self.tenant}"

    @property
    def audit_name(self) -> str:
        """The audit trail names a release by its number; the entry has the tenant beside it."""
        return f"release {self.number}"


@keep_history()
class CurrentRelease(models.Model):
    """The pointer to what a tenant is served with now."""

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, primary_key=True, related_name="current")
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="+")

    objects = ScopedManager(tenant="tenant")

    def __str__(self) -> str:
        return str(self.release)
