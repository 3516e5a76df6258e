"""/api/v1/audit and /api/v1/tenants/{tenant}/audit: what was done, by whom, when, why and from where; as files too."""

from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import selectors
from tenants.api.base import Input, PersonView, TenantView
from tenants.api.times import DayOrMoment
from tenants.audit_export import COLUMNS, FORMS, export
from tenants.audit_search import PLATFORM, AuditSearch
from tenants.audit_terms import SubjectType
from tenants.models import AuditEntry
from tenants.roles import Permission

FILES = {(200, media_type.split(";")[0]): OpenApiTypes.STR for media_type, _, _ in FORMS.values()}


class AuditBody(serializers.ModelSerializer[AuditEntry]):
    person = serializers.EmailField(
        source="person.email", default=None, allow_null=True, help_text="Null: the platform itself."
    )
    tenant = serializers.SerializerMethodField(help_text="Null: no single tenant; or one that has been erased.")

    class Meta:
        model = AuditEntry
        fields = COLUMNS
        extra_kwargs = {
            "subject": {"help_text": "How it was called then."},
            "subject_type": {"help_text": "What it was done to. Empty: an old entry, which has its `subject` alone."},
            "link": {"help_text": "Its place in the chain of the tenant's entries, or of those of no tenant."},
            "hash": {"help_text": "Covers the entry and the hash of the one before it."},
            "subject_id": {"help_text": "Its primary key, for as long as it exists."},
        }

    def get_tenant(self, entry: AuditEntry) -> str | None:
        return entry.tenant.slug if entry.tenant else None


class AuditQuery(Input):
    q = serializers.CharField(required=False, allow_blank=True, help_text="Words in act, subject, reason or person.")
    person = serializers.CharField(
        required=False, allow_blank=True, help_text=f"An e-mail address, or `{PLATFORM}` for what the platform did."
    )
    act = serializers.CharField(required=False, allow_blank=True, help_text="As entries name it: `publish`.")
    subject_type = serializers.ChoiceField(SubjectType.values, required=False, help_text="What it was done to.")
    subject_id = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1, help_text="Its key.")
    since = DayOrMoment(required=False, help_text="A moment or a day (UTC), which counts.")
    until = DayOrMoment(required=False, whole=True, help_text="A moment, which does not count, or a day, which does.")


class ExportQuery(AuditQuery):
    form = serializers.ChoiceField(list(FORMS), default="csv", help_text="`jsonl`: a JSON object on each line.")


def search_for(query: dict[str, Any], kind: type[AuditQuery] = AuditQuery) -> tuple[AuditSearch, dict[str, Any]]:
    """What a query asks for, and what else it says. Raises ValidationError naming the field. Blank is not asked for."""
    checked = kind(data={name: value for name, value in query.items() if value != ""})
    checked.is_valid(raise_exception=True)
    found = dict(checked.validated_data)
    rest = {name: found.pop(name) for name in found.keys() - AuditSearch.__dataclass_fields__.keys()}
    return AuditSearch(**found), rest


class _Audit(PersonView):
    def list(self, request: Request) -> Response:
        parameters = {
            name: value for name, value in request.query_params.dict().items() if name not in ("limit", "offset")
        }
        search, _ = search_for(parameters)
        return self.page(search.of(selectors.audit_trail(self.tenant)), AuditBody)

    def file(self, request: Request) -> StreamingHttpResponse:
        search, rest = search_for(request.query_params.dict(), ExportQuery)
        return export(tenant=self.tenant, search=search, **rest)


class TenantAudit(_Audit, TenantView):
    """The audit trail of one tenant, newest first."""

    permissions = {"GET": Permission.VIEW}

    @extend_schema(parameters=[AuditQuery], responses=AuditBody(many=True))
    def get(self, request: Request, tenant: str) -> Response:
        return self.list(request)


class PlatformAudit(_Audit):
    """The audit trail of everything, newest first."""

    permissions = {"GET": Permission.VIEW_SHARED}
    shared = True

    @extend_schema(parameters=[AuditQuery], responses=AuditBody(many=True))
    def get(self, request: Request) -> Response:
        return self.list(request)


class TenantAuditExport(_Audit, TenantView):
    """The audit trail of one tenant as a file, newest first."""

    permissions = {"GET": Permission.VIEW}

    @extend_schema(parameters=[ExportQuery], responses=FILES)
    def get(self, request: Request, tenant: str) -> StreamingHttpResponse:
        return self.file(request)


class PlatformAuditExport(_Audit):
    """The audit trail of everything as a file, newest first."""

    permissions = {"GET": Permission.VIEW_SHARED}
    shared = True

    @extend_schema(parameters=[ExportQuery], responses=FILES)
    def get(self, request: Request) -> StreamingHttpResponse:
        return self.file(request)
