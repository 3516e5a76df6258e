"""`manage.py backup FOLDER`: copies everything that cannot be made again, while the product runs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from muse_site.backup.contents import BackupError
from muse_site.backup.making import back_up
from scoring.lake.delta import Failure


class Command(BaseCommand):
    help = "Copies the database, the event tables, model files and samples into a new folder."
    requires_system_checks = ()  # the database may not run yet

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="where to; it must not be there yet")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            back_up(folder.absolute(), self.stdout.write)
        except (BackupError, *Failure) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Backup made: {folder}. It holds people's password hashes and your clients' events.")
