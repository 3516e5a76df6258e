from django.conf import settings
from django.db import models

from tenants.models.tenant import slug


class Versioned(models.Model):
    """What the platform shares by name and version, `cards@4`, and never changes once it is made."""

    name = models.CharField(max_length=63, validators=[slug])
    version = models.PositiveIntegerField()
    notes = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["name", "-version"]

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        return f"{self.name}@{self.version}"
