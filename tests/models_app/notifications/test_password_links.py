"""Passwords that only their owners know: links, whom they go to, how long they hold, and who is not told anything."""

import re

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from models_app.notifications import password_links
from tenants.models import AuditEntry, Person
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import create_personal_token
from tests.factories import make_person

pytestmark = pytest.mark.django_db
NEW = "a long new password"


@pytest.fixture(autouse=True)
def _sends_links(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is a mail server; what a worker would do is done at once."""
    urls = {"MUSE_EMAIL_URL": "smtp://localhost", "MUSE_CONSOLE_URL": "https://muse.example/"}
    settings.ENV = {**settings.ENV, **urls}
    monkeypatch.setattr(password_links, "send_after_commit", lambda task, pk: password_links.deliver_link(pk))


@pytest.fixture
def person(db: None) -> Person:
    return make_person("ana@vendor.example")


def rest(person: Person) -> Client:
    token = create_personal_token(person=person, name="tests", actor=None)[1]
    return Client(headers={"authorization": f"Bearer {token}"})


def link() -> str:
    """The path of the link in the latest e-mail."""
    found = re.search(r"https://muse\.example(/\S+)", mail.outbox[-1].body)
    assert found
    return found[1]


def set_by(path: str, password: str = NEW, **more: str) -> Client:
    client = Client()
    answer = client.get(path, follow=True)
    if "new_password1" in answer.content.decode():
        client.post(answer.request["PATH_INFO"], {"new_password1": password, "new_password2": password, **more})
    return client


def holds(person: Person, password: str) -> bool:
    person.refresh_from_db()
    return person.check_password(password)


def test_link__sent_by_an_admin__sets_a_password_once_and_is_audited(person: Person) -> None:
    admin = rest(make_person(role=Role.ADMIN))
    assert admin.post(f"/api/v1/people/{person.pk}/password-link", {}, "application/json").status_code == 204
    assert mail.outbox[-1].to == [person.email]
    path = link()
    set_by(path)
    assert holds(person, NEW)
    assert "does not hold any more" in Client().get(path, follow=True).content.decode()
    with platform_scope():
        acts = AuditEntry.objects.filter(subject=person.email).order_by("pk").values_list("act", "person__email")
        assert list(acts)[-2:][0][0] == "send password link"
        assert list(acts)[-1] == ("set password", person.email)


def test_link__opened__leaves_the_address_and_is_told_to_nobody_else(person: Person) -> None:
    password_links.send_password_link(person=person, actor=None)
    path = link()
    answer = Client().get(path)
    assert answer.status_code == 302
    assert path.split("/")[-1] not in answer["Location"]


def test_link__after_its_time__does_not_hold(person: Person, settings: Settings) -> None:
    password_links.send_password_link(person=person, actor=None)
    assert settings.PASSWORD_RESET_TIMEOUT == 24 * 3600
    settings.PASSWORD_RESET_TIMEOUT = -1
    set_by(link())
    assert not holds(person, NEW)


def test_link__of_somebody_locked_meanwhile__does_not_hold(person: Person) -> None:
    password_links.send_password_link(person=person, actor=None)
    Person.objects.filter(pk=person.pk).update(is_active=False)
    set_by(link())
    assert not holds(person, NEW)


@pytest.mark.parametrize(("sent", "status"), [({}, 200), ({"end_tokens": "on"}, 401)])
def test_link__with_and_without_the_end_of_tokens__leaves_programs_in_or_shuts_them_out(
    person: Person, sent: dict[str, str], status: int
) -> None:
    program = rest(person)
    password_links.send_password_link(person=person, actor=None)
    set_by(link(), **sent)
    assert holds(person, NEW)
    assert program.get("/api/v1/tokens").status_code == status


def test_link__of_somebody_without_tokens__does_not_speak_of_them(person: Person) -> None:
    for asked in (False, True):
        password_links.send_password_link(person=person, actor=None)
        assert ("End my personal tokens" in Client().get(link(), follow=True).content.decode()) == asked
        rest(person)


def test_link__to_a_weak_password__says_so(person: Person) -> None:
    password_links.send_password_link(person=person, actor=None)
    client = Client()
    path = client.get(link(), follow=True).request["PATH_INFO"]
    answer = client.post(path, {"new_password1": "short", "new_password2": "short"})
    assert "too short" in answer.content.decode()
    assert not holds(person, "short")


def test_password__set_by_another_where_links_are_sent__is_refused(person: Person) -> None:
    admin = rest(make_person(role=Role.ADMIN))
    for answer in (
        admin.patch(f"/api/v1/people/{person.pk}", {"password": NEW}, "application/json"),
        admin.post("/api/v1/people", {"email": "new@example.com", "password": NEW}, "application/json"),
    ):
        assert answer.status_code == 403
        assert "Send them a link" in answer.json()["detail"]
    assert not holds(person, NEW)
    assert not Person.objects.filter(email="new@example.com").exists()


def test_forgotten__asked_by_anybody__sends_to_whose_address_it_is_and_tells_nothing(person: Person) -> None:
    answers = []
    for email in (person.email.upper(), person.email, "nobody@example.com", make_person().email):
        answer = Client().post("/password/forgotten", {"email": email}, follow=True)
        answers.append(re.sub(r'value="\w{64}"', "", answer.content.decode()))
    assert len(set(answers)) == 1
    assert "a link is on its way" in answers[0]
    assert [each.to[0] for each in mail.outbox[:1]] == [person.email]
    assert len(mail.outbox) == 2  # one to each of the two, not two to the first within five minutes


def test_forgotten__of_a_program_s_account__sends_nothing(person: Person) -> None:
    person.set_unusable_password()
    person.save()
    Client().post("/password/forgotten", {"email": person.email})
    assert mail.outbox == []


def test_forgotten__without_a_mail_server__says_whom_to_ask(person: Person, settings: Settings) -> None:
    settings.ENV = {**settings.ENV, "MUSE_EMAIL_URL": None}
    assert "Ask an admin" in Client().get("/password/forgotten").content.decode()
    admin = rest(make_person(role=Role.ADMIN))
    assert admin.post(f"/api/v1/people/{person.pk}/password-link", {}, "application/json").status_code == 409
    assert admin.patch(f"/api/v1/people/{person.pk}", {"password": NEW}, "application/json").status_code == 200


def test_people_page__where_links_are_sent__invites_without_a_password(person: Person) -> None:
    client = Client()
    client.force_login(make_person(role=Role.ADMIN), "django.contrib.auth.backends.ModelBackend")
    assert 'type="password"' not in client.get("/people").content.decode()
    assert client.post("/people", {"act": "add", "email": "new@example.com", "role": ""}).status_code == 302
    assert mail.outbox[-1].to == ["new@example.com"]
    set_by(link())
    assert holds(Person.objects.get(email="new@example.com"), NEW)
    assert client.post("/people", {"act": "link", "email": person.email}).status_code == 302
    assert mail.outbox[-1].to == [person.email]


def test_log_in_page__leads_to_a_forgotten_password() -> None:
    assert 'href="/password/forgotten"' in Client().get("/admin/login/").content.decode()
