"""`manage.py erase_tenant acme`: removes a tenant and everything that is its own, for good."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from scoring.lake.erasing import erase_tenant
from tenants.models import Tenant
from tenants.scope import platform_scope


class Command(BaseCommand):
    help = "Erase a tenant: its events, files, keys, intents, transforms and releases. There is no way back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--confirm", metavar="SLUG", help="the slug again, for scripts; else it is asked for")
        parser.add_argument("--reason", default="", help="kept in the audit trail")

    def handle(self, *, slug: str, confirm: str | None, reason: str, **options: Any) -> None:
        with platform_scope():
            tenant = Tenant.objects.filter(slug=slug).first()
        if tenant is None:
            raise CommandError(f"slug: expected that of a tenant, found {slug!r}")
        typed = confirm if confirm is not None else input(f"This erases {tenant.name} for good. Type its slug again: ")
        if typed.strip() != slug:
            raise CommandError(f"Nothing was erased: expected {slug!r}, found {typed!r}")
        erase_tenant(tenant=tenant, reason=reason)
        self.stdout.write(f"{slug} is erased. Consumers drop what is still on its way.")
