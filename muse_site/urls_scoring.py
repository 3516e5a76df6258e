"""The scoring service's addresses: what clients call, and what watches over it."""

from django.urls import include, path

from muse_site import health

urlpatterns = [
    path("api/v1/", include("scoring.api.urls")),
    path("healthz", health.healthz),
    path("livez", health.healthz),
    path("readyz", health.scoring_readyz),
    path("metrics", health.metrics_page),
]

handler400 = "muse_site.problem_pages.bad_request"
handler403 = "muse_site.problem_pages.not_allowed"
handler404 = "muse_site.problem_pages.not_found"
handler500 = "muse_site.problem_pages.failed"
