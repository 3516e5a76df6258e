"""The server: connections from a socket that others serve on too, in one thread, and the application in several.

A process that dies takes only its own connections with it: the socket outlives it, and what is sent meanwhile waits.
"""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import uvloop
from uvicorn.config import Config

from muse_site.service.connection import IDLE_SECONDS, Connection, State
from muse_site.service.draining import LONGEST, draining
from muse_site.service.heads import Heads, Lane
from muse_site.service.priority import come_soon
from muse_site.service.threads import SMALL, Application, InThreads, Shed, TakenIn
from scoring.serving.stuck import Stuck

MOST_CONNECTIONS = 512  # at once; who comes then is taken by another process, or waits
IsStuck = Callable[[], bool]
_TICK = 0.25
_PAUSE = 0.001  # the least that the event loop's clock knows
_LATE = 1.0
_DRAINING = 0.05


@dataclass(frozen=True)
class Served:
    """A service, as a process serves it.

    `lane`: answers plain requests before the application. `taken_in`, `shed`, `behind`: as InThreads has them.
    `is_stuck`: whether requests are neither answered nor worked on.
    """

    application: Application
    lane: Lane | None = None
    taken_in: TakenIn = lambda environ: SMALL
    is_stuck: IsStuck = lambda: False
    shed: Shed = lambda environ: None
    behind: int = 0


def serve(served: Served, *, socket: int, threads: int, when_ready: Callable[[IsStuck], None]) -> None:
    """Serve on this listening socket until SIGTERM, SIGINT or SIGHUP; then drain, and return.

    `threads`: how many requests are in the application at once. `when_ready` is called once it serves, with what tells,
    asked several times a second from one thread, whether the process is stuck.
    """
    uvloop.run(_until_asked(Server(served, socket, threads), when_ready))


async def _until_asked(server: "Server", when_ready: Callable[[IsStuck], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, server.leave)
    await server.run(when_ready)


class Server:
    """All connections of this process."""

    def __init__(self, served: Served, listening: int, threads: int) -> None:
        config = Config(
            InThreads(served.application, threads, served.taken_in, served.shed, served.behind),
            interface="asgi3", lifespan="off", ws="none", http=Connection, timeout_keep_alive=int(IDLE_SECONDS),
            proxy_headers=False, log_config=None, log_level="error", access_log=False,
        )  # fmt: skip
        config.load()
        self._state = State()
        heads = Heads(served.lane) if served.lane is not None else None
        self._connection = partial(Connection, heads, config=config, server_state=self._state, app_state={})
        self._served = served
        self._listening = socket.socket(fileno=os.dup(listening))
        self._listening.setblocking(False)
        self._asked = asyncio.Event()
        self._takes = False
        self._share = 1  # how many connections are taken at once
        self._taking: set[asyncio.Task[Any]] = set()
        self._ticked = time.monotonic()

    async def run(self, when_ready: Callable[[IsStuck], None]) -> None:
        """Serve until asked to leave, then drain."""
        come_soon()  # this thread answers single events
        ticking = asyncio.get_running_loop().create_task(self._tick())
        loop_is_stuck = Stuck(self._blocked_since).look
        when_ready(lambda: loop_is_stuck() or self._served.is_stuck())
        await self._asked.wait()
        await self._drain()
        ticking.cancel()

    def leave(self) -> None:
        """Have `run` drain and return. To be called in the event loop's thread."""
        self._asked.set()

    def _blocked_since(self) -> float | None:
        """When the event loop was seen last, by the monotonic clock, where that is too long ago; else None."""
        return self._ticked if time.monotonic() - self._ticked > _LATE else None

    async def _tick(self) -> None:
        """Several times a second: show that the loop lives, date answers, close what waits too long, take more."""
        while True:
            self._ticked = now = time.monotonic()
            self._state.tell_time()
            for each in list(self._state.connections):
                each.close_if_overdue(now)
            self._take_while_there_is_room()
            await asyncio.sleep(_TICK)

    def _take_while_there_is_room(self) -> None:
        has_room, loop = self._has_room(), asyncio.get_running_loop()
        if has_room and not self._takes:
            loop.add_reader(self._listening, self._take)
        elif self._takes and not has_room:
            loop.remove_reader(self._listening)
        self._takes = has_room

    def _has_room(self) -> bool:
        return not draining.began and len(self._state.connections) + len(self._taking) < MOST_CONNECTIONS

    def _take(self) -> None:
        """Take one connection, then for a moment none: those that wait behind it are other processes' first.

        Of those that nobody has taken in that moment two are taken, then four, as long as more come.
        """
        loop, share = asyncio.get_running_loop(), self._share
        loop.remove_reader(self._listening)
        self._takes, self._share = False, 1
        try:
            for _ in range(share):
                if not self._has_room():
                    return
                self._take_one()
        except BlockingIOError:  # no more wait, or others were faster
            self._take_while_there_is_room()
        except OSError:  # no more files may be open: with the next tick there may
            return
        else:
            self._share = 2 * share
            loop.call_later(_PAUSE, self._take)

    def _take_one(self) -> None:
        taken, _ = self._listening.accept()
        loop = asyncio.get_running_loop()
        task = loop.create_task(loop.connect_accepted_socket(self._connection, taken))
        self._taking.add(task)
        task.add_done_callback(self._taken)

    def _taken(self, task: asyncio.Task[Any]) -> None:
        self._taking.discard(task)
        task.exception()  # of a client that has gone already there is nothing to say

    async def _drain(self) -> None:
        draining.began = True
        self._take_while_there_is_room()
        for each in self._state.connections:
            each.leave()
        deadline = time.monotonic() + LONGEST
        while self._state.connections or self._taking:
            if time.monotonic() > deadline:
                for each in list(self._state.connections):
                    each.close_if_idle()
            await asyncio.sleep(_DRAINING)
