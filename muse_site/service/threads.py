"""A WSGI application behind an asynchronous server: a request gets a thread once its body is there.

So a client that sends slowly holds none. There is a bound to the memory that bodies wait in; beyond it, and of what is
larger than the application wants to be taken in, threads read the rest as it comes. What the application refuses by its
head alone gets none.
"""

import asyncio
import io
import time
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from muse_site.service.environ import Environ, from_scope
from muse_site.service.priority import stand_back
from scoring.serving.admission import ENDED
from scoring.serving.deadline import ARRIVED

MOST_HELD = 256 * 1_048_576  # bytes of bodies, in this process
SMALL = 65_536  # bytes

Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
TakenIn = Callable[[Environ], int]
Shed = Callable[[Environ], tuple[float, Application] | None]
Message = dict[str, Any]
Receive = Callable[[], Coroutine[Any, Any, Message]]
Send = Callable[[Message], Coroutine[Any, Any, None]]


def shed_as(shed: Shed, others: Callable[[Application], Application]) -> Shed:
    """What `shed` refuses, named and traced as `others` has it of all that the application answers."""

    def found(environ: Environ) -> tuple[float, Application] | None:
        refused = shed(environ)
        return refused and (refused[0], others(refused[1]))

    return found


class InThreads:
    """The application as ASGI has it, `threads` requests at once.

    `taken_in`: how many bytes of a request's body are taken in before it gets a thread. `shed`: what answers a request
    without one, and in how many seconds; its body is left where it is. None for all others. `behind`: by how much the
    threads stand back behind that of the event loop, as niceness has it, where there is more to do than processors.
    """

    def __init__(self, application: Application, threads: int, taken_in: TakenIn, shed: Shed, behind: int = 0) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(threads, "request", partial(stand_back, behind))
        self._taken_in = taken_in
        self._shed = shed
        self._held = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        environ, loop, held = from_scope(scope), asyncio.get_running_loop(), 0
        environ.setdefault(ARRIVED, time.monotonic())
        if refused := self._shed(environ):
            await _refuse(*refused, environ, Answer(send, loop))
            return
        body, answer, most = Body(receive, loop), Answer(send, loop), self._taken_in(environ)
        try:
            while body.more and held < most and self._held < MOST_HELD:
                count = await body.take()
                held += count
                self._held += count
            environ["wsgi.input"] = body.as_file()
            await loop.run_in_executor(self._threads, answer.make, self._application, environ)
        except ConnectionError:
            return  # there is nobody to answer any more
        finally:
            self._held -= held
            environ.pop(ENDED, _nothing)()
        await answer.end()


def _nothing() -> None:
    """For requests of which nobody counts that they are over."""


async def _refuse(seconds: float, application: Application, environ: Environ, answer: "Answer") -> None:
    if seconds:
        await asyncio.sleep(seconds)
    answer.make(application, environ)
    await answer.end()


class Body(io.RawIOBase):
    """The body of a request: what was taken in, and then what comes, for which the reading thread waits."""

    def __init__(self, receive: Receive, loop: asyncio.AbstractEventLoop) -> None:
        self.more = True
        self._receive = receive
        self._loop = loop
        self._parts: list[bytes] = []

    async def take(self) -> int:
        """Take in what has come, or what comes next; returns how many bytes. Raises ConnectionError for no more."""
        message = await self._receive()
        if message["type"] != "http.request":
            raise ConnectionResetError("The client has gone before its request was whole.")
        self._parts.append(message["body"])
        self.more = message["more_body"]
        return len(message["body"])

    def as_file(self) -> io.BufferedIOBase:
        """What the application reads from."""
        if self.more:
            return io.BufferedReader(self, SMALL)
        return io.BytesIO(self._parts[0] if len(self._parts) == 1 else b"".join(self._parts))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while self.more and not any(self._parts):
            asyncio.run_coroutine_threadsafe(self.take(), self._loop).result()
        waiting = b"".join(self._parts)
        count = min(len(waiting), len(buffer))
        buffer[:count] = waiting[:count]
        self._parts = [waiting[count:]]
        return count


class Answer:
    """What the application answers. Of several parts each is sent when there is another; one alone goes at the end."""

    def __init__(self, send: Send, loop: asyncio.AbstractEventLoop) -> None:
        self._send = send
        self._loop = loop
        self._start: Message | None = None
        self._part = b""

    def make(self, application: Application, environ: Environ) -> None:
        """In a thread of the request's own: have it answered, but for the last part."""
        parts = application(environ, self._started)
        try:
            for part in filter(None, parts):
                if self._part:
                    asyncio.run_coroutine_threadsafe(self._pass_on(more=True), self._loop).result()
                self._part = part
        finally:
            getattr(parts, "close", lambda: None)()

    async def end(self) -> None:
        """Send what is left."""
        await self._pass_on(more=False)

    def _started(self, status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        named = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self._start = {"type": "http.response.start", "status": int(status[:3]), "headers": named}

    async def _pass_on(self, *, more: bool) -> None:
        if self._start is not None:
            await self._send(self._start)
            self._start = None
        await self._send({"type": "http.response.body", "body": self._part, "more_body": more})
