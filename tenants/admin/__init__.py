from typing import ClassVar

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.auth.models import Group

from tenants.admin.base import Records
from tenants.models import AuditEntry, Intent, Tenant

# Who may do what is a matter of roles; the framework's own groups and log-in records would only confuse.
for each in (Group, AccessAttempt, AccessFailureLog, AccessLog):
    if admin.site.is_registered(each):
        admin.site.unregister(each)


@admin.register(Tenant)
class TenantRecords(Records):
    list_display = ("name", "slug", "created_at")
    search_fields = ("name", "slug")


@admin.register(Intent)
class IntentRecords(Records):
    list_display = ("name", "tenant", "keep_features", "idempotency_seconds")
    list_filter = ("tenant",)
    list_select_related = ("tenant",)
    search_fields = ("name",)


@admin.register(AuditEntry)
class AuditRecords(Records):
    list_display = ("at", "act", "subject", "person", "tenant", "reason")
    list_filter = ("act",)
    list_select_related = ("person", "tenant")
    search_fields = ("act", "subject", "reason", "person__email")
    date_hierarchy: ClassVar[str] = "at"
