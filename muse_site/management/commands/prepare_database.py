"""`manage.py prepare_database`: the tables as this version wants them, and a role that is bound by them."""

import gc
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Migrates as the role that owns the tables, then checks the settings and the application's role."
    requires_system_checks = ()  # they ask the database for the tables that are made here

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        # Django makes each table's class anew at each step of a migration, tens of thousands for an empty database: to
        # search them for rubbish takes longer than to make the tables, and this process ends in a moment anyway.
        gc.disable()
        call_command("migrate", database="owner", interactive=False, skip_checks=True, verbosity=verbosity)
        # Above all that the application's role is bound by row-level security: else nothing keeps tenants apart.
        call_command("check", databases=["default"])
