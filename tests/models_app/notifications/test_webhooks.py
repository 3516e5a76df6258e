"""Setting webhooks up, over REST and in the console: who may, what is shown once, and what is refused."""

import pytest
from django.test import Client

from models_app.notifications.delivering import deliver
from models_app.notifications.models import Delivery, Webhook
from models_app.notifications.signature import secret_of
from models_app.notifications.webhooks import MOST
from tenants.models import AuditEntry, Person, Tenant
from tenants.roles import Role
from tenants.scope import platform_scope, tenant_scope
from tenants.services import create_personal_token
from tests.factories import make_delivery, make_person, make_tenant, make_webhook
from tests.receivers import Receiver

pytestmark = pytest.mark.django_db
JSON = "application/json"
NEW = {"url": "https://example.com/hook", "events": ["change.published"]}


def api(person: Person) -> Client:
    token = create_personal_token(person=person, name="tests", actor=None)[1]
    return Client(headers={"authorization": f"Bearer {token}"})


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def tenant(db: None) -> Tenant:
    return make_tenant("acme")


@pytest.fixture
def admin(tenant: Tenant) -> Person:
    return make_person(role=Role.ADMIN, tenant=tenant)


def only_webhook() -> Webhook:
    with platform_scope():
        return Webhook.objects.get()


def test_webhook__created_over_rest__shows_its_secret_once(admin: Person) -> None:
    client = api(admin)
    answer = client.post("/api/v1/tenants/acme/webhooks", NEW, JSON)
    assert answer.status_code == 201
    assert answer.json()["secret"] == secret_of(only_webhook().seed)
    listed = client.get("/api/v1/tenants/acme/webhooks").json()["results"]
    assert [set(each) for each in listed] == [{"id", "url", "events", "is_active", "keeps_quiet_hours", "created_at"}]


def test_webhook__whole_life_over_rest__ends_with_nothing(admin: Person, receiver: Receiver, switched_on: None) -> None:
    client = api(admin)
    body = client.post("/api/v1/tenants/acme/webhooks", {**NEW, "url": receiver.url}, JSON).json()
    at = f"/api/v1/tenants/acme/webhooks/{body['id']}"
    delivery = client.post(f"{at}/test", {}, JSON)
    assert (delivery.status_code, delivery.json()["state"]) == (202, "waiting")
    deliver(delivery.json()["id"])
    assert client.get("/api/v1/tenants/acme/deliveries").json()["results"][0]["state"] == "delivered"
    again = client.post(f"/api/v1/tenants/acme/deliveries/{delivery.json()['id']}/redeliver", {}, JSON)
    assert again.status_code == 202
    deliver(again.json()["id"])
    ids = [headers["webhook-id"] for _, headers, _ in receiver.calls]
    assert len(ids) == 2
    assert ids[0] == ids[1]
    assert client.post(f"{at}/secret", {}, JSON).json()["secret"] != body["secret"]
    assert client.patch(at, {"is_active": False}, JSON).json()["is_active"] is False
    assert client.post(f"{at}/test", {}, JSON).status_code == 409
    assert client.delete(at).status_code == 204
    with platform_scope():
        assert not Delivery.objects.exists()
        acts = set(AuditEntry.objects.filter(act__contains="webhook").values_list("act", flat=True))
    assert acts == {
        "create webhook", "test webhook", "rotate webhook secret", "change webhook", "remove webhook"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"url": "ftp://example.com"}, "url", "https://"),
        ({"url": "https://127.0.0.1/"}, "url", "public internet"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "url", "public internet"),
        ({"url": "https://192.0.0.192/opc/v2/"}, "url", "public internet"),
        ({"url": "https://exa mple.com/"}, "url", "name of a host"),
        ({"url": "https://example.com:99999/"}, "url", "a port from 1 to 65,535"),
        ({"url": f"https://{'a' * 70}.com/"}, "url", "name of a host"),
        ({"url": ""}, "url", "blank"),
        ({"events": []}, "events", "empty"),
        ({"events": ["webhook.test"]}, "events.0", "not a valid choice"),
        ({"colour": "red"}, "colour", "no such field"),
    ],
)
def test_webhook__of_bad_input__says_so_at_its_field(
    admin: Person, changes: dict[str, object], field: str, message: str
) -> None:
    answer = api(admin).post("/api/v1/tenants/acme/webhooks", NEW | changes, JSON)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"].replace("[", ".").replace("]", "") == field
    assert message in error["expected"]


def test_webhooks__beyond_their_number__are_refused(tenant: Tenant, admin: Person) -> None:
    for _ in range(MOST):
        make_webhook(tenant)
    assert api(admin).post("/api/v1/tenants/acme/webhooks", NEW, JSON).status_code == 409


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST, Role.APPROVER])
def test_webhooks__for_other_roles__are_neither_shown_nor_made(tenant: Tenant, role: Role) -> None:
    person = make_person(role=role, tenant=tenant)
    make_webhook(tenant, "https://example.com/secret-path")
    assert api(person).get("/api/v1/tenants/acme/webhooks").status_code == 403
    assert api(person).get("/api/v1/tenants/acme/deliveries").status_code == 403
    assert api(person).post("/api/v1/tenants/acme/webhooks", NEW, JSON).status_code == 403
    page = browser(person).get("/tenants/acme/notifications").content.decode()
    assert "secret-path" not in page
    sent = {"act": "create", **NEW}
    assert browser(person).post("/tenants/acme/notifications", sent).status_code == 403


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST, Role.APPROVER])
def test_platform_webhooks__for_other_platform_roles__are_not_theirs(role: Role) -> None:
    person = make_person(role=role)
    assert api(person).get("/api/v1/webhooks").status_code == 403
    assert browser(person).get("/notifications").status_code == 404


def test_platform_webhook__and_what_it_is_sent__is_not_seen_by_a_tenant(tenant: Tenant, admin: Person) -> None:
    make_delivery(make_webhook(url="https://example.com/of-the-platform"))
    with tenant_scope(tenant.pk):
        assert not Webhook.objects.exists()
        assert not Delivery.objects.exists()
    assert "of-the-platform" not in browser(admin).get("/tenants/acme/notifications").content.decode()
    assert "of-the-platform" in browser(make_person(role=Role.ADMIN)).get("/notifications").content.decode()


def test_console__whole_life_of_a_webhook__goes_by_its_acts(admin: Person) -> None:
    client, at = browser(admin), "/tenants/acme/notifications"
    answer = client.post(at, {"act": "create", **NEW})
    webhook = only_webhook()
    assert secret_of(webhook.seed) in answer.content.decode()
    page = client.get(at).content.decode()
    assert "https://example.com/hook" in page
    assert "whsec_" not in page
    assert client.post(at, {"act": "test", "webhook": webhook.pk}).status_code == 302
    with platform_scope():
        delivery = Delivery.objects.get()
    assert client.post(at, {"act": "redeliver", "delivery": delivery.pk}).status_code == 302
    assert b"whsec_" in client.post(at, {"act": "rotate", "webhook": webhook.pk}).content
    changed = {"act": "change", "webhook": webhook.pk, "url": "https://example.com/other"}
    assert client.post(at, changed).status_code == 302
    assert client.post(at, {**changed, "events": ["fit.failed", "evidence.ready"]}).status_code == 302
    assert only_webhook().url == "https://example.com/other"
    assert only_webhook().events == ["evidence.ready", "fit.failed"]
    assert client.post(at, {"act": "switch", "webhook": webhook.pk, "is_active": "off"}).status_code == 302
    assert not only_webhook().is_active
    assert client.post(at, {"act": "test", "webhook": webhook.pk}).status_code == 409
    assert client.post(at, {"act": "remove", "webhook": webhook.pk}).status_code == 302
    with platform_scope():
        assert not Webhook.objects.exists()


def test_console__bad_url__says_so_at_its_field(admin: Person) -> None:
    sent = {"act": "create", **NEW, "url": "http://169.254.169.254/latest"}
    answer = browser(admin).post("/tenants/acme/notifications", sent)
    assert answer.status_code == 422
    assert "is not on the public internet" in answer.content.decode()


def test_email__turned_off_by_a_person__is_off_on_both_ways(admin: Person) -> None:
    browser(admin).post("/account", {"act": "email"})
    assert api(admin).get("/api/v1/me").json()["wants_email"] is False
    assert api(admin).patch("/api/v1/me", {"wants_email": True}, JSON).json()["wants_email"] is True
    assert api(admin).patch("/api/v1/me", {"role": "admin"}, JSON).status_code == 422
