"""/api/v1/predictors: immutable recipes of models."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.catalog import selectors
from models_app.catalog.filters import PredictorFilters
from models_app.catalog.models import PredictorMember, PredictorVersion
from models_app.catalog.predictors import create_predictor
from tenants.api.base import Input, PersonView
from tenants.models.tenant import slug
from tenants.roles import Permission


class MemberInput(Input):
    model = serializers.CharField(max_length=100, help_text="Key, such as old@1.")
    beta = serializers.FloatField(required=False, allow_null=True, help_text="Default: the model's own.")
    weight = serializers.FloatField(default=1.0)


class CreatePredictor(Input):
    name = serializers.CharField(max_length=63, validators=[slug])
    members = MemberInput(many=True, allow_empty=True)
    aggregation = serializers.ChoiceField(
        choices=PredictorVersion.Aggregation.choices, default=PredictorVersion.Aggregation.MEAN
    )
    notes = serializers.CharField(default="", allow_blank=True, max_length=10_000)


class PredictorMemberBody(serializers.ModelSerializer[PredictorMember]):
    model = serializers.CharField(source="model.key")

    class Meta:
        model = PredictorMember
        fields = ["model", "beta", "weight"]


class PredictorBody(serializers.ModelSerializer[PredictorVersion]):
    members = PredictorMemberBody(many=True)
    created_by = serializers.EmailField(source="created_by.email", default=None, allow_null=True)

    class Meta:
        model = PredictorVersion
        fields = ["key", "name", "version", "aggregation", "members", "notes", "created_at", "created_by"]


class Predictors(PersonView):
    """All predictor versions."""

    permissions = {"GET": Permission.VIEW_SHARED, "POST": Permission.EDIT_SHARED}
    filters = PredictorFilters
    shared = True

    @extend_schema(responses=PredictorBody(many=True))
    def get(self, request: Request) -> Response:
        return self.page(selectors.predictors(), PredictorBody)

    @extend_schema(request=CreatePredictor, responses={201: PredictorBody})
    def post(self, request: Request) -> Response:
        """Compose the next version of a name from usable models."""
        body: dict[str, Any] = self.body(CreatePredictor)
        predictor = create_predictor(actor=self.person, **body)
        return Response(PredictorBody(selectors.predictors().get(pk=predictor.pk)).data, status=201)


class Predictor(PersonView):
    """One predictor version."""

    permissions = {"GET": Permission.VIEW_SHARED}
    shared = True

    @extend_schema(responses=PredictorBody)
    def get(self, request: Request, name: str, version: int) -> Response:
        return Response(PredictorBody(get_object_or_404(selectors.predictors(), name=name, version=version)).data)
