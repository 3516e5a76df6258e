"""Single sign-on, by a provider that really runs: who comes in by its word, and who does not."""

from collections.abc import Iterator
from typing import Any

import httpx
import oidc_provider_mock
import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from pytest_django import Settings

from tenants import sessions
from tenants.models import AuditEntry, Person
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import make_person
from tests.models_app.sign_in.people import code, is_in, password, with_app
from tests.models_app.sign_in.provider import BACK, START, Provider, asked, begin, between, sign_on

pytestmark = pytest.mark.django_db
UNLINK = "Unlink single sign-on"
EMAIL = "ann@bank.example"


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
        with oidc_provider_mock.run_server_in_thread() as server:
            yield Provider(f"http://localhost:{server.server_port}")


def use(settings: Settings, provider: Provider, **more: object) -> None:
    named = {"MUSE_OIDC_ISSUER": provider.issuer, "MUSE_OIDC_CLIENT_ID": "muse", "MUSE_OIDC_CLIENT_SECRET": "secret"}
    settings.ENV = {**settings.ENV, **named, "MUSE_OIDC_NAME": "Example Bank", **more}


@pytest.fixture
def provider(running: Provider, settings: Settings) -> Provider:
    """The one that MUSE is told of; it knows Ann, whose address it has verified."""
    use(settings, running)
    running.knows("ann", email=EMAIL, email_verified=True)
    return running


def why(answer: Any) -> str:
    """What the page says on which somebody is told that they are not let in."""
    assert answer.status_code == 200, answer.get("Location")
    return str(answer.content.decode())


def acts(person: Person) -> list[tuple[str, str | None]]:
    with platform_scope():
        entries = AuditEntry.objects.filter(subject=person.email).order_by("pk").select_related("person")
        return [(entry.act, entry.person.email if entry.person else None) for entry in entries]


def test_sign_on__of_somebody_known__logs_in_and_links_them_once(provider: Provider) -> None:
    person, client = make_person(EMAIL), Client()
    assert "Sign in with Example Bank" in client.get("/admin/login/").content.decode()
    answer = sign_on(client, provider, "ann", then="/changes")
    assert (answer.status_code, answer["Location"]) == (302, "/changes")
    assert is_in(client)
    assert sessions.SINCE in client.session
    assert [proof["method"] for proof in client.session[sessions.PROOFS]] == ["socialaccount"]
    again = Client()
    assert sign_on(again, provider, "ann")["Location"] == "/"
    assert is_in(again)
    links = SocialAccount.objects.values_list("user", "provider", "uid", "extra_data")
    assert list(links) == [(person.pk, provider.issuer, "ann", {})]
    assert acts(person) == [("link single sign-on", EMAIL)]


def test_request__to_the_provider__has_a_challenge_a_nonce_and_our_address(provider: Provider) -> None:
    said = asked(begin(Client()))
    assert said["redirect_uri"] == f"http://testserver{BACK}"
    assert (said["response_type"], said["client_id"]) == ("code", "muse")
    assert said["code_challenge_method"] == "S256"
    assert set(said["scope"].split()) == {"openid", "profile", "email"}
    assert len(said["nonce"]) == 64


def test_sign_on__of_somebody_unknown__is_refused_and_makes_nobody(provider: Provider) -> None:
    make_person("bob@bank.example")
    client = Client()
    assert f"Nobody here has the address {EMAIL}" in why(sign_on(client, provider, "ann"))
    assert not is_in(client)
    assert [person.email for person in Person.objects.all()] == ["bob@bank.example"]
    assert not SocialAccount.objects.exists()


def test_roles__that_the_provider_tells_of__are_given_to_nobody(provider: Provider) -> None:
    person = make_person(EMAIL)
    provider.knows("ann", email=EMAIL, email_verified=True, name="Root", roles=["admin"], groups=["admin"])
    sign_on(Client(), provider, "ann")
    person.refresh_from_db()
    with platform_scope():
        assert not person.memberships.exists()
    assert person.name != "Root"


@pytest.mark.parametrize(
    ("said", "trusts", "is_let_in"),
    [
        ({"email_verified": False}, False, False),
        ({"email_verified": "false"}, False, False),
        ({"email_verified": False}, True, False),
        ({}, False, False),
        ({}, True, True),
    ],
)
def test_address__that_is_not_verified__is_refused(
    provider: Provider, settings: Settings, said: dict[str, object], trusts: bool, is_let_in: bool
) -> None:
    use(settings, provider, MUSE_OIDC_TRUSTS_EMAIL=trusts)
    make_person(EMAIL)
    provider.knows("ann", email=EMAIL, **said)
    client = Client()
    answer: Any = sign_on(client, provider, "ann")
    assert is_in(client) == is_let_in
    if not is_let_in:
        assert "does not say that your e-mail address is verified" in why(answer)


def test_sign_on__of_somebody_locked__is_refused_linked_or_not(provider: Provider) -> None:
    person = make_person(EMAIL)
    for is_linked in (False, True):
        Person.objects.update(is_active=False)
        assert SocialAccount.objects.exists() == is_linked
        client = Client()
        assert "Your account is locked" in why(sign_on(client, provider, "ann"))
        assert not is_in(client)
        Person.objects.update(is_active=True)
        sign_on(Client(), provider, "ann")
    assert acts(person) == [("link single sign-on", EMAIL)]


def test_subject__once_linked__is_the_same_person_under_any_address(provider: Provider) -> None:
    person, other = make_person(EMAIL), make_person("bob@bank.example")
    sign_on(Client(), provider, "ann")
    provider.knows("ann", email=other.email, email_verified=True)
    client = Client()
    sign_on(client, provider, "ann")
    assert client.session["_auth_user_id"] == str(person.pk)


def test_address__given_to_somebody_else_there__is_refused_until_an_admin_unlinks(provider: Provider) -> None:
    person, admin = make_person(EMAIL), make_person(role=Role.ADMIN)
    sign_on(Client(), provider, "ann")
    provider.knows("another-ann", email=EMAIL, email_verified=True)
    client = Client()
    assert "linked with another account" in why(sign_on(client, provider, "another-ann"))
    assert not is_in(client)
    office = Client()
    office.force_login(admin, "django.contrib.auth.backends.ModelBackend")
    assert office.get("/people").content.decode().count(UNLINK) == 2  # its dialog's title, and the row of who is linked
    assert office.post("/people", {"act": "unlink", "email": EMAIL}).status_code == 302
    assert office.get("/people").content.decode().count(UNLINK) == 1
    assert acts(person)[-1] == ("unlink single sign-on", admin.email)
    sign_on(client, provider, "another-ann")
    assert is_in(client)


def test_unlinking__by_somebody_who_is_no_admin_of_the_platform__is_not_there(provider: Provider) -> None:
    person = make_person(EMAIL)
    client = Client()
    sign_on(client, provider, "ann")
    assert client.post("/people", {"act": "unlink", "email": EMAIL}).status_code in (403, 404)
    assert SocialAccount.objects.filter(user=person).exists()


def test_subject__of_another_issuer__is_somebody_else(provider: Provider) -> None:
    other = make_person("bob@bank.example")
    SocialAccount.objects.create(user=other, provider="https://old.example", uid="ann")
    person, client = make_person(EMAIL), Client()
    sign_on(client, provider, "ann")
    assert client.session["_auth_user_id"] == str(person.pk)


def test_state__of_another_issuer_another_browser_or_used__is_refused(provider: Provider, settings: Settings) -> None:
    make_person(EMAIL)
    client = Client()
    back = provider.agrees(begin(client), "ann")
    assert "begun in another browser" in why(Client().get(back))
    with between(provider, {}) as other:
        use(settings, other)
        assert "begun in another browser" in why(client.get(back))
        use(settings, provider)
    assert is_in(_after(client, back))
    client.logout()
    assert "is done already" in why(client.get(back))
    assert "Begin again" in why(client.get(BACK))


def _after(client: Client, path: str) -> Client:
    client.get(path)
    return client


def test_code__of_another_sign_in__is_refused(provider: Provider) -> None:
    """Though the provider gives it out: this one does not hold codes to their challenge."""
    make_person(EMAIL)
    stolen, victim = provider.agrees(begin(Client()), "ann"), Client()
    state = asked(begin(victim))["state"]
    assert "did not answer as it should" in why(victim.get(BACK, {"code": asked(stolen)["code"], "state": state}))
    assert not is_in(victim)


def test_token__signed_by_another_key__is_refused(provider: Provider, settings: Settings) -> None:
    make_person(EMAIL)

    def forged(_: object) -> object:
        with oidc_provider_mock.run_server_in_thread() as other:
            return httpx.get(f"http://localhost:{other.server_port}/jwks").json()

    for alter, is_let_in in (
        ({}, True),
        ({"/jwks": forged}, False),
        ({"/jwks": lambda said: {"keys": said["keys"] * 2}}, False),
    ):
        with between(provider, alter) as other:  # type: ignore[arg-type]
            SocialAccount.objects.all().delete()
            use(settings, other)
            client = Client()
            sign_on(client, other, "ann")
            assert is_in(client) == is_let_in


@pytest.mark.parametrize(
    ("path", "alter"),
    [
        ("/userinfo", lambda said: said | {"sub": "somebody else"}),
        ("/userinfo", lambda _: []),
        ("/oauth2/token", lambda said: {name: said[name] for name in said if name != "id_token"}),
        ("/oauth2/token", lambda said: said | {"id_token": said["id_token"].rsplit(".", 1)[0] + "."}),
        ("/oauth2/token", lambda _: {"error": "invalid_grant"}),
    ],
)
def test_provider__that_does_not_speak_plainly__lets_nobody_in(
    provider: Provider, settings: Settings, path: str, alter: Any
) -> None:
    make_person(EMAIL)
    with between(provider, {path: alter}) as other:
        use(settings, other)
        client = Client()
        assert "did not answer as it should" in why(sign_on(client, other, "ann"))
        assert not is_in(client)


@pytest.mark.parametrize(
    "alter",
    [lambda said: said | {"issuer": "https://evil.example"}, lambda _: [], lambda said: said | {"jwks_uri": ""}],
)
def test_provider__that_is_another_than_was_named__is_not_asked(
    provider: Provider, settings: Settings, alter: Any
) -> None:
    with between(provider, {"/.well-known/openid-configuration": alter}) as other:
        use(settings, other)
        assert "did not answer as it should" in why(Client().get(START))


def test_provider__that_is_down__is_said_to_be(provider: Provider, settings: Settings) -> None:
    with between(provider, {}) as other:
        pass
    use(settings, other)
    assert "did not answer as it should" in why(Client().get(START))


def test_sign_on__cancelled_there__says_so(provider: Provider) -> None:
    client = Client()
    assert "The sign-in was cancelled" in why(client.get(provider.denies(begin(client))))


def test_sign_on__of_somebody_with_an_app__needs_its_code(provider: Provider) -> None:
    with_app(EMAIL)
    client = Client()
    answer = sign_on(client, provider, "ann", then="/changes")
    assert (answer.status_code, answer["Location"]) == (302, "/second-factor/log-in")
    assert not is_in(client)
    assert client.post("/second-factor/log-in", {"code": code()})["Location"] == "/changes"
    assert is_in(client)


@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_sign_on__that_shall_lead_elsewhere__leads_to_the_console(provider: Provider, goal: str) -> None:
    make_person(EMAIL)
    client = Client()
    assert sign_on(client, provider, "ann", then=goal)["Location"] == "/"
    assert client.get(START, {"next": goal})["Location"] == "/"  # of somebody who is logged in


def test_request__with_parameters_for_the_provider__passes_none_on(provider: Provider) -> None:
    more = {"process": "connect", "scope": "offline_access", "auth_params": "redirect_uri=https://evil.example"}
    there: Any = Client().get(START, more)
    said = asked(there["Location"])
    assert said["redirect_uri"] == f"http://testserver{BACK}"
    assert "offline_access" not in said["scope"]


def test_lock__of_wrong_passwords__holds_for_single_sign_on_and_the_other_way_round(provider: Provider) -> None:
    person = make_person(EMAIL)
    for _ in range(10):
        Client().post("/admin/login/", {"username": person.email, "password": "wrong"})
    client = Client()
    assert "Too many log-ins have failed" in why(sign_on(client, provider, "ann"))
    assert not is_in(client)
    bob = make_person("bob@bank.example")
    provider.knows("bob", email=bob.email, email_verified=False)
    for _ in range(10):
        sign_on(Client(), provider, "bob")
    assert password(Client(), bob).status_code == 429


def test_sign_on__in_a_browser_of_somebody_else__ends_their_session(provider: Provider) -> None:
    person, other, client = make_person(EMAIL), make_person("bob@bank.example"), Client()
    back = provider.agrees(begin(client), "ann")
    password(client, other)
    client.get(back)
    assert client.session["_auth_user_id"] == str(person.pk)


def test_addresses__where_there_is_no_issuer__are_not_there(client: Client) -> None:
    assert [client.get(each).status_code for each in (START, BACK)] == [404, 404]
    assert "Sign in with" not in client.get("/admin/login/").content.decode()
