"""`manage.py set_password ana@example.com`: a new password for somebody who can be sent no link."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants.management.commands.create_person import typed_password
from tenants.models import Person
from tenants.services import set_password


class Command(BaseCommand):
    help = "Set somebody's password; no admin of the console knows it then, so it is theirs alone again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--password-stdin", action="store_true", help="Read the password from standard input.")

    def handle(self, *, email: str, **options: Any) -> None:
        person = Person.objects.filter(email=email.lower()).first()
        if person is None:
            raise CommandError(f"expected the e-mail address of somebody here, found {email!r}")
        try:
            set_password(person=person, password=typed_password(options["password_stdin"]), actor=None)
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        self.stdout.write(f"The password of {person.email} is set.")
