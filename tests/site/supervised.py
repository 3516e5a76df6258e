"""Run a supervisor over small processes, as a program of its own: `python -m tests.site.supervised CASE FOLDER`."""

import sys
from dataclasses import replace
from pathlib import Path

from muse_site.supervisor import AlreadyRunning, Process, StartFailed, Supervisor
from muse_site.supervisor.health import answers
from muse_site.supervisor.output import Output
from muse_site.supervisor.product import Product
from muse_site.supervisor.supervisor import Timing
from muse_site.supervisor.watchdog import Patience

SLEEP = "import os, time; print('pid', os.getpid(), flush=True); time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEP
FAMILY = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); " + SLEEP
HANGING = """
import http.server, pathlib, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        while pathlib.Path(sys.argv[2]).exists():
            time.sleep(0.1)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
SERVICE = """
import os, pathlib, socket, sys
from muse_site.service.server import Served, serve
from muse_site.service.heartbeat import start_beating
if (broken := pathlib.Path(sys.argv[1], "broken")).exists():
    sys.exit(5)
def application(environ, start_response):
    body = f"{os.getpid()} ".encode() + environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
print("pid", os.getpid(), flush=True)
serve(
    Served(application),
    socket=int(os.environ["SERVICE_SOCKET"]),
    threads=2,
    when_ready=lambda is_stuck: start_beating(int(os.environ["SERVICE_BEATS"]), is_stuck),
)
"""


def python(name: str, code: str, *arguments: str, **options: object) -> Process:
    return Process(name=name, argv=[sys.executable, "-c", code, *arguments], **options)


def case(name: str, folder: Path, arguments: list[str]) -> list[Process]:
    if name == "services":
        services = Product(data_directory=folder, project_directory=folder).processes()[:2]
        return [*services, python("sleeper", SLEEP)]
    if name == "hanging":
        port, flag = arguments
        healthy = lambda: answers("127.0.0.1", int(port), timeout=0.5)  # noqa: E731
        return [python("service", HANGING, port, flag, healthy=healthy, watched=True)]
    if name == "service":
        service = python("service", SERVICE, str(folder), listens=("127.0.0.1", int(arguments[0])), watched=True)
        step = python("step", "import pathlib, sys; sys.exit(pathlib.Path(sys.argv[1], 'wrong').exists())", str(folder))
        return [replace(step, once=True), service, python("other", SLEEP), python("database", SLEEP, renewed=False)]
    return {
        "three": [python("first", SLEEP), python("second", SLEEP, watched=True), python("third", SLEEP)],
        "deaf": [python("deaf", DEAF)],
        "family": [python("family", FAMILY)],
        "failing": [python("first", SLEEP), python("second", "raise SystemExit(3)", once=True), python("third", SLEEP)],
        "dying": [python("dying", "raise SystemExit(4)")],
        "sick": [python("sick", SLEEP, healthy=lambda: False)],
        "stages": [
            python("slow", "import time; time.sleep(1)", once=True, stage="first"),
            python("beside", SLEEP, stage="first"),
            python("later", SLEEP, stage="second"),
        ],
        "once": [python("once", "print('done')", once=True), python("after", SLEEP)],
    }[name]


def main() -> None:
    name, folder, *arguments = sys.argv[1:]
    processes = case(name, Path(folder), arguments)
    output = Output([process.name for process in processes])
    timing = Timing(
        settle=0.2, start=2 if name == "sick" else 30, grace=1 if name == "deaf" else 10, first_delay=0.1, attempts=3
    )
    patience = Patience(interval=0.1, window=4, limit=2)
    try:
        Supervisor(processes, data_directory=Path(folder), output=output, timing=timing, patience=patience).run()
    except (AlreadyRunning, StartFailed) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
