"""/api/v1/tenants/{tenant}/samples: uploaded probabilities."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.api.common import check_length
from models_app.transforms import selectors
from models_app.transforms.models import Sample
from models_app.transforms.samples import upload_sample
from tenants.api.base import Input, TenantView
from tenants.roles import Permission

FORM_BYTES = 1_048_576  # what a form takes beside its file


class UploadSample(Input):
    file = serializers.FileField(allow_empty_file=True, help_text="Parquet or CSV, with a column of probabilities.")
    column = serializers.CharField(
        required=False, max_length=200, trim_whitespace=False, help_text="Needed unless the file has one column only."
    )
    name = serializers.CharField(default="", allow_blank=True, max_length=200, help_text="Default: the file's name.")


class SampleBody(serializers.ModelSerializer[Sample]):
    created_by = serializers.EmailField(source="created_by.email", default=None, allow_null=True)

    class Meta:
        model = Sample
        fields = ["id", "name", "digest", "size", "column", "rows", "created_at", "created_by"]


class Samples(TenantView):
    """All samples of the tenant, newest first."""

    permissions = {"GET": Permission.VIEW, "POST": Permission.FIT}
    parser_classes = [MultiPartParser]

    @extend_schema(responses=SampleBody(many=True))
    def get(self, request: Request, tenant: str) -> Response:
        return self.page(selectors.samples(self.tenant), SampleBody)

    @extend_schema(request={"multipart/form-data": UploadSample}, responses={201: SampleBody})
    def post(self, request: Request, tenant: str) -> Response:
        """Upload a sample; every value of the column is checked before anything is kept."""
        check_length(request, settings.ENV["MUSE_SAMPLE_MAX_BYTES"] + FORM_BYTES)
        body: dict[str, Any] = self.body(UploadSample)
        sample = upload_sample(actor=self.person, tenant=self.tenant, upload=body.pop("file"), **body)
        return Response(SampleBody(sample).data, status=201)
