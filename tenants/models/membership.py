from django.conf import settings
from django.db import models
from django_scopes import ScopedManager

from tenants.models.history import keep_history
from tenants.models.tenant import Tenant
from tenants.roles import Role


@keep_history()
class Membership(models.Model):
    """A role that a person holds: for one tenant, or for the whole platform where `tenant` is empty."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, null=True, blank=True, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "tenant"], name="one_role_for_person_and_tenant", nulls_distinct=False
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.role} of {self.tenant or 'the platform'}"
