"""Which request is being answered, or which task done: what lines in the log name it by.

A request's id is what its client has said (`X-Request-Id`), where that is well-formed; else it is made, and only once
somebody wants to know it.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID, uuid4

HEADER = "X-Request-Id"
SAID = "HTTP_X_REQUEST_ID"  # as WSGI has it
MADE = "muse.request_id"  # in the environment: the id that was made for this request before
_WELL_FORMED = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")


class Asked(Protocol):
    """What is being answered or done."""

    def ids(self) -> Mapping[str, str]:
        """What lines in the log name it by. Does not raise."""
        ...


# Set to None rather than reset where nanoseconds count.
current: ContextVar[Asked | None] = ContextVar("asked", default=None)


def ids() -> Mapping[str, str]:
    """What lines in the log name by what they are written for; nothing outside of requests and tasks."""
    asked = current.get()
    return asked.ids() if asked is not None else {}


@contextmanager
def answering(asked: Asked) -> Iterator[None]:
    """Name lines in the log by this."""
    token = current.set(asked)
    try:
        yield
    finally:
        current.reset(token)


def well_formed(text: str) -> str:
    """An id that a client has said; "" where it is none that can be written anywhere as it is."""
    return text if _WELL_FORMED.fullmatch(text) else ""


class Request:
    """A request, by its WSGI environment."""

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._environ = environ

    @cached_property
    def said(self) -> str:
        """The id that its client has said; "" for none."""
        return well_formed(self._environ.get(SAID, ""))

    @cached_property
    def made(self) -> UUID:
        """An id of our own, which no client chooses."""
        made: UUID = self._environ.get(MADE) or uuid4()
        return made

    @property
    def id(self) -> str:
        return self.said or str(self.made)

    def ids(self) -> Mapping[str, str]:
        return {"request_id": self.id}


@dataclass(frozen=True)
class TaskRun:
    """A task that is done. `request_id`: of the request that asked for it; "" for none."""

    task: str
    task_id: str
    request_id: str

    def ids(self) -> Mapping[str, str]:
        own = {"task": self.task, "task_id": self.task_id}
        return own | ({"request_id": self.request_id} if self.request_id else {})
