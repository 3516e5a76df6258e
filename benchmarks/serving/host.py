"""`python -m benchmarks.serving.host MODULE PORT PROCESSES THREADS`: a service of the product, served as it is there.

The processes share one listening socket. They end with this one.
"""

import signal
import socket
import sys
from importlib import import_module
from multiprocessing import get_context

from muse_site.service.server import serve
from muse_site.supervisor.listening import Sockets


def main(module: str, port: int, processes: int, threads: int) -> None:
    listening = Sockets().on(("127.0.0.1", port))
    context = get_context("spawn")
    children = [
        context.Process(target=_serve, args=(module, listening, threads), daemon=True) for _ in range(processes)
    ]
    for child in children:
        child.start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    signal.pause()


def _serve(module: str, listening: socket.socket, threads: int) -> None:
    serve(import_module(module).served, socket=listening.fileno(), threads=threads, when_ready=lambda is_stuck: None)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
