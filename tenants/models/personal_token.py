from django.conf import settings
from django.db import models

from tenants.models.history import keep_history


@keep_history(without=("secret_hash", "last_used_at"))
class PersonalToken(models.Model):
    """A person's token for the control plane's API, `musep_<prefix>_<secret>`: it may do what the person may."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=200)
    prefix = models.CharField(max_length=16, unique=True)
    secret_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.name} (musep_{self.prefix}_…)"
