"""`manage.py erase_tenant acme --asked a@b --agreed c@d`: removes a tenant and everything that is its own, for good."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from scoring.lake.erasing import Answerable, erase_tenant
from tenants.models import Person, Tenant
from tenants.scope import platform_scope


class Command(BaseCommand):
    help = "Erase a tenant: its events, files, keys, intents, transforms and releases. There is no way back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--asked", metavar="EMAIL", required=True, help="of the platform's admin who asked for it")
        parser.add_argument("--agreed", metavar="EMAIL", required=True, help="of another one, who agreed")
        parser.add_argument("--confirm", metavar="SLUG", help="the slug again, for scripts; else it is asked for")
        parser.add_argument("--reason", default="", help="kept in the audit trail")

    def handle(self, *, slug: str, asked: str, agreed: str, confirm: str | None, reason: str, **options: Any) -> None:
        with platform_scope():
            tenant = Tenant.objects.filter(slug=slug).first()
        if tenant is None:
            raise CommandError(f"slug: expected that of a tenant, found {slug!r}")
        people = Answerable(_person("asked", asked), _person("agreed", agreed))
        typed = confirm if confirm is not None else input(f"This erases {tenant.name} for good. Type its slug again: ")
        if typed.strip() != slug:
            raise CommandError(f"Nothing was erased: expected {slug!r}, found {typed!r}")
        try:
            certificate = erase_tenant(tenant=tenant, people=people, reason=reason)
        except ValidationError as error:
            raise CommandError(f"Nothing was erased: {error.message_dict}") from error
        self.stdout.write(f"{slug} is erased. Consumers drop what is still on its way.")
        self.stdout.write(f"The certificate is entry {certificate.pk} of the audit trail.")
        if any(certificate.details["left"].values()):
            self.stderr.write("Some of it came again meanwhile, as the certificate says: look there.")


def _person(option: str, email: str) -> Person:
    person = Person.objects.filter(email__iexact=email).first()
    if person is None:
        raise CommandError(f"--{option}: expected the address of a person, found {email!r}")
    return person
