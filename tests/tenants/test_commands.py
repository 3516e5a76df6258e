import io

import pytest
from django.core.management import CommandError, call_command

from tenants import secrets
from tenants.models import Person, PersonalToken, Tenant
from tenants.permissions import roles_of
from tenants.scope import platform_scope
from tenants.selectors import audit_of

pytestmark = pytest.mark.django_db
GOOD = "correct horse battery\n"


def test_create_person__with_role_in_a_tenant__can_log_in(acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(GOOD))
    call_command(
        "create_person", "Ana@Example.com", role="analyst", tenant="acme", password_stdin=True, stdout=io.StringIO()
    )
    person = Person.objects.get(email="ana@example.com")
    assert person.check_password("correct horse battery")
    assert roles_of(person) == {acme.pk: "analyst"}


def test_create_person__for_the_platform__has_its_role(monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("create_person", "robot@example.com", role="admin", no_password=True, stdout=io.StringIO())
    assert roles_of(Person.objects.get(email="robot@example.com")) == {None: "admin"}


def test_create_person__prompted_passwords_differ__makes_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["one long password", "another long password"])
    monkeypatch.setattr("tenants.management.commands.create_person.getpass", lambda prompt: next(answers))
    with pytest.raises(CommandError, match="differ"):
        call_command("create_person", "ana@example.com")
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"role": "viewer", "tenant": "nowhere"}, "found 'nowhere'; there are: acme"),
        ({"tenant": "acme"}, "add --role"),
        ({"email": "no address"}, "email: "),
    ],
)
def test_create_person__bad_input__names_it_and_makes_nobody(
    acme: Tenant, options: dict[str, str], message: str
) -> None:
    email = options.pop("email", "ana@example.com")
    with pytest.raises(CommandError, match=message):
        call_command("create_person", email, no_password=True, **options)
    assert not Person.objects.exists()


def test_set_password__of_somebody__is_noted_as_done_by_no_person(
    acme_viewer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(GOOD))
    call_command("set_password", acme_viewer.email.upper(), password_stdin=True, stdout=io.StringIO())
    acme_viewer.refresh_from_db()
    assert acme_viewer.check_password("correct horse battery")
    with platform_scope():
        assert audit_of(acme_viewer).values_list("act", "person").first() == ("set password", None)


@pytest.mark.parametrize(
    ("email", "text", "message"),
    [("nobody@example.com", "correct horse battery", "nobody@example.com"), ("viewer@acme.example", "1234", "short")],
)
def test_set_password__bad_input__names_it_and_sets_nothing(
    acme_viewer: Person, monkeypatch: pytest.MonkeyPatch, email: str, text: str, message: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    with pytest.raises(CommandError, match=message):
        call_command("set_password", email, password_stdin=True)
    acme_viewer.refresh_from_db()
    assert not acme_viewer.check_password(text)


def test_create_token__prints_a_token_that_is_stored_as_a_hash(acme_viewer: Person) -> None:
    printed = io.StringIO()
    call_command("create_token", "viewer@acme.example", days=3, stdout=printed)
    parts = secrets.split(printed.getvalue().strip())
    assert parts is not None
    assert secrets.matches(parts.secret, PersonalToken.objects.get(prefix=parts.prefix).secret_hash)


@pytest.mark.parametrize(("email", "days"), [("nobody@example.com", None), ("viewer@acme.example", -1)])
def test_create_token__bad_input__is_refused(acme_viewer: Person, email: str, days: float | None) -> None:
    with pytest.raises(CommandError):
        call_command("create_token", email, days=days)
