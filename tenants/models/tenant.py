from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django_scopes import ScopedManager

from tenants.models.history import keep_history
from tenants.quiet_hours import check

slug = RegexValidator(
    r"^[a-z0-9][a-z0-9-]{0,62}$", "Use lower-case letters, digits and hyphens; begin with a letter or a digit."
)


@keep_history()
class Tenant(models.Model):
    """A client organisation.

    `quota_per_second`, `quota_per_day`: events that it may have scored in a second, and on a day (UTC); empty is no
    limit. `retention_days`: days since
    their arrival after which its events and labels are deleted; empty means the installation's. `audit_days`: days for
    which entries of its audit trail are kept, where those are more than the installation's. `quiet_hours`: in which
    nobody is told what is not urgent, as tenants/quiet_hours.py has them; people may have hours of their own.
    """

    slug = models.CharField(max_length=63, unique=True, validators=[slug])
    name = models.CharField(max_length=200)
    quota_per_second = models.PositiveIntegerField(null=True, blank=True)
    quota_per_day = models.PositiveBigIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    retention_days = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    audit_days = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    quiet_hours = models.CharField(max_length=80, blank=True, default="", db_default="", validators=[check])
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager(tenant="pk")

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_name(self) -> str:
        """The audit trail names a tenant by its slug, which stays."""
        return self.slug
