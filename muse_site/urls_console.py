"""The console's addresses: pages, the control plane's REST API, explaining events."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from muse_site import health
from scoring.api.events import EventCounts, Events
from scoring.api.explain import ExplainEvent, ExplainTenantEvent

handler400 = "muse_site.errors.bad_request"
handler403 = "muse_site.errors.not_allowed"
handler404 = "muse_site.errors.not_found"
handler500 = "muse_site.errors.failed"

api: list[URLPattern | URLResolver] = [
    path("", include("tenants.api.urls")),
    path("", include("models_app.api.urls")),
    path("events/<path:event_id>", ExplainEvent.as_view()),
    path("tenants/<slug:tenant>/events", Events.as_view()),
    path("tenants/<slug:tenant>/event-counts", EventCounts.as_view()),
    path("tenants/<slug:tenant>/events/<path:event_id>", ExplainTenantEvent.as_view()),
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    # The page's script comes from an address of its own: the content security policy allows none inline.
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
]

urlpatterns = [
    path("healthz", health.healthz),
    path("livez", health.healthz),
    path("readyz", health.console_readyz),
    path("metrics", health.console_metrics_page),
    path("api/v1/", include(api)),
    path("", include("models_app.console.people.sign_in_urls")),
    path("admin/", admin.site.urls),
    path("", include("models_app.console.urls")),
]
