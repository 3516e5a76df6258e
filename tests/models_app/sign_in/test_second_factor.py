"""Authenticator apps and recovery codes: setting them up, logging in with them, losing them."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from pytest_django import Settings

from models_app.sign_in import factors
from tenants import sessions
from tenants.models import AuditEntry, Person
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import make_person
from tests.models_app.sign_in.people import SECRET, code, is_in, log_in, password, recovery_codes, with_app

pytestmark = pytest.mark.django_db


def acts(person: Person) -> list[tuple[str, str | None]]:
    with platform_scope():
        entries = AuditEntry.objects.filter(subject=person.email).order_by("pk")
        return [(entry.act, entry.person.email if entry.person else None) for entry in entries.select_related("person")]


def test_login__of_somebody_with_an_app__needs_its_code() -> None:
    person, client = with_app(), Client()
    answer = password(client, person, next="/changes")
    assert (answer.status_code, answer["Location"]) == (302, "/second-factor/log-in")
    assert not is_in(client)
    assert "wrong" in client.post("/second-factor/log-in", {"code": "000000"}).content.decode()
    assert not is_in(client)
    answer = client.post("/second-factor/log-in", {"code": code()})
    assert (answer.status_code, answer["Location"]) == (302, "/changes")
    assert is_in(client)
    assert sessions.SINCE in client.session


def test_code__of_an_app__is_taken_once() -> None:
    person = with_app()
    assert is_in(log_in(person))
    other = Client()
    password(other, person)
    assert other.post("/second-factor/log-in", {"code": code()}).status_code == 200
    assert not is_in(other)


def test_recovery_code__in_the_place_of_the_app__logs_in_once() -> None:
    person = with_app()
    first = recovery_codes(person)[0]
    for is_let_in in (True, False):
        client = Client()
        password(client, person)
        client.post("/second-factor/log-in", {"code": first})
        assert is_in(client) == is_let_in
    assert len(recovery_codes(person)) == 9


def test_codes__guessed_too_often__close_the_log_in_for_a_while() -> None:
    person, client = with_app(), Client()
    password(client, person)
    for _ in range(10):
        client.post("/second-factor/log-in", {"code": "000000"})
    client.post("/second-factor/log-in", {"code": code()})
    assert not is_in(client)
    assert password(Client(), person).status_code == 429


def test_second_step__without_the_first__leads_to_the_log_in() -> None:
    answer = Client().get("/second-factor/log-in")
    assert (answer.status_code, answer["Location"]) == (302, "/log-in")


def test_login__of_somebody_locked_between_the_steps__is_refused() -> None:
    person, client = with_app(), Client()
    password(client, person)
    Person.objects.filter(pk=person.pk).update(is_active=False)
    client.post("/second-factor/log-in", {"code": code()})
    assert not is_in(client)


def test_app__set_up__is_kept_encrypted_and_audited_and_asked_for_from_then_on() -> None:
    person = make_person()
    client = log_in(person, with_code=False)
    page = client.get("/second-factor/app").content.decode()
    found = re.search(r'id="key">(\w+)<', page)
    assert found
    secret = found[1]
    assert "wrong" in client.post("/second-factor/app", {"code": "000000"}).content.decode()
    assert client.post("/second-factor/app", {"code": code(secret)})["Location"] == "/second-factor/codes"
    assert recovery_codes(person)[0] in client.get("/second-factor/codes").content.decode()
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept
    assert acts(person) == [("add second factor", person.email)] * 2
    assert not is_in(log_in(person, with_code=False))


def test_set_up__long_after_the_log_in__asks_again_who_it_is() -> None:
    person = make_person()
    client = log_in(person, with_code=False)
    session = client.session
    session[sessions.SINCE] -= 301
    session.save()
    answer = client.get("/second-factor/app")
    assert (answer.status_code, answer["Location"]) == (302, "/log-in/confirm?next=%2Fsecond-factor%2Fapp")
    assert "not your password" in client.post(answer["Location"], {"password": "wrong"}).content.decode()
    assert client.post(answer["Location"], {"password": "password"})["Location"] == "/second-factor/app"
    assert client.get("/second-factor/app").status_code == 200


def test_removal__long_after_the_log_in__takes_the_factor_not_the_password() -> None:
    person = with_app()
    client = log_in(person)
    session = client.session
    session[sessions.SINCE] -= 301
    session.save()
    assert client.get("/second-factor/app/remove")["Location"].startswith("/second-factor/confirm?")
    assert client.post("/log-in/confirm", {"password": "password"})["Location"].startswith("/second-factor/confirm")
    answer = client.post("/second-factor/confirm?next=/second-factor/app/remove", {"code": recovery_codes(person)[0]})
    assert answer["Location"] == "/second-factor/app/remove"
    assert client.post("/second-factor/app/remove", {}).status_code == 302
    assert not Authenticator.objects.exists()
    assert [act for act, _ in acts(person)][-2:] == ["remove second factor"] * 2


def test_account_page__leads_to_second_factors() -> None:
    assert 'href="/second-factor"' in log_in(make_person(), with_code=False).get("/account").content.decode()


@pytest.fixture
def _sends_links(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    urls = {"MUSE_EMAIL_URL": "smtp://localhost", "MUSE_CONSOLE_URL": "https://muse.example/"}
    settings.ENV = {**settings.ENV, **urls}
    monkeypatch.setattr(factors, "send_after_commit", lambda task, *args: factors.deliver_recovery_link(*args))


def recover(admin: Person, person: Person) -> int:
    client = Client()
    client.force_login(admin, "django.contrib.auth.backends.ModelBackend")
    return client.post("/people", {"act": "recover", "email": person.email}).status_code


def test_people__with_and_without_a_second_factor__offer_recovery_where_there_is_one() -> None:
    admin = make_person("admin@vendor.example", role=Role.ADMIN)
    client = Client()
    client.force_login(admin, "django.contrib.auth.backends.ModelBackend")
    assert "Recover second factor" not in client.get("/people").content.decode()
    with_app()
    assert client.get("/people").content.decode().count("Recover second factor") == 1


@pytest.mark.usefixtures("_sends_links")
def test_lost_factor__recovered_by_an_admins_link__takes_the_password_too() -> None:
    person, admin = with_app(), make_person("admin@vendor.example", role=Role.ADMIN)
    assert recover(admin, person) == 302
    assert mail.outbox[-1].to == [person.email]
    found = re.search(r"https://muse\.example(/\S+)", mail.outbox[-1].body)
    assert found
    client, path = Client(), found[1]
    assert "not your password" in client.post(path, {"password": "wrong"}).content.decode()
    assert Authenticator.objects.exists()
    assert client.post(path, {"password": "password"}).status_code == 302
    assert not Authenticator.objects.exists()
    assert "does not hold any more" in client.get(path).content.decode()
    assert ("recover second factor", admin.email) in acts(person)
    assert is_in(log_in(person, with_code=False))


@pytest.mark.usefixtures("_sends_links")
def test_recovery_link__old_or_of_factors_that_are_others_by_now__does_not_hold(settings: Settings) -> None:
    person = with_app()
    token = factors.token_of(person)
    assert factors.whose(token) == person
    assert factors.whose(token + "x") is None
    Authenticator.objects.all().delete()
    assert factors.whose(token) is None
    assert factors.whose(factors.token_of(person)) is None


def test_lost_factor__of_ones_own__takes_another_admin() -> None:
    admin = with_app(role=Role.ADMIN)
    assert recover(admin, admin) == 403
    assert Authenticator.objects.exists()


def test_lost_factor__where_no_e_mail_is_sent__is_taken_off_by_the_admin() -> None:
    person, admin = with_app(), make_person(role=Role.ADMIN)
    assert recover(admin, person) == 302
    assert not Authenticator.objects.exists()
    assert ("recover second factor", admin.email) in acts(person)


def test_lost_factor__of_somebody_without_one__is_a_conflict() -> None:
    assert recover(make_person(role=Role.ADMIN), make_person()) in (302, 409)


def test_secret__of_an_app__comes_back_from_the_database() -> None:
    person = with_app()
    assert SECRET not in str(Authenticator.objects.get(user=person, type="totp").data)
