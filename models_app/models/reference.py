from django.conf import settings
from django.db import models

from tenants.models.tenant import slug


class ReferenceDistribution(models.Model):
    """The fixed distribution that scores follow, named and versioned; never changed.

    `parameters`: for a Beta {"a", "b"}, for a curve {"points": [{"score", "alert_rate"}, …]}.
    """

    class Kind(models.TextChoices):
        BETA = "beta", "Beta"
        CURVE = "curve", "curve of target alert rates"

    name = models.CharField(max_length=63, validators=[slug])
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    parameters = models.JSONField()
    notes = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True)

    class Meta:
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="one_reference_of_a_version"),
            models.CheckConstraint(condition=models.Q(kind__in=["beta", "curve"]), name="reference_kind_is_known"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        return f"{self.name}@{self.version}"
