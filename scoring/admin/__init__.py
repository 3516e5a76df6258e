from django.contrib import admin

from scoring.models import Release, ServingProcess
from tenants.admin.base import Records, SharedRecords


@admin.register(Release)
class ReleaseRecords(Records):
    list_display = ("number", "tenant", "published_at", "published_by", "reason", "republishes")
    list_filter = ("tenant",)
    list_select_related = ("tenant", "published_by", "republishes__tenant")
    search_fields = ("reason", "digest")


@admin.register(ServingProcess)
class ServingProcessRecords(SharedRecords):
    list_display = ("name", "machine", "pid", "started_at", "seen_at", "lost_events")
