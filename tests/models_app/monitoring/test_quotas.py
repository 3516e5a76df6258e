"""How near a tenant is to its quota, on its page, before requests are refused for it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from models_app.monitoring import quotas
from scoring.models import MinuteStatistics
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import make_person, make_tenant
from tests.models_app.console.test_home_and_intent import text

NEARLY = "The quota of events a second is nearly used up"


def add_minute(tenant: Tenant, events: int, minutes_ago: int, intent: str = "cards") -> None:
    minute = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=minutes_ago)
    served = {"intent": intent, "release": 1, "predictor": "cards@1", "transform": 1}
    with platform_scope():
        MinuteStatistics.objects.create(tenant=tenant, minute=minute, events=events, **served)


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
