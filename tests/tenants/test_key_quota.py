"""A key's quota: set when it is made or later, by REST and on its page, audited, and kept by its successor."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from tenants.models import ApiKey, AuditEntry, Person, Tenant
from tenants.scope import platform_scope
from tenants.services import limit_api_key, rotate_api_key
from tests.factories import make_api_key, make_tenant
from tests.tenants.conftest import Api


def quota_of(key: ApiKey) -> int | None:
    with platform_scope():
        return ApiKey.objects.get(pk=key.pk).quota_per_second


def test_limit_key__changed__is_audited_once_and_taken_back(acme: Tenant, acme_admin: Person) -> None:
    key, _ = make_api_key(acme)
    with platform_scope():
        for quota in (10, 10, None):
            limit_api_key(key=key, quota_per_second=quota, actor=acme_admin)
        details = [entry.details for entry in AuditEntry.objects.filter(act="restrict key").order_by("pk")]
    assert details == [{"before": None, "quota_per_second": 10}, {"before": 10, "quota_per_second": None}]


def test_limit_key__by_a_viewer_or_to_nothing__is_refused(
    acme: Tenant, acme_admin: Person, acme_viewer: Person
) -> None:
    key, _ = make_api_key(acme)
    with platform_scope():
        with pytest.raises(PermissionDenied):
            limit_api_key(key=key, quota_per_second=10, actor=acme_viewer)
        with pytest.raises(ValidationError):
            limit_api_key(key=key, quota_per_second=0, actor=acme_admin)
    assert quota_of(key) is None


def test_rotated_key__has_the_quota_of_the_one_before(acme: Tenant, acme_admin: Person) -> None:
    key, _ = make_api_key(acme, quota_per_second=10)
    with platform_scope():
        new, _ = rotate_api_key(key=key, overlap=timedelta(hours=1), actor=acme_admin)
    assert quota_of(new) == 10


def test_rest__quota__is_set_with_the_key_and_later(acme: Tenant, acme_admin: Person, api: Api) -> None:
    rest = api(acme_admin)
    made = rest.post("tenants/acme/keys", {"name": "shop", "scopes": ["score"], "quota_per_second": 10}).json()
    assert made["quota_per_second"] == 10
    place = f"tenants/acme/keys/{made['id']}/quota"
    assert rest.put(place, {"quota_per_second": 20}).json()["quota_per_second"] == 20
    assert rest.put(place, {"quota_per_second": 0}).status_code == 422
    assert rest.put(place, {}).status_code == 422
    assert rest.put(place, {"quota_per_second": None}).json()["quota_per_second"] is None


def test_rest__quota_of_another_tenants_key__is_not_found(acme: Tenant, acme_admin: Person, api: Api) -> None:
    key, _ = make_api_key(make_tenant("globex"))
    for tenant in ("acme", "globex"):
        answer = api(acme_admin).put(f"tenants/{tenant}/keys/{key.pk}/quota", {"quota_per_second": 1})
        assert answer.status_code == 404
    assert quota_of(key) is None


def test_page__quota__is_shown_and_changed(acme: Tenant, acme_admin: Person) -> None:
    key, _ = make_api_key(acme, quota_per_second=1_234)
    client = Client()
    client.force_login(acme_admin, "django.contrib.auth.backends.ModelBackend")
    assert "1,234" in client.get("/tenants/acme/keys").content.decode()
    sent = {"act": "limit", "key": key.pk, "quota_per_second": "20"}
    assert client.post("/tenants/acme/keys", sent).status_code == 302
    assert quota_of(key) == 20
