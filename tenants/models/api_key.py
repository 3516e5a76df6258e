from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django_scopes import ScopedManager

from tenants.models.history import keep_history
from tenants.models.tenant import Tenant
from tenants.networks import LONGEST, MOST


@keep_history(without=("secret_hash", "last_used_at", "refused_at", "refused_from"))
class ApiKey(models.Model):
    """A client's key, `muse_<prefix>_<secret>`: the prefix finds it, and only a hash of the secret is stored.

    `revoked_at` in the future is a rotation's overlap: the old key works until then, beside the new one. `networks`:
    those that it may be used from, as 192.0.2.0/24; none are any. `refused_at` and `refused_from`: when and from where
    it was last used elsewhere. `quota_per_second`, `quota_per_day`: events that may be scored with it
    in a second and on a day (UTC), beside its tenant's.
    """

    class Scope(models.TextChoices):
        SCORE = "score"
        LABEL = "label"
        READ = "read"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=200)
    prefix = models.CharField(max_length=16, unique=True)
    secret_hash = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=8, choices=Scope.choices))
    networks = ArrayField(models.CharField(max_length=LONGEST), default=list, blank=True, size=MOST)
    quota_per_second = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    quota_per_day = models.PositiveBigIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    refused_from = models.GenericIPAddressField(null=True, blank=True)
    replaces = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="replaced_by")

    objects = ScopedManager(tenant="tenant")

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scopes__contained_by=["score", "label", "read"]) & models.Q(scopes__len__gt=0),
                name="api_key_scopes_are_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} (muse_{self.prefix}_…)"

    @property
    def audit_name(self) -> str:
        """The part of a key that is no secret."""
        return f"muse_{self.prefix}"
