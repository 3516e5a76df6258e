import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis
from django.conf import settings as django_settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from tenants import messages, secrets, services
from tenants.models import ApiKey, AuditEntry, Membership, Person, Tenant
from tenants.permissions import may
from tenants.roles import Permission, Role
from tenants.scope import platform_scope
from tests.factories import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _platform_scope(db: None) -> Iterator[None]:
    with platform_scope():
        yield


def last_entry() -> AuditEntry:
    entry = AuditEntry.objects.first()
    assert entry is not None
    return entry


# ---- tenants


def test_create_tenant__by_platform_admin__is_made_and_audited(platform_admin: Person) -> None:
    tenant = services.create_tenant(slug="initech", name="Initech", actor=platform_admin)
    entry = last_entry()
    assert (entry.act, entry.subject, entry.tenant, entry.person) == (
        "create tenant", "initech", tenant, platform_admin
    )  # fmt: skip


@pytest.mark.parametrize("slug", ["Acme", "-a", "a_b", "", "a" * 64, "acme"])
def test_create_tenant__bad_or_taken_slug__is_refused_by_name(acme: Tenant, slug: str) -> None:
    with pytest.raises(ValidationError) as error:
        services.create_tenant(slug=slug, name="Another", actor=None)
    assert set(error.value.message_dict) == {"slug"}


def test_create_tenant__by_tenant_admin__is_not_allowed(acme_admin: Person) -> None:
    with pytest.raises(PermissionDenied):
        services.create_tenant(slug="initech", name="Initech", actor=acme_admin)


def test_change_tenant__quota_by_tenant_admin__is_not_allowed(acme: Tenant, acme_admin: Person) -> None:
    assert services.change_tenant(tenant=acme, changes={"name": "ACME"}, actor=acme_admin).name == "ACME"
    with pytest.raises(PermissionDenied):
        services.change_tenant(tenant=acme, changes={"quota_per_second": 9}, actor=acme_admin)


def test_change_tenant__quota__is_audited_with_before_and_after(acme: Tenant, platform_admin: Person) -> None:
    services.change_tenant(tenant=acme, changes={"quota_per_second": 50}, actor=platform_admin)
    assert last_entry().details == {"before": {"quota_per_second": None}, "after": {"quota_per_second": 50}}


# ---- people


def test_create_person__weak_password__is_refused_by_name() -> None:
    with pytest.raises(ValidationError) as error:
        services.create_person(email="ana@example.com", password="12345", actor=None)
    assert set(error.value.message_dict) == {"password"}


def test_create_person__address_in_other_case__is_the_same_person(acme_admin: Person) -> None:
    with pytest.raises(ValidationError) as error:
        services.create_person(email="Admin@ACME.example", password=None, actor=None)
    assert set(error.value.message_dict) == {"email"}


def test_add_member__again__replaces_the_role(acme: Tenant, acme_viewer: Person) -> None:
    services.add_member(person=acme_viewer, tenant=acme, role=Role.APPROVER, actor=None)
    assert may(acme_viewer, Permission.APPROVE, acme)
    assert Membership.objects.filter(person=acme_viewer).count() == 1


def test_add_member__for_the_platform_by_tenant_admin__is_not_allowed(acme_admin: Person) -> None:
    with pytest.raises(PermissionDenied):
        services.add_member(person=acme_admin, tenant=None, role=Role.ADMIN, actor=acme_admin)


def test_remove_member__last_platform_admin__is_refused(platform_admin: Person) -> None:
    membership = Membership.objects.get(person=platform_admin)
    with pytest.raises(ValidationError, match="last admin"):
        services.remove_member(membership=membership, actor=platform_admin)
    with pytest.raises(ValidationError, match="last admin"):
        services.add_member(person=platform_admin, tenant=None, role=Role.VIEWER, actor=platform_admin)
    with pytest.raises(ValidationError, match="last admin"):
        services.change_person(person=platform_admin, changes={"is_active": False}, actor=platform_admin)
    make_person(role=Role.ADMIN)
    services.remove_member(membership=membership, actor=platform_admin)
    assert not may(Person.objects.get(pk=platform_admin.pk), Permission.VIEW_SHARED)


def test_personal_token__for_somebody_else__is_not_allowed(platform_admin: Person, acme_viewer: Person) -> None:
    with pytest.raises(PermissionDenied):
        services.create_personal_token(person=acme_viewer, name="x", actor=platform_admin)


def test_personal_token__text__is_not_stored(acme_viewer: Person) -> None:
    token, text = services.create_personal_token(person=acme_viewer, name="laptop", actor=acme_viewer)
    parts = secrets.split(text)
    assert parts is not None
    assert parts.kind == secrets.TOKEN
    assert secrets.matches(parts.secret, token.secret_hash)
    assert parts.secret not in str(vars(token)) + str(last_entry().details)


# ---- keys


@pytest.fixture
def key(acme: Tenant) -> ApiKey:
    return services.create_api_key(tenant=acme, name="shop", scopes=["score", "label"], actor=None)[0]


def test_create_api_key__unknown_scope__is_refused(acme: Tenant) -> None:
    for scopes in (["score", "admin"], []):
        with pytest.raises(ValidationError) as error:
            services.create_api_key(tenant=acme, name="x", scopes=scopes, actor=None)
        assert "scopes" in error.value.message_dict


def test_create_api_key__expired_already__is_refused_by_name(acme: Tenant) -> None:
    with pytest.raises(ValidationError) as error:
        services.create_api_key(tenant=acme, name="x", scopes=["score"], expires_at=timezone.now(), actor=None)
    assert set(error.value.message_dict) == {"expires_at"}


def test_create_api_key__audit__holds_no_secret(acme: Tenant) -> None:
    _, text = services.create_api_key(tenant=acme, name="x", scopes=["score"], actor=None)
    entry = last_entry()
    assert text.rpartition("_")[2] not in json.dumps(entry.details) + entry.subject


def test_rotate_api_key__with_overlap__both_live_until_it_is_over(key: ApiKey) -> None:
    new, text = services.rotate_api_key(key=key, overlap=timedelta(hours=1), actor=None)
    key.refresh_from_db()
    assert new.replaces == key
    assert (new.scopes, new.name, new.revoked_at) == (key.scopes, key.name, None)
    assert timezone.now() + timedelta(minutes=59) < key.revoked_at < timezone.now() + timedelta(minutes=61)
    assert text.startswith(f"muse_{new.prefix}_")


def test_rotate_api_key__already_rotated_or_dead__is_refused(key: ApiKey) -> None:
    services.rotate_api_key(key=key, overlap=timedelta(hours=1), actor=None)
    with pytest.raises(ValidationError, match="already replaced"):
        services.rotate_api_key(key=key, overlap=timedelta(hours=1), actor=None)


def test_revoke_api_key__in_its_overlap__ends_now(key: ApiKey) -> None:
    services.rotate_api_key(key=key, overlap=timedelta(hours=1), actor=None)
    assert services.revoke_api_key(key=key, actor=None).revoked_at <= timezone.now()


def test_revoke_api_key__twice__keeps_the_first_time(key: ApiKey) -> None:
    first = services.revoke_api_key(key=key, actor=None).revoked_at
    entries = AuditEntry.objects.count()
    assert services.revoke_api_key(key=key, actor=None).revoked_at == first
    assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize("act", ["create", "rotate", "revoke"])
def test_keys__by_viewer_or_stranger__are_not_allowed(
    key: ApiKey, acme_viewer: Person, globex: Tenant, act: str
) -> None:
    calls = {
        "create": lambda actor: services.create_api_key(tenant=key.tenant, name="x", scopes=["score"], actor=actor),
        "rotate": lambda actor: services.rotate_api_key(key=key, overlap=timedelta(0), actor=actor),
        "revoke": lambda actor: services.revoke_api_key(key=key, actor=actor),
    }
    for actor in (acme_viewer, make_person(role=Role.ADMIN, tenant=globex)):
        with pytest.raises(PermissionDenied):
            calls[act](actor)


# ---- messages


def test_key_change__on_commit__is_announced(
    acme: Tenant, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with redis.Redis.from_url(django_settings.REDIS_URL) as client, client.pubsub() as listener:
        listener.subscribe(messages.CHANNEL)
        assert listener.get_message(timeout=5)["type"] == "subscribe"
        with django_capture_on_commit_callbacks(execute=True):
            services.create_api_key(tenant=acme, name="x", scopes=["score"], actor=None)
        assert json.loads(listener.get_message(timeout=5)["data"]) == {"keys": True}


def test_announce__valkey_away__does_not_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "_client", lambda: redis.Redis.from_url("unix:///nowhere/valkey.sock"))
    messages.announce({"keys": True})
