"""/api/v1/models: the registry of model files."""

from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.api.common import check_length
from models_app.api.intents import FeaturesField
from models_app.catalog import selectors
from models_app.catalog.filters import ModelFilters
from models_app.catalog.models import ModelVersion
from models_app.catalog.register import register_model
from tenants.api.base import Input, PersonView
from tenants.models.tenant import slug
from tenants.roles import Permission

FORM_BYTES = 4_194_304  # what a form takes beside its files


class RegisterModel(Input):
    file = serializers.FileField(allow_empty_file=True, help_text="ONNX, or LightGBM's own text format.")
    name = serializers.CharField(max_length=63, validators=[slug])
    format = serializers.ChoiceField(choices=ModelVersion.Format.choices)
    features = FeaturesField(help_text="The model's features in its order, as JSON text.")
    beta = serializers.FloatField(default=1.0, help_text="The share of negatives kept in training, in (0, 1].")
    notes = serializers.CharField(default="", allow_blank=True, max_length=10_000)
    risk_label = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=200,
        help_text="Which of an ONNX file's two class labels is the risk. Needed unless they are 0 and 1.",
    )
    validation_scores = serializers.FileField(
        required=False,
        allow_empty_file=True,
        help_text="The model's own outputs on validation data: Parquet or CSV with one column. For cold starts.",
    )
    validation_events = serializers.FileField(
        required=False,
        allow_empty_file=True,
        help_text="Events that the model was not trained on: Parquet or CSV with a column for each feature, up to "
        "100,000 rows. The file is run on them; without validation scores a cold start goes by what it gives.",
    )
    label_column = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=200,
        help_text="The column of the validation events that says what they turned out to be, 1 or 0, true or false. "
        "`label` by default, if there is one.",
    )
    score_column = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=200,
        help_text="The column of the validation events with the model's own outputs, as its makers got them. "
        "`score` by default, if there is one.",
    )


class ValidationEvents(serializers.Serializer[Any]):
    """What a model was tried on. The file itself is gone once the model is checked."""

    digest = serializers.CharField(help_text="SHA-256 of the file.")
    events = serializers.IntegerField()
    label_column = serializers.CharField(allow_null=True)
    score_column = serializers.CharField(allow_null=True)


class ScoresCompared(serializers.Serializer[Any]):
    """The score column against what the file gives, event by event."""

    differing = serializers.IntegerField(help_text="Events that differ by more than 1e-5.")
    largest_difference = serializers.FloatField()


class DistributionsCompared(serializers.Serializer[Any]):
    """The uploaded validation scores against what the file gives."""

    distance = serializers.FloatField(help_text="The largest between the two distribution functions.")
    by_chance = serializers.FloatField(help_text="Up to here it comes by chance, in 999 of 1,000 cases.")


class Ranking(serializers.Serializer[Any]):
    """How the file ranks labelled events; without AUC where there are fewer than ten of a kind."""

    positive = serializers.IntegerField()
    negative = serializers.IntegerField()
    auc = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True, help_text="Of the 95 % interval (DeLong).")
    high = serializers.FloatField(allow_null=True)


class ValidationResult(serializers.Serializer[Any]):
    """What came of running the file on its validation events; a part is absent where there was nothing to compare."""

    events = serializers.IntegerField()
    scores = ScoresCompared(required=False)
    validation_scores = DistributionsCompared(required=False)
    ranking = Ranking(required=False)


class ModelSummary(serializers.ModelSerializer[ModelVersion]):
    format = serializers.CharField(source="file_format")
    features = FeaturesField()
    has_validation_scores = serializers.BooleanField()
    validation_events = ValidationEvents(allow_null=True, help_text="Null where it came without.")
    validation = ValidationResult(allow_null=True, help_text="Null before it is checked, and without events.")
    created_by = serializers.EmailField(source="created_by.email", default=None, allow_null=True)

    class Meta:
        model = ModelVersion
        fields = [
            "key", "name", "version", "format", "features", "beta", "risk_label", "notes", "state", "reason", "checks",
            "digest", "uploaded_digest", "uploaded_bytes", "single_rows", "has_validation_scores", "validation_events",
            "validation", "created_at", "created_by", "checked_at",
        ]  # fmt: skip


class ModelBody(ModelSummary):
    class Meta(ModelSummary.Meta):
        fields = [*ModelSummary.Meta.fields, "validation_quantiles"]


class Models(PersonView):
    """All model versions. A new one is checked by a worker: it is `checking`, then `usable` or `unusable`."""

    permissions = {"GET": Permission.VIEW_SHARED, "POST": Permission.EDIT_SHARED}
    filters = ModelFilters
    shared = True
    parser_classes = [MultiPartParser]

    @extend_schema(responses=ModelSummary(many=True))
    def get(self, request: Request) -> Response:
        return self.page(selectors.models(), ModelSummary)

    @extend_schema(request={"multipart/form-data": RegisterModel}, responses={201: ModelSummary})
    def post(self, request: Request) -> Response:
        """Register a model file as the next version of its name."""
        files = settings.ENV["MUSE_MODEL_MAX_BYTES"] + 2 * settings.ENV["MUSE_SAMPLE_MAX_BYTES"]
        check_length(request, files + FORM_BYTES)
        body: dict[str, Any] = self.body(RegisterModel)
        model = register_model(upload=body.pop("file"), file_format=body.pop("format"), actor=self.person, **body)
        return Response(ModelSummary(selectors.models().get(pk=model.pk)).data, status=201)


class Model(PersonView):
    """One model version."""

    permissions = {"GET": Permission.VIEW_SHARED}
    shared = True

    @extend_schema(responses=ModelBody)
    def get(self, request: Request, name: str, version: int) -> Response:
        rows = selectors.models().defer(None).defer("parity")
        return Response(ModelBody(get_object_or_404(rows, name=name, version=version)).data)
