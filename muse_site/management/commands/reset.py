"""`manage.py reset`: clears the data folder, with the embedded database in it."""

import shutil
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from muse_site.embedded import Postgres, Valkey, remove_run_directory
from muse_site.supervisor import AlreadyRunning
from muse_site.supervisor.lock import LOCK, exclusive


class Command(BaseCommand):
    help = "Deletes everything that this installation keeps in its data folder. Asks first."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, yes: bool, **options: Any) -> None:
        folder = settings.DATA_DIR
        if not (folder / LOCK).exists():
            self.stdout.write(f"There is nothing to clear: the product has not run on {folder}.")
            return
        if not yes and input(f"Delete all events, models and people in {folder}? [y/N] ").strip().lower() != "y":
            self.stdout.write("Nothing was deleted.")
            return
        try:
            with exclusive(folder / LOCK):
                Postgres(folder).stop()  # one that a killed supervisor has left
                Valkey(folder).stop()
                remove_run_directory(folder)
                shutil.rmtree(folder)
        except AlreadyRunning as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Deleted {folder}. What is in databases and object stores elsewhere is untouched.")
