"""A clock that a benchmark sets, for all of the product that runs in this process."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from unittest.mock import patch


class Clock:
    """Tells the time that it was set to."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def microseconds(self) -> int:
        """Since 1970."""
        return round(self.at.timestamp() * 1e6)


@contextmanager
def told_by(clock: Clock) -> Iterator[None]:
    """Have the console's half of the product and its scoring go by this clock; Django is set up by now."""
    from django.utils import timezone

    from scoring.serving import service

    with ExitStack() as stack:
        stack.enter_context(patch.object(timezone, "now", clock.now))
        stack.enter_context(patch.object(service, "_now", clock.microseconds))
        yield
