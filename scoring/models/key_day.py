from django.db import models
from django_scopes import ScopedManager

from tenants.models import ApiKey, Tenant


class KeyDay(models.Model):
    """How many events were let in with a key on one day (UTC), be they good or not: for quotas of events a day."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    events = models.PositiveBigIntegerField(default=0)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "day"], name="one_row_of_a_key_and_day")]
        indexes = [models.Index(fields=["day"], name="scoring_keyday_day_idx")]

    def __str__(self) -> str:
        return f"{self.key_id} {self.day:%Y-%m-%d}"
