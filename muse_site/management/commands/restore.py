"""`manage.py restore FOLDER`: brings a backup into an installation that holds nothing yet."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from muse_site.backup.contents import BackupError
from muse_site.backup.restoring import restore
from muse_site.embedded import EmbeddedServiceError
from muse_site.supervisor import AlreadyRunning
from scoring.lake.delta import Failure


class Command(BaseCommand):
    help = "Restores what manage.py backup has copied into an empty database, lake and file storage."
    requires_system_checks = ()  # there are no tables yet

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="a folder that manage.py backup has made")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            manifest = restore(folder.absolute())
        except (BackupError, AlreadyRunning, EmbeddedServiceError, *Failure) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Restored what was there at {manifest.made_at:%Y-%m-%d %H:%M} UTC. Start the product by manage.py up, "
            "which brings the tables up to date; then manage.py verify_audit shows whether the audit trail is whole."
        )
