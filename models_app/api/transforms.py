"""/api/v1/tenants/{tenant}/transforms: quantile mappings; here only cold start makes them, fits make the others."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.api.fits import ROUTES
from models_app.catalog import selectors as catalog_selectors
from models_app.transforms import selectors as transforms_selectors
from models_app.transforms.cold_start import create_default_transform
from models_app.transforms.filters import TransformFilters
from models_app.transforms.models import Transform
from tenants.api.base import Input, TenantView
from tenants.roles import Permission


class CreateDefaultTransform(Input):
    intent = serializers.CharField(max_length=63)
    predictor = serializers.CharField(max_length=100, help_text="Key, such as cards@4.")
    reference = serializers.CharField(max_length=100, help_text="Key, such as standard@1.")
    routes = serializers.ListField(child=serializers.CharField(max_length=63), default=list, help_text=ROUTES)


class TransformSummary(serializers.ModelSerializer[Transform]):
    intent = serializers.CharField(source="intent.name")
    predictor = serializers.CharField(source="predictor.key")
    reference = serializers.CharField(source="reference.key")
    fit = serializers.IntegerField(source="fit.id", default=None, allow_null=True)
    verdict = serializers.CharField(allow_null=True, help_text="enough or flagged; null at cold start.")

    class Meta:
        model = Transform
        fields = ["id", "intent", "predictor", "reference", "kind", "fit", "verdict", "created_at"]


class TransformBody(TransformSummary):
    report = serializers.DictField()

    class Meta(TransformSummary.Meta):
        fields = [*TransformSummary.Meta.fields, "report", "x", "y"]


class Transforms(TenantView):
    """All transforms of the tenant, newest first."""

    permissions = {"GET": Permission.VIEW, "POST": Permission.FIT}
    filters = TransformFilters

    @extend_schema(responses=TransformSummary(many=True))
    def get(self, request: Request, tenant: str) -> Response:
        rows = transforms_selectors.transforms(self.tenant).defer("x", "y", "report")
        return self.page(rows, TransformSummary)

    @extend_schema(request=CreateDefaultTransform, responses={201: TransformBody})
    def post(self, request: Request, tenant: str) -> Response:
        """Cold start: a default transform from the validation scores of the predictor's models."""
        body = self.body(CreateDefaultTransform)
        transform = create_default_transform(
            actor=self.person,
            tenant=self.tenant,
            intent=transforms_selectors.intent_by_name(self.tenant, body["intent"]),
            predictor=catalog_selectors.predictor_by_key(body["predictor"], "predictor"),
            reference=catalog_selectors.reference_by_key(body["reference"], "reference"),
            routes=body["routes"],
        )
        return Response(
            TransformBody(transforms_selectors.transforms(self.tenant).get(pk=transform.pk)).data, status=201
        )


class TransformDetail(TenantView):
    """One transform, with its knots and what its fit found."""

    permissions = {"GET": Permission.VIEW}

    @extend_schema(responses=TransformBody)
    def get(self, request: Request, tenant: str, transform: int) -> Response:
        return Response(
            TransformBody(get_object_or_404(transforms_selectors.transforms(self.tenant), pk=transform)).data
        )
