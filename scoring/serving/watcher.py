"""The thread that keeps a scoring process up to date. Whatever fails in it, it goes on, and so does scoring."""

import logging
import threading
import time

from django.db import connection

from scoring.queue.segments import SegmentWriter
from scoring.serving import metrics
from scoring.serving.listener import ChangeListener
from scoring.serving.loader import Loader
from scoring.serving.presence import Presence
from scoring.serving.state import State

POLL_SECONDS = 1.0
SOON_SECONDS = 0.1  # while a model is being tried
COMPLAIN_SECONDS = 10.0

logger = logging.getLogger(__name__)


class Watcher:
    """Looks when a message comes, and every second. Requests never wait for it."""

    def __init__(self, state: State, loader: Loader, presence: Presence, log: SegmentWriter) -> None:
        self._state = state
        self._loader = loader
        self._presence = presence
        self._log = log
        self._listener = ChangeListener()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)
        self._stopped = False
        self._complained_at = -COMPLAIN_SECONDS

    def load_first(self) -> None:
        """Load before the first request: from Postgres, else from disk. Does not raise."""
        if not self.look():
            self._loader.load_from_disk()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Wait for the thread to end. Nothing needs this but tests: it ends with its process."""
        self._stopped = True
        self._thread.join()

    def look(self) -> bool:
        """Take over what has changed and say so; returns whether Postgres answered. Does not raise."""
        try:
            changed = self._loader.refresh()
            self._presence.say(self._state.held, self._log.lost, now=changed)
            self._presence.note_used_keys()
        except Exception as error:
            self._complain(error)
            connection.close()  # it may be broken; the next look opens another
            return False
        metrics.configuration_read(self._state.held)
        return True

    def _run(self) -> None:
        while not self._stopped:
            try:
                self._listener.wait(SOON_SECONDS if self._loader.waiting else POLL_SECONDS)
                self.look()
                metrics.publish(self._log.lost)
            except Exception:
                logger.exception("The watcher stumbled, and goes on.")
                time.sleep(POLL_SECONDS)
        self._listener.close()
        connection.close()

    def _complain(self, error: Exception) -> None:
        if time.monotonic() - self._complained_at >= COMPLAIN_SECONDS:
            self._complained_at = time.monotonic()
            logger.warning("Nothing new can be learnt now; what is held goes on serving: %s", error)
