"""Events a day, by tenant and key: counted over all processes, refused beyond the quota, and anew each day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, OperationalError
from django.test import Client

from scoring.models import KeyDay
from scoring.serving import days as module
from scoring.serving.days import SECONDS, Days
from scoring.serving.process import Serving
from scoring.serving.quotas import Quotas
from tenants.models import ApiKey, Tenant
from tenants.scope import platform_scope
from tests.factories import make_api_key, make_tenant, serve
from tests.scoring.api.test_errors import GOOD, problem, send

NOON = 20_000 * SECONDS + SECONDS / 2


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


def limited(clock: Clock, tenant: int | None, key: int | None) -> Quotas:
    quotas = Quotas(1, clock, Days(clock))
    quotas.set_days({1: tenant}, {11: key})
    return quotas


def test_day__used_up__is_refused_until_midnight_for_an_hour_at_most() -> None:
    clock = Clock()
    quotas = limited(clock, 10, None)
    assert quotas.take(1, 10, 11) == 0.0
    assert quotas.take(1, 1, 12) == 3_600.0
    assert str(quotas.in_the_way(1, 1, 12)) == "The tenant's quota of 10 events a day"
    clock.now = 20_001 * SECONDS - 90
    assert quotas.take(1, 1, 11) == 90.0
    clock.now += 90
    assert quotas.take(1, 10, 11) == 0.0


def test_day__of_a_key__is_its_own_and_a_batch_that_is_too_large_takes_nothing() -> None:
    quotas = limited(Clock(), None, 10)
    assert quotas.take(1, 11, 11) > 0.0
    assert str(quotas.in_the_way(1, 11, 11)) == "The key's quota of 10 events a day"
    assert quotas.take(1, 10, 11) == 0.0
    assert quotas.take(1, 1_000, 12) == 0.0


def test_day__headers__say_the_day_beside_the_second() -> None:
    quotas = limited(Clock(), 1_000, 50)
    quotas.set({1: 5})
    assert quotas.take(1, 2, 11) == 0.0
    policy, left = quotas.headers(1, 11)
    assert policy[1] == '"tenant-second";q=5;w=1, "tenant-day";q=1000;w=86400, "key-day";q=50;w=86400'
    assert left[1].endswith(', "tenant-day";r=998;t=43200, "key-day";r=48;t=43200')


def test_day__set_when_events_were_let_in_already__counts_them() -> None:
    quotas = limited(Clock(), None, None)
    assert quotas.take(1, 10, 11) == 0.0
    quotas.set_days({1: 10})
    assert quotas.take(1, 1, 11) > 0.0


@pytest.fixture
def tenant(db: None) -> Tenant:
    return make_tenant()


@pytest.fixture
def key(tenant: Tenant) -> ApiKey:
    return make_api_key(tenant)[0]


def rows() -> list[tuple[int, int, date, int]]:
    with platform_scope():
        return sorted(KeyDay.objects.values_list("tenant_id", "key_id", "day", "events"))


def test_tell__of_two_processes__each_knows_what_both_let_in(tenant: Tenant, key: ApiKey) -> None:
    clock, other = Clock(), make_api_key(tenant)[0]
    one, two = Days(clock), Days(clock)
    one.note(tenant.pk, key.pk, 3)
    two.note(tenant.pk, other.pk, 4)
    for days in (one, two, one):
        days.tell()
    one.note(tenant.pk, key.pk, 5)
    for days, used in ((one, (12, 8, 4)), (two, (7, 3, 4))):
        assert (days.used_by_tenant(tenant.pk), days.used_by_key(key.pk), days.used_by_key(other.pk)) == used
    one.tell()
    one.tell()
    day = date(2024, 10, 4)
    assert rows() == sorted([(tenant.pk, key.pk, day, 8), (tenant.pk, other.pk, day, 4)])


def test_tell__after_midnight__counts_what_was_before_on_its_day_and_begins_anew(tenant: Tenant, key: ApiKey) -> None:
    clock = Clock()
    days = Days(clock)
    days.note(tenant.pk, key.pk, 3)
    days.tell()
    days.note(tenant.pk, key.pk, 2)
    clock.now += SECONDS
    days.note(tenant.pk, key.pk, 7)
    assert days.used_by_key(key.pk) == 7
    days.tell()
    assert days.used_by_key(key.pk) == days.used_by_tenant(tenant.pk) == 7
    assert [events for *_, events in rows()] == [5, 7]


def test_tell__while_postgres_is_away__goes_on_and_tells_all_once_later(
    tenant: Tenant, key: ApiKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = Days(Clock())
    days.note(tenant.pk, key.pk, 3)
    days.tell()
    days.note(tenant.pk, key.pk, 2)

    def away(day: int) -> None:
        raise OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(module, "_read", away)
        for _ in range(2):
            with pytest.raises(DatabaseError):
                days.tell()
    assert days.used_by_key(key.pk) == 5
    days.tell()
    assert (days.used_by_key(key.pk), rows()[0][-1]) == (5, 5)


def test_tell__of_a_key_that_is_gone__is_left_out(tenant: Tenant, key: ApiKey) -> None:
    days = Days(Clock())
    days.note(tenant.pk, key.pk + 1_000, 3)
    days.note(tenant.pk, 0, 3)
    days.note(tenant.pk, key.pk, 1)
    days.tell()
    assert [events for *_, events in rows()] == [1]


def test_forget__of_days_that_are_over_for_longer_than_events_are_kept__deletes_them_alone(db: None) -> None:
    usual, brief = make_tenant(), make_tenant()
    today = datetime.now(UTC).date()
    with platform_scope():
        Tenant.objects.filter(pk=brief.pk).update(retention_days=2)
        for tenant in (usual, brief):
            key = make_api_key(tenant)[0]
            for days in (0, 1, 4, 9, 12):
                KeyDay.objects.create(tenant=tenant, key=key, day=today - timedelta(days=days), events=5)
    assert module.forget(days=10) == 4
    left = [(tenant, (today - day).days) for tenant, _, day, _ in rows()]
    assert sorted(left) == [(usual.pk, 0), (usual.pk, 1), (usual.pk, 4), (usual.pk, 9), (brief.pk, 0), (brief.pk, 1)]


def test_score__beyond_the_quota_of_the_day__is_429_that_names_it(client: Client, process: Serving) -> None:
    world = serve()
    with platform_scope():
        Tenant.objects.filter(pk=world.tenant.pk).update(quota_per_day=1_000_000)
    of_one, token = make_api_key(world.tenant, quota_per_day=10)
    process.watcher.look()
    assert process.service._quotas.take(world.tenant.pk, 10, of_one.pk) == 0.0
    response = send(client, token, GOOD)
    assert "The key's quota of 10 events a day is used up." in problem(response, 429)["detail"]
    assert 0 < int(response["Retry-After"]) <= 3_600
    assert response["RateLimit-Policy"] == '"tenant-day";q=1000000;w=86400, "key-day";q=10;w=86400'
    assert send(client, world.token, GOOD).status_code == 200
