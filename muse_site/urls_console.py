"""The console's addresses: pages, the control plane's REST API, explaining events."""

from django.contrib import admin
from django.urls import path

urlpatterns = [
    path("admin/", admin.site.urls),
]
