"""`python -m muse_site.service NAME`: one process of the service of this name, as the supervisor starts it."""

import argparse
import os
from importlib import import_module

from muse_site.service.heartbeat import start_beating
from muse_site.service.server import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m muse_site.service", description=__doc__)
    parser.add_argument("name", help="scoring or console")
    parser.add_argument("--threads", type=int, default=1, help="requests that are worked on at once")
    options = parser.parse_args()
    beats = int(os.environ["SERVICE_BEATS"])
    serve(
        import_module(f"muse_site.wsgi_{options.name}").served,
        socket=int(os.environ["SERVICE_SOCKET"]),
        threads=options.threads,
        when_ready=lambda is_stuck: start_beating(beats, is_stuck),
    )


main()
