"""`manage.py guard_releases`: takes back releases that scoring processes cannot load."""

import signal
from threading import Event
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections

from models_app.changes.guard import roll_back_failed
from tenants.origin import Origin, writing

EVERY_SECONDS = 1.0

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Serve the release before again where a scoring process cannot load a new one; looks every second."
    requires_system_checks = ()  # they load the console; `up` and whoever deploys make them once, before this

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="look once, and end")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        stop = Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        log.info("The guard watches what scoring processes say.")
        while not stop.is_set():
            self._look()
            if once or stop.wait(EVERY_SECONDS):
                return

    def _look(self) -> None:
        try:
            with writing(Origin(what="command guard_releases")):  # each look is an act of its own
                roll_back_failed()
        except DatabaseError as error:  # it comes back
            log.warning("the guard cannot look", error=str(error))
            close_old_connections()
