"""Whose log-in was changed gets an e-mail that says how, by whom and from where, and gets it whatever they want."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from models_app.notifications.delivering import deliver
from models_app.notifications.models import Delivery, Notification
from models_app.notifications.password_links import link_of
from models_app.sign_in.links import link, unlink
from muse_site.setting_parsers import mail_server
from tenants.models import Person
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import change_person, create_personal_token, set_password, set_quiet_hours, set_wants_email
from tests.factories import make_person, make_webhook
from tests.models_app.sign_in.people import code, log_in, with_app

pytestmark = pytest.mark.django_db
NEW = "a long new password"


@pytest.fixture(autouse=True)
def _sends_email(settings: Settings) -> None:
    settings.ENV = {**settings.ENV, "MUSE_EMAIL_URL": mail_server("smtp://localhost")}
    settings.ENV |= {"MUSE_CONSOLE_URL": "https://muse.example/"}


def told(person: Person) -> list[str]:
    """The texts of the notifications that wait for somebody, in the order in which they were written."""
    with platform_scope():
        rows = Delivery.objects.filter(person=person).order_by("pk")
        return list(rows.values_list("notification__text", flat=True))


def test_app__set_up_and_removed__is_told_in_one_email_each() -> None:
    person = make_person()
    client = log_in(person, with_code=False)
    found = re.search(r'id="key">(\w+)<', client.get("/second-factor/app").content.decode())
    assert found
    client.post("/second-factor/app", {"code": code(found[1])})
    by = f", by {person}, from 127.0.0.1. If you did not expect this"
    app, codes = told(person)
    assert app.startswith(f"An authenticator app was added{by}")
    assert codes.startswith(f"Recovery codes were added{by}")
    with platform_scope():
        first = Delivery.objects.filter(person=person).earliest("pk")
    assert first.due_at <= timezone.now()
    deliver(first.pk)
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == ([person.email], f"[MUSE] How {person.email} logs in was changed (and 1 more)")
    assert "tell an admin of the platform at once" in sent.body
    assert "https://muse.example/account" in sent.body
    client.post("/second-factor/app/remove", {})
    assert sorted(text.split(",")[0] for text in told(person)[2:]) == [
        "An authenticator app was removed", "Recovery codes were removed",
    ]  # fmt: skip


def test_passkey__added_and_removed__is_told() -> None:
    person = make_person()
    passkey = Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data={"name": "Telephone"})
    passkey.delete()
    assert [text.partition(". ")[0] for text in told(person)] == ["A passkey was added", "A passkey was removed"]


def test_password__set_by_a_link__is_told_with_the_address() -> None:
    person, client = make_person(), Client()
    page = client.get(link_of(person), follow=True).request["PATH_INFO"]
    client.post(page, {"new_password1": NEW, "new_password2": NEW}, REMOTE_ADDR="192.0.2.7")
    (text,) = told(person)
    assert text.startswith(f"The password was set, by {person}, from 192.0.2.7.")


def test_password__set_over_rest__is_told() -> None:
    person = make_person(role=Role.ADMIN)
    token = create_personal_token(person=person, name="tests", actor=None)[1]
    client = Client(headers={"authorization": f"Bearer {token}"})
    answer = client.patch(f"/api/v1/people/{person.pk}", {"password": NEW}, "application/json")
    assert (answer.status_code, len(told(person))) == (200, 1), answer.content


def test_factor__taken_off_by_an_admin__is_told_to_whose_it_was(settings: Settings) -> None:
    settings.ENV = {**settings.ENV, "MUSE_CONSOLE_URL": ""}  # no links are sent
    person, client = with_app(), Client()
    client.force_login(make_person("root@vendor.example", Role.ADMIN), "django.contrib.auth.backends.ModelBackend")
    assert client.post("/people", {"act": "recover", "email": person.email}).status_code == 302
    removed = [text for text in told(person) if "removed" in text]
    assert len(removed) == 2
    assert all("removed, by root@vendor.example, from 127.0.0.1." in text for text in removed)


def test_single_sign_on__linked_and_unlinked__is_told() -> None:
    person = make_person()
    link(person=person, issuer="https://login.example", subject="7")
    unlink(person=person, actor=None)
    assert [text.partition(" If")[0] for text in told(person)] == [
        f"Single sign-on was linked, by {person}.", "Single sign-on was unlinked.",
    ]  # fmt: skip


def test_person__who_wants_no_email_and_has_quiet_hours__is_told_at_once() -> None:
    person = make_person()
    set_wants_email(person=person, wants_email=False, actor=person)
    set_quiet_hours(person=person, quiet_hours="00:00-23:59 UTC", actor=person)
    set_password(person=person, password=NEW, actor=person)
    with platform_scope():
        (row,) = Delivery.objects.filter(person=person)
    assert row.due_at <= timezone.now()
    deliver(row.pk)
    (sent,) = mail.outbox
    assert "whether or not you want its other e-mails" in sent.body
    assert "turns e-mail off" not in sent.body


def test_person__who_is_locked__is_told_nothing() -> None:
    person = make_person()
    change_person(person=person, changes={"is_active": False}, actor=None)
    set_password(person=person, password=NEW, actor=None)
    assert told(person) == []


def test_webhook__of_the_platform__is_told_where_no_email_is_sent(settings: Settings) -> None:
    settings.ENV = {**settings.ENV, "MUSE_EMAIL_URL": None}
    person = make_person()
    set_password(person=person, password=NEW, actor=person)
    with platform_scope():
        assert not Notification.objects.exists()
        webhook = make_webhook(events=["person.log_in_changed"])
        set_password(person=person, password=f"{NEW} 2", actor=person)
        (row,) = Delivery.objects.all()
        assert (row.webhook, row.notification.data["person"]) == (webhook, person.email)
        assert row.notification.data["act"] == "set password"
        assert NEW not in f"{row.notification.title}{row.notification.text}{row.notification.data}"
