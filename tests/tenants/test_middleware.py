"""The scope around each request: what is seen in it, what errors undo, how people and keys are recognised."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template import engines
from django.template.response import SimpleTemplateResponse
from django.test import Client, RequestFactory
from django.urls import path
from django.utils import timezone
from django_scopes.exceptions import ScopeError
from pytest_django import Settings
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tenants.audit_terms import AuditAction
from tenants.caller import current
from tenants.middleware import ScopeMiddleware
from tenants.models import ApiKey, AuditEntry, Person, PersonalToken, Tenant
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import create_personal_token, record
from tests.factories import make_api_key, make_person

pytestmark = pytest.mark.django_db


def seen(request: HttpRequest) -> HttpResponse:
    return HttpResponse(" ".join(Tenant.objects.values_list("slug", flat=True)))


def lazy(request: HttpRequest) -> SimpleTemplateResponse:
    template = engines["django"].from_string("{% for tenant in tenants %}{{ tenant.slug }} {% endfor %}")
    return SimpleTemplateResponse(template, {"tenants": Tenant.objects.all()})


def audited(request: HttpRequest) -> HttpResponse:
    record(actor=current().person, act=AuditAction.CHANGE_TENANT, subject=Tenant(pk=1, slug="middleware"))
    return HttpResponse(status=int(request.GET["status"]))


def broken(request: HttpRequest) -> HttpResponse:
    record(actor=None, act=AuditAction.CHANGE_TENANT, subject=Tenant(pk=1, slug="middleware"))
    raise RuntimeError


class Refusing(APIView):
    def get(self, request: Request) -> Response:
        record(actor=None, act=AuditAction.CHANGE_TENANT, subject=Tenant(pk=1, slug="middleware"))
        raise ValidationError("no")


urlpatterns = [
    path("seen", seen),
    path("lazy", lazy),
    path("audited", audited),
    path("broken", broken),
    path("api/refusing", Refusing.as_view()),
]


@pytest.fixture(autouse=True)
def _addresses(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def bearer(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}


def token_of(person: Person) -> str:
    return create_personal_token(person=person, name="tests", actor=None)[1]


def audited_acts() -> int:
    with platform_scope():
        return AuditEntry.objects.filter(act="change tenant").count()


@pytest.mark.parametrize("page", ["seen", "lazy"])
def test_scope__of_each_caller__shows_their_tenants(client: Client, acme: Tenant, globex: Tenant, page: str) -> None:
    for person, slugs in (
        (make_person(role=Role.VIEWER, tenant=acme), ["acme"]),
        (make_person(role=Role.VIEWER), ["acme", "globex"]),
        (make_person(), []),
    ):
        assert client.get(f"/{page}", headers=bearer(token_of(person))).content.decode().split() == slugs
        client.force_login(person, "django.contrib.auth.backends.ModelBackend")
        assert client.get(f"/{page}").content.decode().split() == slugs
        client.logout()
    assert client.get(f"/{page}", headers=bearer(make_api_key(globex)[1])).content == b"globex" + b" " * (
        page == "lazy"
    )
    assert client.get(f"/{page}").content == b""


def test_scope__after_the_request__is_gone(client: Client, acme: Tenant) -> None:
    client.get("/seen", headers=bearer(token_of(make_person(role=Role.ADMIN))))
    with pytest.raises(ScopeError):
        Tenant.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tenants_tenant")
        assert cursor.fetchone() == (0,)
    assert current().person is None


def test_credentials__wrong_with_a_session__are_not_replaced_by_it(client: Client, acme: Tenant) -> None:
    client.force_login(make_person(role=Role.ADMIN), "django.contrib.auth.backends.ModelBackend")
    assert client.get("/seen", headers=bearer("musep_abc_def")).content == b""


@pytest.mark.parametrize(("status", "kept"), [(200, 1), (302, 1), (400, 0), (404, 0), (422, 0), (500, 0)])
def test_response__with_an_error_status__undoes_what_was_written(client: Client, status: int, kept: int) -> None:
    assert client.get(f"/audited?status={status}").status_code == status
    assert audited_acts() == kept


def test_exceptions__in_views__undo_what_was_written(client: Client, acme: Tenant) -> None:
    assert client.get("/broken").status_code == 500
    answer = client.get("/api/refusing", headers=bearer(token_of(make_person(role=Role.VIEWER, tenant=acme))))
    assert answer.status_code == 422
    assert audited_acts() == 0


def test_audit__in_a_request__has_the_address(client: Client) -> None:
    client.get("/audited?status=200", REMOTE_ADDR="203.0.113.9")
    with platform_scope():
        entry = AuditEntry.objects.get(act="change tenant")
    assert (entry.address, entry.request) == ("203.0.113.9", "GET /audited")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.1", "192.0.2.1"),  # anybody can say so
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", "192.0.2.1"),  # it came around a proxy
        (1, "2001:db8::7", "2001:db8::7"),
        (1, "nonsense", None),
    ],
)
def test_address__behind_proxies__is_what_our_own_proxies_say(
    client: Client, settings: Settings, proxies: int, forwarded: str, address: str | None
) -> None:
    settings.PROXIES = proxies
    client.get("/audited?status=200", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": forwarded})
    with platform_scope():
        assert AuditEntry.objects.get(act="change tenant").address == address


DEAD: dict[str, Callable[[PersonalToken | ApiKey], dict[str, object]]] = {
    "expired": lambda row: {"expires_at": timezone.now()},
    "revoked": lambda row: {"revoked_at": timezone.now()},
    "of another secret": lambda row: {"secret_hash": "0" * 64},
}


@pytest.mark.parametrize("how", DEAD)
@pytest.mark.parametrize("kind", ["token", "key"])
def test_credentials__dead__show_nothing(client: Client, acme: Tenant, how: str, kind: str) -> None:
    person = make_person(role=Role.ADMIN)
    credential = create_personal_token(person=person, name="x", actor=None) if kind == "token" else make_api_key(acme)
    row, text = credential
    assert client.get("/seen", headers=bearer(text)).content == b"acme"
    with platform_scope():
        type(row).objects.filter(pk=row.pk).update(**DEAD[how](row))
    assert client.get("/seen", headers=bearer(text)).content == b""


def test_credentials__in_an_overlap__still_work(client: Client, acme: Tenant) -> None:
    _, text = make_api_key(acme, revoked_at=timezone.now() + timedelta(hours=1))
    assert client.get("/seen", headers=bearer(text)).content == b"acme"


def test_credentials__of_somebody_shut_out__show_nothing(client: Client, acme: Tenant) -> None:
    person = make_person(role=Role.ADMIN)
    text = token_of(person)
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    Person.objects.filter(pk=person.pk).update(is_active=False)
    assert client.get("/seen", headers=bearer(text)).content == client.get("/seen").content == b""


def test_use__of_a_token__is_noted_once_a_minute(client: Client, acme: Tenant) -> None:
    text = token_of(make_person(role=Role.ADMIN))
    client.get("/seen", headers=bearer(text))
    first = PersonalToken.objects.get().last_used_at
    client.get("/seen", headers=bearer(text))
    assert first is not None
    assert PersonalToken.objects.get().last_used_at == first


def test_database_away__answers_503_with_retry_after(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(request: HttpRequest) -> HttpResponseBase:
        raise OperationalError("connection refused to 10.0.0.7")

    monkeypatch.setattr("tenants.middleware.identify", away)
    answer = ScopeMiddleware(seen)(RequestFactory().get("/seen"))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "10.0.0.7" not in answer.content.decode()
