"""/api/v1/audit and /api/v1/tenants/{tenant}/audit: what was done, by whom, when and why."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import selectors
from tenants.api.base import ActView, TenantView
from tenants.models import AuditEntry
from tenants.roles import Act


class AuditBody(serializers.ModelSerializer[AuditEntry]):
    person = serializers.EmailField(
        source="person.email", default=None, allow_null=True, help_text="Null: the platform itself."
    )
    tenant = serializers.SerializerMethodField(help_text="Null: no single tenant; or one that has been erased.")

    class Meta:
        model = AuditEntry
        fields = ["id", "at", "person", "tenant", "act", "subject", "reason", "details", "address"]

    def get_tenant(self, entry: AuditEntry) -> str | None:
        return entry.tenant.slug if entry.tenant else None


class TenantAudit(TenantView):
    """The audit trail of one tenant, newest first."""

    acts = {"GET": Act.VIEW}

    @extend_schema(responses=AuditBody(many=True))
    def get(self, request: Request, tenant: str) -> Response:
        return self.page(selectors.audit_trail(self.tenant), AuditBody)


class PlatformAudit(ActView):
    """The audit trail of everything, newest first."""

    acts = {"GET": Act.VIEW_SHARED}
    shared = True

    @extend_schema(responses=AuditBody(many=True))
    def get(self, request: Request) -> Response:
        return self.page(selectors.audit_trail(), AuditBody)
