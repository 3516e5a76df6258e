"""`manage.py erase_events acme card 4711`: removes the recorded events of one person, card or account, for good."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from scoring.lake.delta import Failure
from scoring.lake.erasing_events import erase_events
from tenants.models import Tenant
from tenants.scope import platform_scope


class Command(BaseCommand):
    help = "Erase a tenant's events that have a value of a feature, and their labels. There is no way back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="of the tenant")
        parser.add_argument("feature")
        parser.add_argument("value", nargs="?", help="else it is asked for, and stays out of the shell's history")
        parser.add_argument("--reason", default="", help="kept in the audit trail; the value itself is not")

    def handle(self, *, slug: str, feature: str, value: str | None, reason: str, **options: Any) -> None:
        with platform_scope():
            tenant = Tenant.objects.filter(slug=slug).first()
        if tenant is None:
            raise CommandError(f"slug: expected that of a tenant, found {slug!r}")
        text = value if value is not None else input(f"Value of {feature}: ")
        try:
            erased = erase_events(tenant=tenant, feature=feature, text=text, reason=reason)
        except Failure as error:
            raise CommandError(f"The lake does not answer; run it again. {error}") from error
        self.stdout.write(f"Erased {erased.events:,} events and {erased.labels:,} labels of {slug}.")
        if not erased.all_written:
            self.stderr.write("Events were still on their way to their tables, or in quarantine: run it once more.")
