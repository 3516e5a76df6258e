import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tenants import sessions
from tenants.models import Person
from tests.factories import make_person

pytestmark = pytest.mark.django_db


def test_login__without_a_page_to_go_on_to__leads_to_the_console(client: Client) -> None:
    person = make_person()
    person.set_password("correct horse battery")
    person.save()
    answer = client.post(reverse("admin:login"), {"username": person.email, "password": "correct horse battery"})
    assert answer.status_code == 302
    assert answer["Location"] == reverse("console:home")


@pytest.fixture
def logged_in(client: Client) -> Client:
    client.force_login(make_person(role="admin"), "django.contrib.auth.backends.ModelBackend")
    assert client.get("/").status_code == 200
    return client


def back(client: Client, name: str, minutes: float) -> None:
    """Have the session's time lie so long ago."""
    session = client.session
    session[name] -= 60 * minutes
    session.save()


@pytest.mark.parametrize(
    ("name", "minutes", "status"),
    [(sessions.SEEN, 119, 200), (sessions.SEEN, 121, 302), (sessions.SINCE, 719, 200), (sessions.SINCE, 721, 302)],
)
def test_session__idle_or_old__ends(logged_in: Client, name: str, minutes: float, status: int) -> None:
    back(logged_in, name, minutes)
    assert logged_in.get("/").status_code == status
    assert ("_auth_user_id" in logged_in.session) == (status == 200)


def test_session__of_a_page_that_only_brings_itself_up_to_date__is_idle(logged_in: Client) -> None:
    back(logged_in, sessions.SEEN, 100)
    seen = logged_in.session[sessions.SEEN]
    logged_in.get("/", headers={"HX-Target": "live"})
    assert logged_in.session[sessions.SEEN] == seen
    logged_in.get("/")
    assert logged_in.session[sessions.SEEN] > seen


def test_session__made_before_there_were_limits__begins_now(logged_in: Client) -> None:
    session = logged_in.session
    del session[sessions.SINCE], session[sessions.SEEN]
    session.save()
    assert logged_in.get("/").status_code == 200
    assert sessions.SINCE in logged_in.session


def test_session__of_a_person_who_is_locked__ends(logged_in: Client) -> None:
    Person.objects.update(is_active=False)
    assert logged_in.get("/").status_code == 302


def test_session__after_the_password_is_changed_elsewhere__ends(logged_in: Client) -> None:
    person = Person.objects.get()
    person.set_password("another long password")
    person.save()
    assert logged_in.get("/").status_code == 302


def log_in(client: Client, person: Person, password: str, **more: str) -> HttpResponse:
    return client.post(reverse("admin:login"), {"username": person.email, "password": password, **more})


def test_login__guessed_too_often__is_closed_for_a_while(client: Client) -> None:
    person = make_person()
    for _ in range(10):
        log_in(client, person, "wrong")
    assert log_in(client, person, "password").status_code == 429  # the right one, too
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_login__that_shall_lead_elsewhere__leads_to_the_console(client: Client, goal: str) -> None:
    answer = log_in(client, make_person(), "password", next=goal)
    assert (answer.status_code, answer["Location"]) == (302, reverse("console:home"))


def test_form__without_its_token__is_refused(db: None) -> None:
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    strict.force_login(make_person(role="admin"), "django.contrib.auth.backends.ModelBackend")
    assert strict.post("/account", {"act": "email"}).status_code == 403


def test_cookies__of_a_session__are_kept_from_scripts_and_other_sites(client: Client) -> None:
    log_in(client, make_person(), "password")
    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_login__refused__speaks_of_e_mail_addresses_alone(client: Client) -> None:
    answer = client.post(reverse("admin:login"), {"username": "nobody@example.com", "password": "wrong"})
    page = answer.content.decode()
    assert "The e-mail address or the password is wrong." in page
    assert "Forgotten your password?" in page
    assert "username?" not in page
