"""`manage.py import_release acme release.yaml --as ana@example.com --title …`: proposes what a document says."""

from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from models_app.changes.importing import import_change
from tenants.models import Person, Tenant
from tenants.refusals import Refusal
from tenants.scope import platform_scope


class Command(BaseCommand):
    help = "Make a change request of a release document (YAML, as a release is exported). Nothing is served by it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="Its name in addresses.")
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="email", required=True, help="Who proposes it, by e-mail address.")
        parser.add_argument("--title", required=True)
        parser.add_argument("--reason", required=True)

    def handle(self, *, tenant: str, file: Path, email: str, title: str, reason: str, **options: Any) -> None:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"file: expected a text that can be read: {error}") from None
        with platform_scope():
            person, of = Person.objects.filter(email=email.lower()).first(), Tenant.objects.filter(slug=tenant).first()
            if person is None or not person.is_active:
                raise CommandError(f"--as: expected the address of a person who may log in, found {email!r}")
            if of is None:
                raise CommandError(f"tenant: there is no tenant {tenant!r}")
            try:
                change = import_change(actor=person, tenant=of, title=title, reason=reason, document=text)
            except (ValidationError, Refusal, PermissionDenied) as error:
                raise CommandError(str(error)) from None
            self.stdout.write(f"change request {change.number} of {of.slug}: a draft, its evidence is being computed")
