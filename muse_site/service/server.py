"""Granian, serving in this very process on a socket that others serve on too.

Granian's own master opens a socket for each of its processes: whoever has connected to one that dies is reset, and
nobody listens while the master starts again. Here the socket outlives them all, so what is sent meanwhile waits.
"""

import signal
import threading
from collections.abc import Callable
from typing import Any

from granian._futures import _new_cbscheduler
from granian._granian import SocketHolder, WorkerSignal, WSGIWorker
from granian._loops import loops
from granian.http import HTTP1Settings, HTTP2Settings
from granian.log import LogLevels, configure_logging
from granian.wsgi import _callback_wrapper

from muse_site.service.draining import Application, draining

BACKLOG = 1024
_NO_TLS: tuple[Any, ...] = (False, None, None, None, "tls1.3", None, [], False)


def serve(application: Application, *, socket: int, threads: int, when_ready: Callable[[], None]) -> None:
    """Serve on this listening socket until SIGTERM, SIGINT or SIGHUP; then drain, and return.

    `threads`: how many requests are in the application at once. `when_ready` is called once it serves.
    """
    asked, ended, stop = threading.Event(), threading.Event(), WorkerSignal()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: asked.set())
    stop.add_cb(ended.set)
    _start(application, socket, threads, stop)
    when_ready()
    asked.wait()
    draining.drain(socket)
    stop.set()
    ended.wait()


def _start(application: Application, socket: int, threads: int, stop: WorkerSignal) -> None:
    configure_logging(LogLevels.info, None, True)
    holder: Any = SocketHolder
    loop = loops.get("auto")
    new: Any = WSGIWorker  # whose types are told wrongly
    worker = new(
        1,  # its number
        (None, holder(socket, False, BACKLOG)),
        None,  # nothing is told to a master
        1,  # thread of the event loop
        512,  # threads for its own blocking work
        threads,
        30,  # seconds after which an idle thread ends
        BACKLOG // 2,  # connections
        "auto",  # HTTP/1.1, and HTTP/2 for who begins with it
        HTTP1Settings(),
        HTTP2Settings(),
        None,  # no static files
        *_NO_TLS,
        (None, None),  # no metrics
    )
    callback = _callback_wrapper(draining.around(application), {"url_path_prefix": None})
    worker.serve_mtr(_new_cbscheduler(loop, callback, impl_asyncio=True), loop, stop)
