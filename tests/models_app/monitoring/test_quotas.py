"""How near tenants and keys are to their quotas, on pages, on Home and among metrics, before requests are refused."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from models_app.monitoring import attention, quotas
from scoring.models import KeyDay, MinuteStatistics
from tenants.models import ApiKey, Tenant
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import make_api_key, make_person, make_tenant
from tests.models_app.console.test_home_and_intent import text

NEARLY = "The quota of events a second is nearly used up"


def add_minute(tenant: Tenant, events: int, minutes_ago: int, intent: str = "cards") -> None:
    minute = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=minutes_ago)
    served = {"intent": intent, "release": 1, "predictor": "cards@1", "transform": 1}
    with platform_scope():
        MinuteStatistics.objects.create(tenant=tenant, minute=minute, events=events, **served)


def add_day(tenant: Tenant, events: int, day: date | None = None, **key: object) -> ApiKey:
    """Of a new key: today, and tomorrow too, for midnight may come meanwhile."""
    made, _ = make_api_key(tenant, **key)
    today = datetime.now(UTC).date()
    with platform_scope():
        for each in (today, today + timedelta(days=1)) if day is None else (day,):
            KeyDay.objects.create(tenant=tenant, key=made, day=each, events=events)
    return made


def limited(slug: str, quota_per_day: int) -> Tenant:
    tenant = make_tenant(slug)
    with platform_scope():
        Tenant.objects.filter(pk=tenant.pk).update(quota_per_day=quota_per_day)
    return tenant


def near_quotas() -> list[tuple[str, str, str, int, float]]:
    """Of all tenants, as Home tells them."""
    with platform_scope():
        found = attention.troubles(make_person(role=Role.VIEWER), shared=True, most=20)
    return sorted((row.kind, row.tenant_slug, row.title, row.number, round(row.share, 6)) for row in found)


def told(client: Client) -> list[str]:
    """The metric, of all tenants."""
    lines = client.get("/metrics").content.decode().splitlines()
    return sorted(line for line in lines if line.startswith("muse_quota_used{"))


def viewer(tenant: Tenant) -> Client:
    client = Client()
    person = make_person(role=Role.VIEWER, tenant=tenant)
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return client


def test_use__of_several_minutes__is_that_of_the_busiest_of_the_last_hour_over_all_intents(db: None) -> None:
    tenant = make_tenant("acme", quota_per_second=10)
    add_minute(tenant, 300, 5)
    add_minute(tenant, 120, 5, "loans")
    add_minute(tenant, 400, 9)
    add_minute(tenant, 6_000, 90)
    with platform_scope():
        found = quotas.use(tenant)
    assert found is not None
    assert (found.quota, found.share, found.is_near) == (10, pytest.approx(0.7), False)


def test_use__without_a_quota__is_none(db: None) -> None:
    with platform_scope():
        assert quotas.use(make_tenant("acme")) is None


def test_page__near_the_quota__says_so(db: None) -> None:
    tenant = make_tenant("acme", quota_per_second=10)
    add_minute(tenant, 480, 5)
    page = text(viewer(tenant), "/tenants/acme")
    assert NEARLY in page
    assert "80% of 10 events a second" in page


def test_page__far_from_the_quota_or_without_one__raises_no_alarm(db: None) -> None:
    tenant, free = make_tenant("acme", quota_per_second=10), make_tenant("globex")
    add_minute(tenant, 479, 5)
    add_minute(free, 10**6, 5)
    page = text(viewer(tenant), "/tenants/acme")
    assert "79.8 %" in page
    assert NEARLY not in page
    assert NEARLY not in text(viewer(free), "/tenants/globex")
    assert "no quota" in text(viewer(free), "/tenants/globex")


def test_page__of_another_tenant__is_not_found(db: None) -> None:
    make_tenant("acme", quota_per_second=10)
    assert viewer(make_tenant("globex")).get("/tenants/acme").status_code == 404


def test_home__with_a_tenant_near_its_quota__says_so_to_who_sees_it_with_a_link(db: None) -> None:
    tenant = make_tenant("acme", quota_per_second=10)
    add_minute(tenant, 480, 5)
    page = text(viewer(tenant), "/")
    assert "A quota is nearly used up" in page
    assert "80% of 10 events a second" in page
    assert 'href="/tenants/acme"' in page
    assert "A quota is nearly used up" not in text(viewer(make_tenant("globex")), "/")


def test_troubles__of_quotas__are_tenants_that_used_eighty_percent_in_a_minute_of_the_last_hour(db: None) -> None:
    near, over, far = (make_tenant(slug, quota_per_second=10) for slug in ("near", "over", "far"))
    before, none = make_tenant("before", quota_per_second=10), make_tenant("none", quota_per_second=0)
    for tenant, events, ago in ((near, 480, 9), (near, 10, 1), (over, 900, 5), (far, 479, 5), (before, 600, 70)):
        add_minute(tenant, events, ago)
    for tenant in (make_tenant("free"), none):
        add_minute(tenant, 10**6, 5)
    assert near_quotas() == [("quota", "near", "Near", 10, 0.8), ("quota", "over", "Over", 10, 1.5)]


def test_home__near_quotas_of_the_day__says_so_with_links_to_who_sees_the_tenant(db: None) -> None:
    tenant = limited("acme", 1_000)
    add_day(tenant, 850, quota_per_day=900)
    page = text(viewer(tenant), "/")
    assert "A quota is nearly used up" in page
    assert "85% of 1,000 events a day" in page
    assert 'href="/tenants/acme"' in page
    assert "A key&#x27;s quota is nearly used up" in page
    assert "tests: 94% of 900 events a day" in page
    assert 'href="/tenants/acme/keys"' in page
    assert "quota is nearly used up" not in text(viewer(make_tenant("globex")), "/")


def test_troubles__of_quotas_of_the_day__are_tenants_that_used_eighty_percent_today_with_all_their_keys(
    db: None,
) -> None:
    near, over, far, idle = (limited(slug, 1_000) for slug in ("near", "over", "far", "idle"))
    for tenant, events in ((near, 300), (near, 500), (over, 1_500), (far, 400), (far, 399), (make_tenant(), 10**9)):
        add_day(tenant, events)
    add_day(idle, 1_000, datetime.now(UTC).date() - timedelta(days=1))
    assert near_quotas() == [("quota", "near", "Near", 1_000, 0.8), ("quota", "over", "Over", 1_000, 1.5)]


def test_troubles__of_keys_quotas_of_the_day__are_keys_that_used_eighty_percent_today_and_are_not_over(
    db: None,
) -> None:
    tenant, now = make_tenant("acme"), timezone.now()
    for events, fields in (
        (80, {}), (79, {}), (10**9, {"quota_per_day": None}), (90, {"revoked_at": now}), (90, {"expires_at": now}),
        (95, {"revoked_at": now + timedelta(hours=1), "expires_at": now + timedelta(hours=2)}),
    ):  # fmt: skip
        add_day(tenant, events, **{"quota_per_day": 100, **fields})
    assert near_quotas() == [("key", "acme", "tests", 100, 0.8), ("key", "acme", "tests", 100, 0.95)]


def test_home__with_more_tenants_near_their_quotas__takes_no_more_queries(db: None) -> None:
    counts = []
    client = Client()
    client.force_login(make_person(role=Role.VIEWER), "django.contrib.auth.backends.ModelBackend")
    for _ in range(2):
        add_minute(make_tenant(quota_per_second=10), 600, 5)
        add_day(limited("", 1_000), 900, quota_per_day=1_000)
        text(client, "/")  # what is asked once only is asked
        with CaptureQueriesContext(connection) as asked:
            assert "A quota is nearly used up" in text(client, "/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_metrics__of_tenants_with_a_quota__tell_the_share_that_was_used(client: Client, db: None) -> None:
    near = make_tenant("acme", quota_per_second=10)
    add_minute(near, 300, 5)
    add_minute(near, 480, 9)
    make_tenant("idle", quota_per_second=10)
    assert told(client) == [f'muse_quota_used{{key="",period="second",tenant="{near.pk}"}} 0.8']


def test_metrics__of_quotas_of_the_day__tell_the_tenants_and_the_keys(client: Client, db: None) -> None:
    tenant = limited("acme", 1_000)
    key = add_day(tenant, 300, quota_per_day=400)
    add_day(tenant, 150)
    add_day(make_tenant("free"), 9)
    assert told(client) == [
        f'muse_quota_used{{key="",period="day",tenant="{tenant.pk}"}} 0.45',
        f'muse_quota_used{{key="{key.pk}",period="day",tenant="{tenant.pk}"}} 0.75',
    ]


def test_page__near_the_quota_of_the_day__says_so(db: None) -> None:
    tenant = limited("acme", 1_000)
    for events in (300, 550):
        add_day(tenant, events)
    page = text(viewer(tenant), "/tenants/acme")
    assert "The quota of events a day is nearly used up" in page
    assert "Today 85% of 1,000 events were let in" in page
