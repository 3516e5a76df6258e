"""Counts do not pile up for ever."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from models_app.monitoring.rates_over_time import LONGEST
from muse_site.celery import app
from scoring import tasks
from scoring.consumer import forgetting
from scoring.models import DayStatistics, HourStatistics, MinuteStatistics, RefusedRequests
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.factories import make_tenant

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def keep(tenant: Tenant, at: datetime) -> None:
    """One row of each kind."""
    own: dict[str, Any] = {"tenant": tenant, "intent": "card-payments"}
    MinuteStatistics.objects.create(**own, minute=at, release=1, predictor="cards@1", transform=1)
    HourStatistics.objects.create(**own, hour=at, transform=1)
    RefusedRequests.objects.create(**own, hour=at, reason="quota")
    DayStatistics.objects.create(**own, day=at.date(), transform=1)


def test_forget__counts_of_each_kind__deletes_those_beyond_their_horizon_alone() -> None:
    ages = [timedelta(days=59), timedelta(days=61), forgetting.DAYS_KEPT, forgetting.DAYS_KEPT + timedelta(days=1)]
    with platform_scope():
        tenants = [make_tenant("acme"), make_tenant("bolt")]
        for tenant in tenants:
            for age in ages:
                keep(tenant, NOW - age)
    assert forgetting.forget(days=60, now=NOW) == len(tenants) * (3 + 3 + 3 + 1)
    with platform_scope():
        for model, name in ((MinuteStatistics, "minute"), (HourStatistics, "hour"), (RefusedRequests, "hour")):
            assert list(model.objects.values_list(name, flat=True)) == [NOW - ages[0]] * len(tenants)
        days = sorted(DayStatistics.objects.values_list("day", flat=True))
        assert days == sorted((NOW - age).date() for age in ages[:3] for _ in tenants)


def test_forget_counts__by_the_beat__goes_by_the_setting(settings: Settings) -> None:
    settings.ENV = settings.ENV | {"MUSE_STATISTICS_DAYS": 40}
    with platform_scope():
        tenant = make_tenant("acme")
        for days in (39, 41):
            keep(tenant, datetime.now(UTC) - timedelta(days=days))
    assert tasks.forget_counts() == 3
    scheduled = {each["task"] for each in app.conf.beat_schedule.values()}
    assert "scoring.tasks.forget_counts" in scheduled


def test_horizon_of_days__is_as_long_as_alert_rates_are_told() -> None:
    assert max(LONGEST.values()) <= forgetting.DAYS_KEPT
