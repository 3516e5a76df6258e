"""/api/v1/tenants/{tenant}/releases: what a tenant is served with, and was."""

import json

import yaml
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.changes.rollback import roll_back
from models_app.changes.second_factor import check_second_factor
from models_app.releases.diff import diff
from models_app.releases.filters import ReleaseFilters
from models_app.releases.publish import Preview, preview_release, publish_release, read_all_routes, rollback_release
from scoring import releases
from scoring.engine import document as documents
from scoring.models import Release
from tenants.api.base import Input, TenantView
from tenants.roles import Permission

TARGET = {
    "type": "object",
    "properties": {"predictor": {"type": "string"}, "transform": {"type": "integer"}},
    "required": ["predictor", "transform"],
}
SCALARS = {"type": "array", "items": {}}
CONDITION = {
    "type": "object",
    "properties": {
        "attribute": {"type": "string"},
        "any_of": SCALARS,
        "none_of": SCALARS,
        "minimum": {"type": ["number", "null"]},
        "maximum": {"type": ["number", "null"]},
    },
    "required": ["attribute"],
}
ROUTE = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "live": TARGET,
        "when": {"type": "array", "items": CONDITION},
        "shadows": {"type": "array", "items": TARGET},
    },
    "required": ["name", "live"],
}


@extend_schema_field({"type": "object", "additionalProperties": {"type": "array", "items": ROUTE}})
class RoutesField(serializers.JSONField):
    pass


class Publish(Input):
    reason = serializers.CharField(max_length=10_000)
    routes = RoutesField(help_text="Routes by intent, for the intents that change; no routes end an intent.")
    based_on = serializers.IntegerField(
        required=False,
        min_value=0,
        help_text="The release that you have seen as current (0: none); 409 where another is.",
    )
    dry_run = serializers.BooleanField(default=False, help_text="Answer with what would change, and publish nothing.")


class Rollback(Input):
    number = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    reason = serializers.CharField(max_length=10_000)
    based_on = serializers.IntegerField(required=False, min_value=0)
    break_glass = serializers.BooleanField(
        default=False, help_text="To any release, without review; for platform admins, where it is turned on."
    )


class ReleaseSummary(serializers.ModelSerializer[Release]):
    published_by = serializers.EmailField(source="published_by.email", default=None, allow_null=True)
    republishes = serializers.IntegerField(source="republishes.number", default=None, allow_null=True)
    is_current = serializers.BooleanField()

    class Meta:
        model = Release
        fields = ["number", "digest", "published_at", "published_by", "reason", "republishes", "is_current"]


class ReleaseBody(ReleaseSummary):
    document = serializers.SerializerMethodField()

    class Meta(ReleaseSummary.Meta):
        fields = [*ReleaseSummary.Meta.fields, "document"]

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_document(self, release: Release) -> object:
        return json.loads(release.document)


class ChangeBody(serializers.Serializer[dict[str, object]]):
    path = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class DiffBody(serializers.Serializer[dict[str, object]]):
    before = serializers.IntegerField()
    after = serializers.IntegerField()
    changes = ChangeBody(many=True)


class PreviewBody(serializers.Serializer[Preview]):
    based_on = serializers.IntegerField(allow_null=True)
    digest = serializers.CharField()
    changes = ChangeBody(many=True)


class Releases(TenantView):
    """All releases of the tenant, newest first."""

    permissions = {"GET": Permission.VIEW, "POST": Permission.PUBLISH}
    filters = ReleaseFilters

    @extend_schema(responses=ReleaseSummary(many=True))
    def get(self, request: Request, tenant: str) -> Response:
        return self.page(releases.releases(self.tenant).defer("document"), ReleaseSummary)

    @extend_schema(request=Publish, responses={201: ReleaseSummary, 200: PreviewBody})
    def post(self, request: Request, tenant: str) -> Response:
        """Break glass: publish routes without review, where that is turned on. Other intents are served as before."""
        body = self.body(Publish)
        routes = read_all_routes(body.pop("routes"))
        if body.pop("dry_run"):
            return Response(PreviewBody(preview_release(actor=self.person, tenant=self.tenant, routes=routes)).data)
        check_second_factor(self.tenant)
        release = publish_release(actor=self.person, tenant=self.tenant, routes=routes, **body)
        return Response(ReleaseSummary(releases.releases(self.tenant).get(pk=release.pk)).data, status=201)


class ReleaseDetail(TenantView):
    """One release, with its document."""

    permissions = {"GET": Permission.VIEW}

    @extend_schema(responses=ReleaseBody)
    def get(self, request: Request, tenant: str, number: int) -> Response:
        return Response(ReleaseBody(get_object_or_404(releases.releases(self.tenant), number=number)).data)


class ReleaseDiff(TenantView):
    """What changed from one release to another."""

    permissions = {"GET": Permission.VIEW}

    @extend_schema(responses=DiffBody)
    def get(self, request: Request, tenant: str, number: int, other: int) -> Response:
        rows = releases.releases(self.tenant)
        before, after = (documents.decode(get_object_or_404(rows, number=each).document) for each in (number, other))
        return Response(DiffBody({"before": number, "after": other, "changes": diff(before, after)}).data)


class ReleaseExport(TenantView):
    """A release's document as YAML."""

    permissions = {"GET": Permission.VIEW}

    @extend_schema(responses={(200, "application/yaml"): OpenApiTypes.OBJECT})
    def get(self, request: Request, tenant: str, number: int) -> HttpResponse:
        release = get_object_or_404(releases.releases(self.tenant), number=number)
        text = yaml.safe_dump(json.loads(release.document), allow_unicode=True)
        return HttpResponse(text, content_type="application/yaml")


class ReleaseRollback(TenantView):
    permissions = {"POST": Permission.APPROVE}

    @extend_schema(request=Rollback, responses={201: ReleaseSummary})
    def post(self, request: Request, tenant: str) -> Response:
        """Serve a release again that was approved and live within the last 30 days, under a new number."""
        body = self.body(Rollback)
        earlier = get_object_or_404(releases.releases(self.tenant), number=body.pop("number"))
        if body.pop("break_glass"):
            check_second_factor(self.tenant)
            release = rollback_release(actor=self.person, tenant=self.tenant, release=earlier, **body)
        else:
            release = roll_back(actor=self.person, tenant=self.tenant, release=earlier, **body)
        return Response(ReleaseSummary(releases.releases(self.tenant).get(pk=release.pk)).data, status=201)
