"""/api/v1/references: the fixed distributions that scores follow."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.catalog import selectors
from models_app.catalog.filters import ReferenceFilters
from models_app.catalog.models import ReferenceDistribution
from models_app.catalog.references import create_reference
from tenants.api.base import Input, PersonView
from tenants.models.tenant import slug
from tenants.roles import Permission


@extend_schema_field({"type": "object", "additionalProperties": True})
class ParametersField(serializers.JSONField):
    pass


class CreateReference(Input):
    name = serializers.CharField(max_length=63, validators=[slug])
    kind = serializers.ChoiceField(choices=ReferenceDistribution.Kind.choices)
    parameters = ParametersField(help_text='Of a beta {"a", "b"}; of a curve {"points": [{"score", "alert_rate"}, …]}.')
    notes = serializers.CharField(default="", allow_blank=True, max_length=10_000)


class ReferenceBody(serializers.ModelSerializer[ReferenceDistribution]):
    parameters = ParametersField()
    created_by = serializers.EmailField(source="created_by.email", default=None, allow_null=True)

    class Meta:
        model = ReferenceDistribution
        fields = ["key", "name", "version", "kind", "parameters", "notes", "created_at", "created_by"]


class References(PersonView):
    """All reference distributions."""

    permissions = {"GET": Permission.VIEW_SHARED, "POST": Permission.EDIT_SHARED}
    filters = ReferenceFilters
    shared = True

    @extend_schema(responses=ReferenceBody(many=True))
    def get(self, request: Request) -> Response:
        return self.page(selectors.references(), ReferenceBody)

    @extend_schema(request=CreateReference, responses={201: ReferenceBody})
    def post(self, request: Request) -> Response:
        """Add the next version of a name."""
        reference = create_reference(actor=self.person, **self.body(CreateReference))
        return Response(ReferenceBody(reference).data, status=201)


class Reference(PersonView):
    """One reference distribution."""

    permissions = {"GET": Permission.VIEW_SHARED}
    shared = True

    @extend_schema(responses=ReferenceBody)
    def get(self, request: Request, name: str, version: int) -> Response:
        return Response(ReferenceBody(get_object_or_404(selectors.references(), name=name, version=version)).data)
