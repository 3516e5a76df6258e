"""`manage.py create_person ana@example.com --role admin`: somebody who can log in to the console."""

import sys
from getpass import getpass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import add_member, create_person


class Command(BaseCommand):
    help = "Make a person, and give them a role for the platform or for one tenant."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="")
        parser.add_argument("--role", choices=Role.values, help="The role to hold; without one they see nothing.")
        parser.add_argument("--tenant", metavar="SLUG", help="Hold the role for this tenant only.")
        parser.add_argument("--password-stdin", action="store_true", help="Read the password from standard input.")
        parser.add_argument("--no-password", action="store_true", help="For programs: only tokens let this person in.")

    def handle(self, *, email: str, name: str, role: str | None, tenant: str | None, **options: Any) -> None:
        if tenant and not role:
            raise CommandError("--tenant: a role in it is expected too; add --role")
        password = None if options["no_password"] else typed_password(options["password_stdin"])
        try:
            with platform_scope(), transaction.atomic():
                person = create_person(email=email, password=password, name=name, actor=None)
                if role:
                    add_member(person=person, tenant=_tenant(tenant), role=role, actor=None)
        except ValidationError as error:
            raise CommandError("; ".join(_lines(error))) from None
        self.stdout.write(f"{person.email} can log in.")


def typed_password(from_stdin: bool) -> str:
    """As it is asked for at a terminal, twice, or comes from standard input. Raises CommandError."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    try:
        password, again = getpass("Password: "), getpass("The same again: ")
    except EOFError:
        raise CommandError("No terminal to ask for a password at; give --password-stdin or --no-password.") from None
    if again != password:
        raise CommandError("The two passwords differ; nothing was made.")
    return password


def _tenant(slug: str | None) -> Tenant | None:
    if slug is None:
        return None
    found = Tenant.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Tenant.objects.values_list("slug", flat=True)[:10]) or "none yet"
        raise CommandError(f"--tenant: expected the slug of a tenant, found {slug!r}; there are: {known}")
    return found


def _lines(error: ValidationError) -> list[str]:
    if hasattr(error, "error_dict"):
        return [f"{field}: {message}" for field, messages in error.message_dict.items() for message in messages]
    return list(error.messages)
