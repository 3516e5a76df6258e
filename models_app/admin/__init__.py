from django.contrib import admin

from models_app.catalog.models import ModelVersion, PredictorVersion, ReferenceDistribution
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from models_app.transforms.models import Fit, Transform
from tenants.admin.base import Records, SharedRecords


@admin.register(ModelVersion)
class ModelRecords(SharedRecords):
    list_display = ("key", "state", "beta", "created_at", "created_by")
    list_filter = ("state",)
    list_select_related = ("created_by",)
    search_fields = ("name",)


@admin.register(PredictorVersion)
class PredictorRecords(SharedRecords):
    list_display = ("key", "aggregation", "created_at", "created_by")
    list_select_related = ("created_by",)
    search_fields = ("name",)


@admin.register(ReferenceDistribution)
class ReferenceRecords(SharedRecords):
    list_display = ("key", "kind", "created_at", "created_by")
    list_select_related = ("created_by",)
    search_fields = ("name",)


@admin.register(Transform)
class TransformRecords(Records):
    list_display = ("id", "tenant", "intent", "predictor", "reference", "kind", "created_at")
    list_filter = ("kind", "tenant")
    list_select_related = ("tenant", "intent__tenant", "predictor", "reference")


@admin.register(Fit)
class FitRecords(Records):
    list_display = ("id", "tenant", "intent", "predictor", "state", "progress", "created_at", "error")
    list_filter = ("state", "tenant")
    list_select_related = ("tenant", "intent__tenant", "predictor")


@admin.register(ChangeRequest)
class ChangeRequestRecords(Records):
    list_display = ("number", "tenant", "title", "state", "author", "created_at", "release")
    list_filter = ("state", "tenant")
    list_select_related = ("tenant", "author", "release__tenant")
    search_fields = ("title", "reason")


@admin.register(Evidence)
class EvidenceRecords(Records):
    list_display = ("id", "tenant", "change_request", "state", "verdict", "sentence", "created_at")
    list_filter = ("state", "verdict", "tenant")
    list_select_related = ("tenant", "change_request__tenant")
