"""The scoring API's addresses, and its documentation, which needs nothing from elsewhere."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from scoring.api import schema, views

operations = [
    path("score", views.ScoreView.as_view(), name="score"),
    path("score/batch", views.BatchView.as_view(), name="score-batch"),
    path("labels", views.LabelsView.as_view(), name="labels"),
]
_SETTINGS = {
    "TITLE": "MUSE scoring",
    "DESCRIPTION": "Stable risk scores. Errors are problem documents (RFC 9457) that name the field.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "APPEND_COMPONENTS": {"schemas": schema.components(), "securitySchemes": schema.SECURITY},
    "POSTPROCESSING_HOOKS": ["scoring.api.schema.require_bodies"],
}
_schema = SpectacularAPIView.as_view(
    patterns=[path(f"api/v1/{each.pattern}", each.callback) for each in operations],
    custom_settings=_SETTINGS,
    authentication_classes=[],
    permission_classes=[],
)
_docs = SpectacularSwaggerSplitView.as_view(
    url_name="schema", title="MUSE scoring", authentication_classes=[], permission_classes=[]
)
urlpatterns = [*operations, path("schema", _schema, name="schema"), path("docs", _docs, name="docs")]
