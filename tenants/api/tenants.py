"""/api/v1/tenants: the client organisations that the caller may see."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import selectors, services
from tenants.api.base import Input, PersonView, TenantView
from tenants.filters import TenantFilters
from tenants.models import Tenant
from tenants.models.tenant import slug
from tenants.roles import Permission

MAX_QUOTA = 1_000_000
MAX_DAY_QUOTA = 100_000_000_000
MAX_RETENTION = 36_500


class TenantBody(serializers.ModelSerializer[Tenant]):
    class Meta:
        model = Tenant
        fields = [
            "id", "slug", "name", "quota_per_second", "quota_per_day", "retention_days", "audit_days", "quiet_hours",
            "created_at",
        ]  # fmt: skip


class TenantParts(Input):
    name = serializers.CharField(max_length=200)
    quota_per_second = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=MAX_QUOTA, help_text="Events a second; null: no limit."
    )
    quota_per_day = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MAX_DAY_QUOTA,
        help_text="Events a day (UTC); null: no limit.",
    )
    retention_days = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MAX_RETENTION,
        help_text="Days after which events and labels are deleted; null: the installation's.",
    )
    audit_days = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MAX_RETENTION,
        help_text="Days for which audit entries are kept, if more than the installation's; null: the installation's.",
    )


class ChangeTenant(TenantParts):
    quiet_hours = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=80,
        help_text="In which nobody is told what is not urgent, as `22:00-07:00 Europe/Berlin`; empty: none.",
    )


class CreateTenant(TenantParts):
    slug = serializers.CharField(max_length=63, validators=[slug])


class Tenants(PersonView):
    """Everybody lists the tenants in which they hold a role; admins of the platform make new ones."""

    permissions = {"GET": None, "POST": Permission.MANAGE_PLATFORM}
    filters = TenantFilters

    @extend_schema(responses=TenantBody(many=True))
    def get(self, request: Request) -> Response:
        return self.page(selectors.tenants(), TenantBody)

    @extend_schema(request=CreateTenant, responses={201: TenantBody})
    def post(self, request: Request) -> Response:
        tenant = services.create_tenant(**self.body(CreateTenant), actor=self.person)
        return Response(TenantBody(tenant).data, status=201)


class TenantDetail(TenantView):
    """One tenant."""

    permissions = {"GET": Permission.VIEW, "PATCH": Permission.MANAGE_TENANT}

    @extend_schema(responses=TenantBody)
    def get(self, request: Request, tenant: str) -> Response:
        return Response(TenantBody(self.tenant).data)

    @extend_schema(request=ChangeTenant, responses=TenantBody)
    def patch(self, request: Request, tenant: str) -> Response:
        """Change the name and the quiet hours, or (admins of the platform) the quota and the retention."""
        changes = self.body(ChangeTenant, partial=True)
        changed = services.change_tenant(tenant=self.tenant, changes=changes, actor=self.person)
        return Response(TenantBody(changed).data)
