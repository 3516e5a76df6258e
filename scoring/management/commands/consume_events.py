"""`manage.py consume_events`: the event consumer of this machine."""

import gc
import signal
import socket
from threading import Event
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from scoring import memory

# Events that wait for their commit are many objects, and no rubbish: by default the collector walks through them so
# often that it takes a quarter of the time.
_GC_THRESHOLD = 50_000

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Write the events that the scoring processes of this machine have recorded to the lake, and go on doing so."
    requires_system_checks = ()  # they load the console; `up` and whoever deploys make them once, before this

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--drain", action="store_true", help="end when everything recorded so far is committed")
        parser.add_argument("--finish", action="store_true", help="when asked to end, commit what is recorded before")

    def handle(self, *args: Any, **options: Any) -> None:
        gc.set_threshold(_GC_THRESHOLD)
        memory.choose_allocators()
        from scoring.consumer.consumer import Consumer, only_consumer
        from scoring.consumer.reporter import Reporter

        memory.settle()
        stop = Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        machine = settings.ENV["MUSE_MACHINE_SLOT"] or socket.gethostname()
        reporter = Reporter(machine)
        with only_consumer(settings.SEGMENTS_DIR, stop) as alone:
            if not alone:
                return
            consumer = Consumer(
                settings.SEGMENTS_DIR,
                machine=machine,
                flush_seconds=settings.ENV["MUSE_FLUSH_SECONDS"],
                flush_events=settings.ENV["MUSE_FLUSH_EVENTS"],
                sync=settings.ENV["MUSE_SEGMENT_FSYNC"],
                quarantine_bytes=settings.ENV["MUSE_QUARANTINE_MAX_BYTES"],
                on_commit=reporter.committed,
            )
            thread = reporter.start(consumer, stop)
            log.info("The event consumer follows its lanes.", machine=machine, segments=str(settings.SEGMENTS_DIR))
            consumer.run(stop, drain=options["drain"], finish=options["finish"])
            stop.set()
            thread.join(timeout=10)
            reporter.finish(consumer)
