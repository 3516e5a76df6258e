"""`manage.py demo`: the whole product with three tenants, their history, two models, and live traffic."""

import os
import signal
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event
from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from muse_site.demo.people import ADMIN, ANALYST, APPROVER, Login, people, token_of
from muse_site.demo.progress import Progress
from muse_site.demo.story import Actor, Story, first_day
from muse_site.demo.traffic import Traffic
from muse_site.demo.training import Trained, train_all
from muse_site.driving.client import ApiError, Console, GaveUp, Json, path_of
from muse_site.driving.running import Product, product, running
from muse_site.driving.two_people import TwoPeople
from muse_site.embedded import EmbeddedServiceError
from muse_site.supervisor import AlreadyRunning
from muse_site.supervisor.lock import LOCK, exclusive

_REPORT_SECONDS = 60.0


class Command(BaseCommand):
    help = "Starts the product with a demonstration in it, and keeps payments coming; Ctrl-C stops all."
    requires_system_checks = ()  # the database is not there yet

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-traffic", action="store_true", help="end when the history is there")

    def handle(self, *args: Any, no_traffic: bool, **options: Any) -> None:
        progress = Progress()
        stop = Event()
        trained = train_all(first_day(datetime.now(UTC)))
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            with _product(progress) as found:
                self._tell(found, trained, progress, stop, traffic=not no_traffic)
        except KeyboardInterrupt:
            progress.say("stopped; `make demo` goes on from here, `make reset` clears it")
        except (ApiError, GaveUp, EmbeddedServiceError, httpx.TransportError) as error:
            raise CommandError(str(error)) from error

    def _tell(
        self,
        found: Product,
        trained: Mapping[str, Future[Trained]],
        progress: Progress,
        stop: Event,
        *,
        traffic: bool,
    ) -> None:
        logins, token = people(), token_of(ADMIN)
        with Console(found.console, token) as console, _two_people(found) as two_people:
            story = Story(console, two_people, found.scoring, progress)
            actors = story.tell(trained)
            proposed = story.propose(actors)
            live = story.live(actors) if traffic else []
            threads = [each.start(stop) for each in live]
            progress.say("ready")
            self.stdout.write(_welcome(found, logins, token, actors, proposed))
            try:
                if live:
                    _watch(live, progress)
            finally:
                stop.set()
                for thread in threads:
                    thread.join(5.0)


@contextmanager
def _two_people(found: Product) -> Iterator[TwoPeople]:
    """Nothing goes live here that somebody has not proposed and somebody else approved."""
    with (
        Console(found.console, token_of(ANALYST)) as author,
        Console(found.console, token_of(APPROVER)) as approver,
    ):
        yield TwoPeople(author, approver)


@contextmanager
def _product(progress: Progress) -> Iterator[Product]:
    """The product of the data folder: the one that runs, which is left running; else a new one."""
    env = settings.ENV
    ports = {"scoring_port": env["MUSE_SCORING_PORT"], "console_port": env["MUSE_CONSOLE_PORT"]}
    if _runs():
        progress.say("the product runs already; it will be left running")
        yield product(**ports)
        return
    log = settings.DATA_DIR / "demo.log"
    progress.say(f"starting the product; what it says is in {log}")
    extra = {"MUSE_FLUSH_SECONDS": os.environ.get("MUSE_FLUSH_SECONDS", "2")}
    with running(settings.DATA_DIR, **ports, log=log, env=extra) as found:
        progress.say("the product runs")
        try:
            yield found
        finally:
            progress.say("stopping the product")


def _runs() -> bool:
    try:
        with exclusive(settings.DATA_DIR / LOCK):
            return False
    except AlreadyRunning:
        return True


def _watch(live: Sequence[Traffic], progress: Progress, seconds: float = _REPORT_SECONDS) -> None:
    """Say every minute how the traffic goes, until interrupted. Raises GaveUp where the product has ended meanwhile."""
    while True:
        time.sleep(seconds)
        if not _runs():
            raise GaveUp("the product has ended; `make demo` starts it again, and goes on from there")
        scored, failed = sum(each.scored for each in live), sum(each.failed for each in live)
        trouble = (
            f"; {failed:,} failed, the last: {next(each.problem for each in live if each.problem)}" if failed else ""
        )
        progress.say(f"{scored:,} live payments scored{trouble}")


def _interrupt(_number: int, _frame: Any) -> None:
    raise KeyboardInterrupt


def _welcome(
    found: Product,
    logins: Sequence[Login],
    token: str,
    actors: Sequence[Actor],
    proposed: Sequence[tuple[Json, Json]],
) -> str:
    people_lines = [
        f"    {login.email:<24} {login.password or '(the password that you have set)':<18} {login.part}"
        for login in logins
    ]
    key_lines = [f"    {actor.slug:<24} {actor.key}" for actor in actors]
    change_lines = [f"    {evidence['verdict']:<24} {found.console}/{path_of(change)}" for change, evidence in proposed]
    return "\n".join(
        [
            "",
            f"  Console        {found.console}/",
            f"  Its REST API   {found.console}/api/v1/docs",
            f"  Scoring API    {found.scoring}/api/v1/docs",
            "",
            "  Log in as",
            *people_lines,
            "",
            "  Change requests for the new model, by their verdicts: look as the analyst, decide as the approver",
            *change_lines,
            "",
            f"  Token of admin@example.com for the console's API\n    {token}",
            "",
            "  Keys of the tenants for the scoring API",
            *key_lines,
            "",
            "  Payments keep coming until Ctrl-C; `make demo` goes on from there, `make reset` clears it.",
            "",
        ]
    )
