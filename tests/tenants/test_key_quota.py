"""A key's quota: set when it is made or later, by REST and on its page, audited, and kept by its successor."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from scoring.models import KeyDay
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
    assert details == [
        {"before": {"quota_per_second": None}, "after": {"quota_per_second": 10}},
        {"before": {"quota_per_second": 10}, "after": {"quota_per_second": None}},
    ]


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
    key, _ = make_api_key(acme, quota_per_second=10, quota_per_day=1_000)
    with platform_scope():
        new, _ = rotate_api_key(key=key, overlap=timedelta(hours=1), actor=acme_admin)
    assert (new.quota_per_second, new.quota_per_day) == (10, 1_000)


def test_rest__quota__is_set_with_the_key_and_later(acme: Tenant, acme_admin: Person, api: Api) -> None:
    rest = api(acme_admin)
    made = rest.post("tenants/acme/keys", {"name": "shop", "scopes": ["score"], "quota_per_second": 10}).json()
    assert made["quota_per_second"] == 10
    place = f"tenants/acme/keys/{made['id']}/quota"
    assert rest.put(place, {"quota_per_second": 20}).json()["quota_per_second"] == 20
    assert rest.put(place, {"quota_per_second": 0}).status_code == 422
    assert rest.put(place, {}).status_code == 422
    assert rest.put(place, {"quota_per_second": None}).json()["quota_per_second"] is None


def test_rest__quota_of_the_day__is_set_with_the_key_and_later_and_stays_where_it_is_not_sent(
    acme: Tenant, acme_admin: Person, api: Api
) -> None:
    rest = api(acme_admin)
    made = rest.post("tenants/acme/keys", {"name": "shop", "scopes": ["score"], "quota_per_day": 10}).json()
    assert (made["quota_per_second"], made["quota_per_day"]) == (None, 10)
    place = f"tenants/acme/keys/{made['id']}/quota"
    assert rest.put(place, {"quota_per_second": 20}).json()["quota_per_day"] == 10
    assert rest.put(place, {"quota_per_second": 20, "quota_per_day": 0}).status_code == 422
    assert rest.put(place, {"quota_per_second": 20, "quota_per_day": 30}).json()["quota_per_day"] == 30
    assert rest.put(place, {"quota_per_second": 20, "quota_per_day": None}).json()["quota_per_day"] is None


def test_rest__quota_of_a_tenants_day__is_the_platforms_to_set(
    acme: Tenant, acme_admin: Person, platform_admin: Person, api: Api
) -> None:
    assert api(acme_admin).patch("tenants/acme", {"quota_per_day": 5}).status_code == 403
    assert api(platform_admin).patch("tenants/acme", {"quota_per_day": 5}).json()["quota_per_day"] == 5


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


def test_page__of_keys__says_what_was_let_in_today_and_changes_the_days_quota(acme: Tenant, acme_admin: Person) -> None:
    key, _ = make_api_key(acme, quota_per_day=2_000)
    today = datetime.now(UTC).date()
    with platform_scope():
        for day, events in ((today - timedelta(days=1), 900), (today, 1_700), (today + timedelta(days=1), 1_700)):
            KeyDay.objects.create(tenant=acme, key=key, day=day, events=events)
    client = Client()
    client.force_login(acme_admin, "django.contrib.auth.backends.ModelBackend")
    assert "1,700 of 2,000, 85%" in client.get("/tenants/acme/keys").content.decode()
    sent = {"act": "limit", "key": key.pk, "quota_per_second": "", "quota_per_day": "3000"}
    assert client.post("/tenants/acme/keys", sent).status_code == 302
    with platform_scope():
        assert ApiKey.objects.get(pk=key.pk).quota_per_day == 3_000
