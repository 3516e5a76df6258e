"""`manage.py up`: the whole product on this machine, in one terminal."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from muse_site.embedded import EmbeddedServiceError
from muse_site.supervisor import AlreadyRunning, Process, StartFailed, Supervisor
from muse_site.supervisor.output import Output
from muse_site.supervisor.product import Product


class Command(BaseCommand):
    help = "Starts databases, migrations, services and workers; restarts what dies; Ctrl-C stops all."
    requires_system_checks = ()  # the database is not there yet

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", default="", metavar="NAME,NAME", help="start these processes only")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            processes = _chosen(_product().processes(), options["only"])
            output = Output([process.name for process in processes])
            Supervisor(processes, data_directory=settings.DATA_DIR, output=output).run()
        except (AlreadyRunning, StartFailed, EmbeddedServiceError) as error:
            raise CommandError(str(error)) from error


def _product() -> Product:
    env = settings.ENV
    return Product(
        data_directory=settings.DATA_DIR,
        project_directory=settings.BASE_DIR,
        database_url=env["DATABASE_URL"],
        database_owner_url=env["DATABASE_OWNER_URL"],
        redis_url=env["REDIS_URL"],
        host=env["MUSE_HOST"],
        scoring_port=env["MUSE_SCORING_PORT"],
        console_port=env["MUSE_CONSOLE_PORT"],
        scoring_workers=env["MUSE_SCORING_WORKERS"],
        console_workers=env["MUSE_CONSOLE_WORKERS"],
        celery_concurrency=env["MUSE_CELERY_CONCURRENCY"],
    )


def _chosen(processes: list[Process], only: str) -> list[Process]:
    """The processes named, in their order.

    Raises:
        CommandError: a name is none of theirs.
    """
    wanted = {name.strip() for name in only.split(",") if name.strip()}
    known = list(dict.fromkeys(process.group or process.name for process in processes))
    if unknown := sorted(wanted - set(known)):
        raise CommandError(f"--only: expected names among {', '.join(known)}; found {', '.join(unknown)}")
    return [process for process in processes if not wanted or (process.group or process.name) in wanted]
