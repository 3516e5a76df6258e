"""/api/v1/tenants/{tenant}/fits: fitting transforms on a tenant's own events."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.catalog import selectors as catalog_selectors
from models_app.transforms import selectors as transforms_selectors
from models_app.transforms.filters import FitFilters
from models_app.transforms.fits import cancel_fit, request_fit
from models_app.transforms.models import Fit
from models_app.transforms.source import LEAST_HALF_LIFE, MAX_HALF_LIFE
from tenants.api.base import Input, TenantView
from tenants.roles import Permission

ROUTES = (
    "Names of routes: only events that they answer. Default: all events where the intent has one route, else those "
    "of the routes on which the predictor answers."
)
HALF_LIFE = (
    "Weighs events by 2^(−age / half-life), their age that of their day at the window's end; null or none: all weigh "
    "the same. With it, `days` may be left out: then the window is whole weeks of seven half-lives. From 0.1 up to 365."
)
SOURCE = {
    "oneOf": [
        {
            "type": "object",
            "properties": {
                "kind": {"enum": ["recorded", "replay"]},
                "days": {"type": "number", "description": "Length of the window [as_of − days, as_of)."},
                "as_of": {"type": "string", "format": "date-time", "description": "Default: now."},
                "half_life_days": {
                    "type": ["number", "null"],
                    "minimum": LEAST_HALF_LIFE,
                    "maximum": MAX_HALF_LIFE,
                    "description": HALF_LIFE,
                },
                "routes": {"type": "array", "items": {"type": "string"}, "description": ROUTES},
                "release": {"type": "integer", "description": "Whose routes they are. Default: the live one."},
            },
            "required": ["kind"],
        },
        {
            "type": "object",
            "properties": {"kind": {"enum": ["sample"]}, "sample": {"type": "integer"}},
            "required": ["kind", "sample"],
        },
    ]
}


@extend_schema_field(SOURCE)
class SourceField(serializers.JSONField):
    pass


class RequestFit(Input):
    intent = serializers.CharField(max_length=63)
    predictor = serializers.CharField(max_length=100, help_text="Key, such as cards@4.")
    reference = serializers.CharField(max_length=100, help_text="Key, such as standard@1.")

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "source": SourceField()}  # the name is taken in the class


class CancelFit(Input):
    reason = serializers.CharField(default="", allow_blank=True, max_length=10_000)


class LogLine(serializers.Serializer[dict[str, str]]):
    at = serializers.DateTimeField()
    text = serializers.CharField()


class FitSummary(serializers.ModelSerializer[Fit]):
    intent = serializers.CharField(source="intent.name")
    predictor = serializers.CharField(source="predictor.key")
    reference = serializers.CharField(source="reference.key")
    transform = serializers.IntegerField(source="transform_id", allow_null=True)
    created_by = serializers.EmailField(source="created_by.email", default=None, allow_null=True)
    sketched = serializers.BooleanField(
        help_text="Whether it is made of sketches of its days: of more events than MUSE_FIT_EXACT_LIMIT."
    )

    class Meta:
        model = Fit
        fields = [
            "id", "intent", "predictor", "reference", "source", "sketched", "state", "progress", "error", "transform",
            "attempt", "created_at", "created_by", "started_at", "finished_at",
        ]  # fmt: skip

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "source": SourceField()}


class FitBody(FitSummary):
    log = LogLine(many=True)

    class Meta(FitSummary.Meta):
        fields = [*FitSummary.Meta.fields, "log"]


class Fits(TenantView):
    """All fits of the tenant, newest first."""

    permissions = {"GET": Permission.VIEW, "POST": Permission.FIT}
    filters = FitFilters

    @extend_schema(responses=FitSummary(many=True))
    def get(self, request: Request, tenant: str) -> Response:
        return self.page(transforms_selectors.fits(self.tenant).defer("log"), FitSummary)

    @extend_schema(request=RequestFit, responses={201: FitBody})
    def post(self, request: Request, tenant: str) -> Response:
        """Ask for a fit: a worker runs it, and its transform is in the answer of GET once it has succeeded."""
        body = self.body(RequestFit)
        fit = request_fit(
            actor=self.person,
            tenant=self.tenant,
            intent=transforms_selectors.intent_by_name(self.tenant, body["intent"]),
            predictor=catalog_selectors.predictor_by_key(body["predictor"], "predictor"),
            reference=catalog_selectors.reference_by_key(body["reference"], "reference"),
            source=body["source"],
        )
        return Response(FitBody(fit).data, status=201)


class FitDetail(TenantView):
    """One fit, with its log."""

    permissions = {"GET": Permission.VIEW}

    @extend_schema(responses=FitBody)
    def get(self, request: Request, tenant: str, fit: int) -> Response:
        return Response(FitBody(get_object_or_404(transforms_selectors.fits(self.tenant), pk=fit)).data)


class FitCancellation(TenantView):
    permissions = {"POST": Permission.FIT}

    @extend_schema(request=CancelFit, responses=FitBody)
    def post(self, request: Request, tenant: str, fit: int) -> Response:
        """Stop a fit that is queued or running."""
        found = get_object_or_404(transforms_selectors.fits(self.tenant), pk=fit)
        cancel_fit(actor=self.person, tenant=self.tenant, fit=found, **self.body(CancelFit))
        return Response(FitBody(transforms_selectors.fits(self.tenant).get(pk=fit)).data)
