"""Addresses below /api/v1/: tenants and what hangs on them."""

from django.urls import path

from tenants.api.audit import PlatformAudit, PlatformAuditExport, TenantAudit, TenantAuditExport
from tenants.api.keys import KeyNetworks, KeyQuota, KeyRevocation, KeyRotation, Keys
from tenants.api.me import Me
from tenants.api.people import TokenRevocation, Tokens
from tenants.api.tenants import TenantDetail, Tenants

urlpatterns = [
    path("me", Me.as_view()),
    path("tokens", Tokens.as_view()),
    path("tokens/<int:token>/revoke", TokenRevocation.as_view()),
    path("audit", PlatformAudit.as_view()),
    path("audit/export", PlatformAuditExport.as_view()),
    path("tenants", Tenants.as_view()),
    path("tenants/<slug:tenant>", TenantDetail.as_view()),
    path("tenants/<slug:tenant>/audit", TenantAudit.as_view()),
    path("tenants/<slug:tenant>/audit/export", TenantAuditExport.as_view()),
    path("tenants/<slug:tenant>/keys", Keys.as_view()),
    path("tenants/<slug:tenant>/keys/<int:key>/networks", KeyNetworks.as_view()),
    path("tenants/<slug:tenant>/keys/<int:key>/quota", KeyQuota.as_view()),
    path("tenants/<slug:tenant>/keys/<int:key>/rotate", KeyRotation.as_view()),
    path("tenants/<slug:tenant>/keys/<int:key>/revoke", KeyRevocation.as_view()),
]
