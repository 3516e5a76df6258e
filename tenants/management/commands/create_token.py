"""`manage.py create_token ana@example.com --name laptop`: prints a personal token for the control plane's API."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from tenants.models import Person
from tenants.services import create_personal_token


class Command(BaseCommand):
    help = "Make a personal token. It is printed this once, alone on standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="made on the command line", help="What it is for.")
        parser.add_argument("--days", type=float, help="Days until it expires; default: never.")

    def handle(self, *, email: str, name: str, days: float | None, **options: Any) -> None:
        person = Person.objects.filter(email=email.lower()).first()
        if person is None:
            raise CommandError(f"email: expected the address of a person, found {email!r}; make one with create_person")
        if days is not None and not 0 < days <= 36_500:
            raise CommandError(f"--days: expected more than 0, at most 36500, found {days}")
        expires_at = timezone.now() + timedelta(days=days) if days is not None else None
        _, text = create_personal_token(person=person, name=name, expires_at=expires_at, actor=None)
        self.stdout.write(text)
